import { createHash } from 'node:crypto';

/** What happens to a card: it works, the bank declines, or the bank wants its owner to authenticate. */
export type CardOutcome =
  | { readonly kind: 'succeeds' }
  | { readonly kind: 'declines'; readonly declineCode: string; readonly code: string; readonly message: string }
  | { readonly kind: 'authenticates' };

export interface TestCard {
  readonly brand: 'visa' | 'mastercard' | 'amex';
  readonly last4: string;
  readonly country: string;
  readonly onAttach: CardOutcome;
  readonly onCharge: CardOutcome;
}

const succeeds: CardOutcome = { kind: 'succeeds' };
const authenticates: CardOutcome = { kind: 'authenticates' };

function declines(declineCode: string, message = 'Your card was declined.', code = 'card_declined'): CardOutcome {
  return { kind: 'declines', declineCode, code, message };
}

function working(brand: TestCard['brand'], last4: string, country = 'US'): TestCard {
  return { brand, last4, country, onAttach: succeeds, onCharge: succeeds };
}

/** Stripe checks a card when it is attached, so most declining cards never get as far as a charge. */
function declining(last4: string, outcome: CardOutcome): TestCard {
  return { brand: 'visa', last4, country: 'US', onAttach: outcome, onCharge: outcome };
}

const funds = declines('insufficient_funds', 'Your card has insufficient funds.');
const generic = declines('generic_decline');
const lost = declines('lost_card');
const expired = declines('expired_card', 'Your card has expired.', 'expired_card');
const processing = declines(
  'processing_error',
  'An error occurred while processing your card. Try again in a little bit.',
  'processing_error',
);

/** https://docs.stripe.com/testing: the payment methods that Stripe offers to tests, and what each of them does. */
export const TEST_CARDS: Readonly<Record<string, TestCard>> = {
  pm_card_visa: working('visa', '4242'),
  pm_card_visa_debit: working('visa', '5556'),
  pm_card_mastercard: working('mastercard', '4444'),
  pm_card_amex: working('amex', '8431'),
  pm_card_de: working('visa', '0016', 'DE'),
  // Attaching succeeds, every charge is declined.
  pm_card_chargeCustomerFail: { ...working('visa', '0341'), onCharge: generic },
  pm_card_visa_chargeDeclined: declining('0002', generic),
  pm_card_chargeDeclined: declining('0002', generic),
  pm_card_visa_chargeDeclinedInsufficientFunds: declining('9995', funds),
  pm_card_chargeDeclinedInsufficientFunds: declining('9995', funds),
  pm_card_visa_chargeDeclinedLostCard: declining('9987', lost),
  pm_card_chargeDeclinedExpiredCard: declining('0069', expired),
  pm_card_chargeDeclinedProcessingError: declining('0119', processing),
  // Every charge has to be authenticated, however the card was set up.
  pm_card_authenticationRequired: { ...working('visa', '3184', 'IE'), onCharge: authenticates },
};

/** The fingerprint names the card behind a payment method, as at Stripe: every copy of one card has the same. */
export function fingerprintOf(testCardId: string): string {
  return createHash('sha256').update(testCardId).digest('base64url').replaceAll(/[-_]/g, 'x').slice(0, 16);
}

const BY_FINGERPRINT = new Map(Object.entries(TEST_CARDS).map(([id, card]) => [fingerprintOf(id), card]));

export function cardBehind(fingerprint: string | null | undefined): TestCard {
  const card = BY_FINGERPRINT.get(fingerprint ?? '');
  if (card === undefined) throw new Error(`No test card has the fingerprint ${String(fingerprint)}.`);
  return card;
}
