import { z } from 'zod';
import { missingResource } from './api-error.ts';
import { endpoint, pathId } from './endpoint.ts';
import { filtered, listPage } from './list-page.ts';
import { createdRange, expand, isInRange, oneOf, paging, text } from './parameters.ts';
import { type ChargeRecord, type InvoicePaymentRecord, idOf } from './records.ts';

/** Charges and invoice payments: written by paying, only read here. */
export const paymentsMadeEndpoints = [
  endpoint(
    'GET /v1/charges',
    'list:charge',
    z.strictObject({
      ...paging,
      created: createdRange(),
      customer: text().optional(),
      payment_intent: text().optional(),
    }),
    ({ store, params }) => {
      const { created, customer, payment_intent } = params;
      const candidates =
        payment_intent === undefined ? store.charges.newestFirst() : store.charges.inGroup(payment_intent).toReversed();
      const isWanted = (charge: ChargeRecord) =>
        (customer === undefined || idOf(charge.customer) === customer) && isInRange(charge.created, created);
      return listPage(filtered(candidates, isWanted), params, '/v1/charges', (charge) => charge);
    },
  ),

  endpoint('GET /v1/charges/:charge', 'charge', z.strictObject({ expand: expand() }), (call) => {
    const id = pathId(call, 'charge');
    const charge = call.store.charges.get(id);
    if (charge === undefined) throw missingResource('charge', id, 'charge');
    return charge;
  }),

  endpoint(
    'GET /v1/invoice_payments',
    'list:invoice_payment',
    z.strictObject({
      ...paging,
      created: createdRange(),
      invoice: text().optional(),
      payment: z.strictObject({ type: oneOf(['payment_intent']), payment_intent: text().optional() }).optional(),
      status: oneOf(['canceled', 'open', 'paid']).optional(),
    }),
    ({ store, params }) => {
      const { created, invoice, payment, status } = params;
      const candidates =
        invoice === undefined
          ? store.invoicePayments.newestFirst()
          : store.invoicePayments.inGroup(invoice).toReversed();
      const isWanted = (each: InvoicePaymentRecord) =>
        (payment?.payment_intent === undefined || idOf(each.payment.payment_intent) === payment.payment_intent) &&
        (status === undefined || each.status === status) &&
        isInRange(each.created, created);
      return listPage(filtered(candidates, isWanted), params, '/v1/invoice_payments', (each) => each);
    },
  ),

  endpoint(
    'GET /v1/invoice_payments/:invoice_payment',
    'invoice_payment',
    z.strictObject({ expand: expand() }),
    (call) => {
      const id = pathId(call, 'invoice_payment');
      const payment = call.store.invoicePayments.get(id);
      if (payment === undefined) throw missingResource('invoice_payment', id, 'invoice_payment');
      return payment;
    },
  ),
];
