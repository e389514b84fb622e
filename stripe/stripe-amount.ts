import { StripeBoundaryError } from './stripe-boundary-error.ts';

/**
 * Stripe's `amount` is in the currency's minor unit, as ours is (ISO 4217, MON-1), except for these
 * (https://docs.stripe.com/currencies#special-cases). `factor`: what ours is multiplied by; `multipleOf`: what the
 * result must be a multiple of.
 */
const SPECIAL: Readonly<
  Record<string, { readonly factor: number; readonly divisor: number; readonly multipleOf: number }>
> = {
  isk: { factor: 100, divisor: 1, multipleOf: 100 }, // No decimals in ISO; two, always 00, at Stripe.
  ugx: { factor: 100, divisor: 1, multipleOf: 100 }, // As above.
  mga: { factor: 1, divisor: 100, multipleOf: 1 }, // Two decimals in ISO; none at Stripe.
  bhd: { factor: 1, divisor: 1, multipleOf: 10 }, // Three decimals, the last of them 0.
  jod: { factor: 1, divisor: 1, multipleOf: 10 },
  kwd: { factor: 1, divisor: 1, multipleOf: 10 },
  omr: { factor: 1, divisor: 1, multipleOf: 10 },
  tnd: { factor: 1, divisor: 1, multipleOf: 10 },
};

/** The smallest charge, in Stripe's unit (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). */
// prettier-ignore
const MINIMUM_CHARGE: Readonly<Record<string, number>> = {
  usd: 50, aed: 200, aud: 50, brl: 50, cad: 50, chf: 50, czk: 1500, dkk: 250, eur: 50, gbp: 30, hkd: 400, huf: 17500,
  inr: 50, jpy: 50, mxn: 1000, myr: 200, nok: 300, nzd: 50, pln: 200, ron: 200, sek: 300, sgd: 50, thb: 1000,
};

/** Our minor units as Stripe's `amount`. Throws `amount_not_representable` rather than round. */
export function toStripeAmount(amountMinor: number, currency: string): number {
  const special = SPECIAL[currency.toLowerCase()];
  if (special === undefined) return amountMinor;
  const amount = (amountMinor * special.factor) / special.divisor;
  if (!Number.isInteger(amount) || amount % special.multipleOf !== 0) {
    throw new StripeBoundaryError(
      'amount_not_representable',
      `Stripe cannot take ${String(amountMinor)} minor units of ${currency}: see "special cases" at docs.stripe.com/currencies.`,
    );
  }
  return amount;
}

/** Stripe's `amount` in our minor units. One that we would never send is a fraction there, and so equal to none of ours. */
export function fromStripeAmount(amount: number, currency: string): number {
  const special = SPECIAL[currency.toLowerCase()];
  return special === undefined ? amount : (amount * special.divisor) / special.factor;
}

/** In Stripe's unit. Where the page names no minimum, 50, as for the dollar. */
export function minimumStripeCharge(currency: string): number {
  return MINIMUM_CHARGE[currency.toLowerCase()] ?? 50;
}
