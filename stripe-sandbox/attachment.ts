import { ApiError, invalidRequest, missingResource } from './api-error.ts';
import type { Context } from './context.ts';
import { newId, nowSeconds } from './ids.ts';
import { type PaymentMethodRecord, idOf } from './records.ts';
import { TEST_CARDS, cardBehind, fingerprintOf } from './test-cards.ts';

/** `pm_card_visa` and its like are templates: each use makes a new payment method. */
export function fromTestCard(testCardId: string): PaymentMethodRecord | null {
  const card = TEST_CARDS[testCardId];
  if (card === undefined) return null;
  return {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      email: null,
      name: null,
      phone: null,
      tax_id: null,
    },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: card.country,
      display_brand: card.brand,
      exp_month: 12,
      exp_year: new Date().getUTCFullYear() + 4,
      fingerprint: fingerprintOf(testCardId),
      funding: 'credit',
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: nowSeconds(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  };
}

export function findPaymentMethod(context: Pick<Context, 'store'>, id: string, param: string): PaymentMethodRecord {
  const method = context.store.paymentMethods.get(id) ?? fromTestCard(id);
  if (method === null) throw missingResource('PaymentMethod', id, param);
  return method;
}

/** Attaches, or throws what the bank says. The caller emits the event once its own objects are stored. */
export function attachTo(context: Context, id: string, customerId: string): PaymentMethodRecord {
  const method = findPaymentMethod(context, id, 'payment_method');
  const owner = idOf(method.customer);
  if (owner === customerId) return method;
  if (owner !== null) {
    throw invalidRequest('The payment method you provided has already been attached to a customer.', {
      param: 'payment_method',
    });
  }
  const outcome = cardBehind(method.card?.fingerprint).onAttach;
  if (outcome.kind === 'declines') {
    const { code, declineCode, message } = outcome;
    throw new ApiError(402, {
      type: 'card_error',
      code,
      ...(code === 'card_declined' || code === 'expired_card' ? { decline_code: declineCode } : {}),
      message,
      payment_method: method,
    });
  }
  return context.store.paymentMethods.put({ ...method, customer: customerId });
}
