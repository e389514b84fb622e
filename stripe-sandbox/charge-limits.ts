import { ApiError } from './api-error.ts';

/**
 * The smallest amount that can be charged, in the unit of Stripe's `amount`
 * (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
 */
// prettier-ignore
const MINIMUM: Readonly<Record<string, number>> = {
  usd: 50, aed: 200, aud: 50, brl: 50, cad: 50, chf: 50, czk: 1500, dkk: 250, eur: 50, gbp: 30, hkd: 400, huf: 17500,
  inr: 50, jpy: 50, mxn: 1000, myr: 200, nok: 300, nzd: 50, pln: 200, ron: 200, sek: 300, sgd: 50, thb: 1000,
};

export function minimumCharge(currency: string): number {
  return MINIMUM[currency] ?? 50;
}

export function refuseTooSmall(amount: number, currency: string): void {
  const minimum = minimumCharge(currency);
  if (amount >= minimum) return;
  throw new ApiError(400, {
    type: 'invalid_request_error',
    code: 'amount_too_small',
    message: `Amount must be at least ${String(minimum)} ${currency} (in its smallest unit).`,
    param: 'amount',
  });
}
