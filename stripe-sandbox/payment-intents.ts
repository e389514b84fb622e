import { z } from 'zod';
import { ApiError, invalidRequest, missingResource } from './api-error.ts';
import { refuseTooSmall } from './charge-limits.ts';
import { attemptPayment, declineError, newPaymentIntent } from './charging.ts';
import type { Context } from './context.ts';
import { findCustomer, requireOwnCard } from './customers.ts';
import { endpoint, pathId } from './endpoint.ts';
import { nowSeconds } from './ids.ts';
import { filtered, listPage } from './list-page.ts';
import {
  boolean,
  createdRange,
  expand,
  integer,
  isInRange,
  mergedMetadata,
  metadata,
  oneOf,
  paging,
  text,
} from './parameters.ts';
import { type PaymentIntentRecord, idOf } from './records.ts';
import { renderPaymentIntent } from './rendering.ts';

export function findPaymentIntent(context: Pick<Context, 'store'>, id: string): PaymentIntentRecord {
  const intent = context.store.paymentIntents.get(id);
  if (intent === undefined) throw missingResource('payment_intent', id, 'intent');
  return intent;
}

/** Outside an invoice: on-session the customer is sent to authenticate, off-session the same card is declined. */
function confirmed(
  context: Context,
  intent: PaymentIntentRecord,
  methodId: string | null,
  offSession: boolean,
): object {
  if (methodId === null) {
    throw invalidRequest("You cannot confirm this PaymentIntent because it's missing a payment method.", {
      code: 'payment_intent_unexpected_state',
    });
  }
  const customerId = idOf(intent.customer);
  if (customerId !== null) requireOwnCard(context, methodId, customerId);
  const attempt = attemptPayment(context, intent, methodId);
  if (attempt.kind === 'declined') throw declineError(attempt);
  if (attempt.kind === 'requires_action' && offSession) {
    const message = 'Your card was declined. This transaction requires authentication.';
    const failed = context.store.paymentIntents.put({
      ...attempt.intent,
      status: 'requires_payment_method',
      last_payment_error: {
        code: 'authentication_required',
        decline_code: 'authentication_required',
        message,
        type: 'card_error',
      },
    });
    throw new ApiError(402, {
      type: 'card_error',
      code: 'authentication_required',
      decline_code: 'authentication_required',
      message,
      payment_intent: failed,
    });
  }
  return renderPaymentIntent(context, attempt.intent);
}

const createRules = z.strictObject({
  amount: integer(),
  confirm: boolean().optional(),
  currency: z.string().regex(/^[A-Za-z]{3}$/, 'currency'),
  customer: text().optional(),
  description: text(1000).optional(),
  expand: expand(),
  metadata: metadata().optional(),
  off_session: boolean().optional(),
  payment_method: text().optional(),
  payment_method_types: z.array(z.literal('card')).optional(),
  setup_future_usage: oneOf(['off_session', 'on_session']).optional(),
});

export const paymentIntentEndpoints = [
  endpoint('POST /v1/payment_intents', 'payment_intent', createRules, (call) => {
    const { amount, confirm, customer, description, off_session, payment_method, setup_future_usage } = call.params;
    const currency = call.params.currency.toLowerCase();
    refuseTooSmall(amount, currency);
    if (customer !== undefined) findCustomer(call, customer, 'customer');
    const intent: PaymentIntentRecord = {
      ...newPaymentIntent(amount, currency, customer ?? null),
      description: description ?? null,
      metadata: mergedMetadata({}, call.params.metadata),
      payment_method: payment_method ?? null,
      setup_future_usage: setup_future_usage ?? null,
      status: payment_method === undefined ? 'requires_payment_method' : 'requires_confirmation',
    };
    call.store.paymentIntents.put(intent);
    call.emit('payment_intent.created', intent);
    return confirm === true ? confirmed(call, intent, payment_method ?? null, off_session ?? false) : intent;
  }),

  endpoint(
    'GET /v1/payment_intents',
    'list:payment_intent',
    z.strictObject({ ...paging, created: createdRange(), customer: text().optional() }),
    (call) => {
      const { created, customer } = call.params;
      const isWanted = (intent: PaymentIntentRecord) =>
        (customer === undefined || idOf(intent.customer) === customer) && isInRange(intent.created, created);
      const intents = filtered(call.store.paymentIntents.newestFirst(), isWanted);
      return listPage(intents, call.params, '/v1/payment_intents', (intent) => renderPaymentIntent(call, intent));
    },
  ),

  endpoint('GET /v1/payment_intents/:intent', 'payment_intent', z.strictObject({ expand: expand() }), (call) =>
    renderPaymentIntent(call, findPaymentIntent(call, pathId(call, 'intent'))),
  ),

  endpoint(
    'POST /v1/payment_intents/:intent/confirm',
    'payment_intent',
    z.strictObject({ off_session: boolean().optional(), payment_method: text().optional(), expand: expand() }),
    (call) => {
      const intent = findPaymentIntent(call, pathId(call, 'intent'));
      if (intent.status === 'succeeded' || intent.status === 'canceled') throw unexpectedState(intent, 'confirm');
      const methodId = call.params.payment_method ?? idOf(intent.payment_method);
      return confirmed(call, intent, methodId, call.params.off_session ?? false);
    },
  ),

  endpoint(
    'POST /v1/payment_intents/:intent/cancel',
    'payment_intent',
    z.strictObject({
      cancellation_reason: oneOf(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer']).optional(),
      expand: expand(),
    }),
    (call) => {
      const intent = findPaymentIntent(call, pathId(call, 'intent'));
      if (intent.status === 'succeeded' || intent.status === 'canceled') throw unexpectedState(intent, 'cancel');
      const canceled = call.store.paymentIntents.put({
        ...intent,
        canceled_at: nowSeconds(),
        cancellation_reason: call.params.cancellation_reason ?? null,
        status: 'canceled',
      });
      call.emit('payment_intent.canceled', canceled);
      return canceled;
    },
  ),
];

function unexpectedState(intent: PaymentIntentRecord, verb: string): ApiError {
  return invalidRequest(`You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}.`, {
    code: 'payment_intent_unexpected_state',
  });
}
