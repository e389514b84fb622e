import { Refusal } from '../../billing/refusal.ts';

/** Names for Stripe's test payment methods, the same as in scenarios: https://docs.stripe.com/testing */
const CARDS = {
  visa: 'pm_card_visa',
  declined: 'pm_card_visa_chargeDeclined',
  declines_after_attach: 'pm_card_chargeCustomerFail',
  requires_action: 'pm_card_authenticationRequired',
} as const;

export const CARD_NAMES = Object.keys(CARDS).join(', ');

/** Stripe's id of a payment method. @throws Refusal `invalid_request`. */
export function paymentMethodOf(card: string): string {
  if (Object.hasOwn(CARDS, card)) return CARDS[card as keyof typeof CARDS];
  if (card.startsWith('pm_')) return card;
  throw new Refusal({
    code: 'invalid_request',
    message: `card: expected the Stripe id of a payment method (pm_…) or one of ${CARD_NAMES}, found "${card.slice(0, 60)}".`,
    field: 'card',
  });
}
