import { z } from 'zod';
import { invalidRequest, missingResource } from './api-error.ts';
import { attachTo, findPaymentMethod, fromTestCard } from './attachment.ts';
import type { Context } from './context.ts';
import { findCustomer } from './customers.ts';
import { endpoint, pathId } from './endpoint.ts';
import { filtered, listPage } from './list-page.ts';
import { expand, mergedMetadata, metadata, oneOf, paging, text } from './parameters.ts';
import { type PaymentMethodRecord, idOf } from './records.ts';

function cardsOf(context: Context, customerId: string | undefined, type: string | undefined) {
  const isWanted = (method: PaymentMethodRecord) =>
    idOf(method.customer) !== null &&
    (customerId === undefined || idOf(method.customer) === customerId) &&
    (type === undefined || method.type === type);
  return filtered(context.store.paymentMethods.newestFirst(), isWanted);
}

const kind = () => oneOf(['card', 'sepa_debit', 'us_bank_account', 'link']).optional();

export const paymentMethodEndpoints = [
  endpoint(
    'POST /v1/payment_methods',
    'payment_method',
    z.strictObject({
      type: oneOf(['card']),
      // Stripe refuses raw card numbers by default; a test token names the card.
      card: z.strictObject({ token: text() }),
      metadata: metadata().optional(),
      expand: expand(),
    }),
    ({ store, params }) => {
      const method = fromTestCard(params.card.token.replace(/^tok_/, 'pm_card_'));
      if (method === null) throw missingResource('token', params.card.token, 'card[token]');
      return store.paymentMethods.put({ ...method, metadata: mergedMetadata({}, params.metadata) });
    },
  ),

  endpoint(
    'GET /v1/payment_methods',
    'list:payment_method',
    z.strictObject({ ...paging, customer: text().optional(), type: kind() }),
    (call) =>
      listPage(
        cardsOf(call, call.params.customer, call.params.type),
        call.params,
        '/v1/payment_methods',
        (each) => each,
      ),
  ),

  endpoint(
    'GET /v1/customers/:customer/payment_methods',
    'list:payment_method',
    z.strictObject({ ...paging, type: kind() }),
    (call) => {
      const { id } = findCustomer(call, pathId(call, 'customer'), 'customer');
      return listPage(
        cardsOf(call, id, call.params.type),
        call.params,
        `/v1/customers/${id}/payment_methods`,
        (each) => each,
      );
    },
  ),

  endpoint('GET /v1/payment_methods/:payment_method', 'payment_method', z.strictObject({ expand: expand() }), (call) =>
    findPaymentMethod(call, pathId(call, 'payment_method'), 'payment_method'),
  ),

  endpoint(
    'POST /v1/payment_methods/:payment_method',
    'payment_method',
    z.strictObject({ metadata: metadata().optional(), expand: expand() }),
    (call) => {
      const before = findPaymentMethod(call, pathId(call, 'payment_method'), 'payment_method');
      const method = { ...before, metadata: mergedMetadata(before.metadata, call.params.metadata) };
      call.emit('payment_method.updated', method, before);
      return call.store.paymentMethods.put(method);
    },
  ),

  endpoint(
    'POST /v1/payment_methods/:payment_method/attach',
    'payment_method',
    z.strictObject({ customer: text(), expand: expand() }),
    (call) => {
      const customer = findCustomer(call, call.params.customer, 'customer');
      const method = attachTo(call, pathId(call, 'payment_method'), customer.id);
      call.emit('payment_method.attached', method);
      return method;
    },
  ),

  endpoint(
    'POST /v1/payment_methods/:payment_method/detach',
    'payment_method',
    z.strictObject({ expand: expand() }),
    (call) => {
      const before = findPaymentMethod(call, pathId(call, 'payment_method'), 'payment_method');
      const owner = call.store.customers.get(idOf(before.customer) ?? '');
      if (owner === undefined) {
        throw invalidRequest(
          'The payment method you provided is not attached to a customer so detachment is impossible.',
          {
            param: 'payment_method',
          },
        );
      }
      if (idOf(owner.invoice_settings.default_payment_method) === before.id) {
        const invoice_settings = { ...owner.invoice_settings, default_payment_method: null };
        call.store.customers.put({ ...owner, invoice_settings });
      }
      const method = call.store.paymentMethods.put({ ...before, customer: null });
      call.emit('payment_method.detached', method, before);
      return method;
    },
  ),
];
