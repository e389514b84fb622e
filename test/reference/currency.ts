/** MON-1, MON-2: three decimals are charged by tens, and mga without its decimals. */
const STEP: Readonly<Record<string, number>> = { bhd: 10, jod: 10, kwd: 10, omr: 10, tnd: 10, mga: 100 };

/** MON-6: what Stripe charges at least, by https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const MINIMUM: Readonly<Record<string, number>> = { usd: 50, eur: 50, gbp: 30, jpy: 50, chf: 50, kwd: 500 };

export function stepOf(currency: string): number {
  return STEP[currency] ?? 1;
}

export function minimumOf(currency: string): number {
  return MINIMUM[currency] ?? stepOf(currency);
}
