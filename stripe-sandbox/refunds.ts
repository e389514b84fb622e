import { z } from 'zod';
import { invalidRequest, missingResource } from './api-error.ts';
import type { Context } from './context.ts';
import { endpoint, pathId } from './endpoint.ts';
import { newId, nowSeconds } from './ids.ts';
import { filtered, listPage } from './list-page.ts';
import {
  createdRange,
  expand,
  integer,
  isInRange,
  metadata,
  mergedMetadata,
  oneOf,
  paging,
  text,
} from './parameters.ts';
import { type ChargeRecord, type RefundRecord, idOf } from './records.ts';

export interface RefundRequest {
  readonly charge: ChargeRecord;
  readonly amount: number;
  readonly metadata?: RefundRecord['metadata'];
  readonly reason?: RefundRecord['reason'];
}

/** Gives money of a charge back, at once: the sandbox's banks need no days for it. */
export function refund(
  context: Context,
  { charge, amount, metadata = {}, reason = null }: RefundRequest,
): RefundRecord {
  const left = charge.amount_captured - charge.amount_refunded;
  if (left === 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  }
  if (amount > left || amount < 1) {
    const message = `Refund amount (${String(amount)}) is greater than unrefunded amount on charge (${String(left)})`;
    throw invalidRequest(message, { code: 'amount_too_large', param: 'amount' });
  }
  const made = context.store.refunds.put({
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: newId('txn'),
    charge: charge.id,
    created: nowSeconds(),
    currency: charge.currency,
    metadata,
    payment_intent: idOf(charge.payment_intent),
    reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  });
  const refunded = charge.amount_refunded + amount;
  const after = { ...charge, amount_refunded: refunded, refunded: refunded === charge.amount_captured };
  context.store.charges.put(after);
  context.emit('refund.created', made);
  context.emit('charge.refunded', after, charge);
  return made;
}

export const refundEndpoints = [
  endpoint(
    'POST /v1/refunds',
    'refund',
    z.strictObject({
      amount: integer().optional(),
      charge: text().optional(),
      payment_intent: text().optional(),
      reason: oneOf(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
      metadata: metadata().optional(),
      expand: expand(),
    }),
    (call) => {
      const { amount, charge: chargeId, payment_intent, reason, metadata: given } = call.params;
      const intent = payment_intent === undefined ? undefined : call.store.paymentIntents.get(payment_intent);
      const id = chargeId ?? idOf(intent?.latest_charge) ?? '';
      const charge = call.store.charges.get(id);
      if (charge?.paid !== true) throw missingResource('charge', id, 'charge');
      return refund(call, {
        charge,
        amount: amount ?? charge.amount_captured - charge.amount_refunded,
        metadata: mergedMetadata({}, given),
        reason: reason ?? null,
      });
    },
  ),

  endpoint(
    'GET /v1/refunds',
    'list:refund',
    z.strictObject({
      ...paging,
      created: createdRange(),
      charge: text().optional(),
      payment_intent: text().optional(),
    }),
    ({ store, params }) => {
      const { created, charge, payment_intent } = params;
      const candidates =
        charge === undefined ? store.refunds.newestFirst() : store.refunds.inGroup(charge).toReversed();
      const isWanted = (each: RefundRecord) =>
        (payment_intent === undefined || idOf(each.payment_intent) === payment_intent) &&
        isInRange(each.created, created);
      return listPage(filtered(candidates, isWanted), params, '/v1/refunds', (each) => each);
    },
  ),

  endpoint('GET /v1/refunds/:refund', 'refund', z.strictObject({ expand: expand() }), (call) => {
    const id = pathId(call, 'refund');
    const found = call.store.refunds.get(id);
    if (found === undefined) throw missingResource('refund', id, 'refund');
    return found;
  }),
];
