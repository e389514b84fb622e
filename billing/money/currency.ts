import { code as findCurrency } from 'currency-codes';

import { Refusal } from '../refusal.ts';
import { multiply, type Rational, rational, roundHalfAwayFromZero } from './rational.ts';

export interface Currency {
  /** ISO 4217 in lower case, as catalogs and Stripe write it. */
  readonly code: string;
  /** How many decimals the minor unit stands for: 0 (jpy), 2 (usd) or 3 (kwd) (MON-1). */
  readonly decimals: number;
}

/** Smallest amounts Stripe charges. Source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const STRIPE_MINIMUM_CHARGE_MINOR: Readonly<Record<string, number>> = {
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  inr: 50,
  jpy: 50,
  mga: 5000,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
  usd: 50,
};

/** @throws Refusal `invalid_request` for anything but an ISO 4217 code of a currency with 0, 2 or 3 decimals. */
export function currency(code: string): Currency {
  const found = /^[a-z]{3}$/i.test(code) ? findCurrency(code) : undefined;
  if (found === undefined || ![0, 2, 3].includes(found.digits)) {
    throw new Refusal({
      code: 'invalid_request',
      message: `currency: expected an ISO 4217 code like usd, found "${code.slice(0, 20)}".`,
      field: 'currency',
    });
  }
  return { code: found.code.toLowerCase(), decimals: found.digits };
}

/** An amount for people, in English notation: `$1,234.50`, `-$5.00`, `¥500`. Decimals are ISO's; Intl's differ (HUF). */
export function formatAmount(amountMinor: number, currencyCode: string): string {
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError(`Amounts are integers, not ${String(amountMinor)}.`);
  const { decimals, format } = formatOf(currencyCode);
  // As a decimal text: dividing by 100 would make a float of it (MON-1).
  return format.format(`${String(amountMinor)}E-${String(decimals)}` as `${number}`);
}

interface AmountFormat {
  readonly decimals: number;
  readonly format: Intl.NumberFormat;
}

/** Kept by code: making one costs far more than using it, and every event beyond a cap is refused with an amount. */
const FORMATS = new Map<string, AmountFormat>();

function formatOf(currencyCode: string): AmountFormat {
  const known = FORMATS.get(currencyCode);
  if (known !== undefined) return known;
  const { code, decimals } = currency(currencyCode);
  const format = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: code,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  FORMATS.set(currencyCode, { decimals, format });
  return { decimals, format };
}

/**
 * The smallest amount the payment provider charges, in minor units (MON-6). For a currency that Stripe's table does
 * not list, its minimum depends on the day's rate: half a major unit stands in, and Stripe's own answer decides.
 */
export function minimumChargeMinor(currencyCode: string): number {
  const { code, decimals } = currency(currencyCode);
  return STRIPE_MINIMUM_CHARGE_MINOR[code] ?? (decimals === 3 ? 500 : 50);
}

/**
 * Currencies of which Stripe does not take every minor unit: three decimals whose last must be 0, and one that it counts without decimals
 * (https://docs.stripe.com/currencies#special-cases).
 */
const CHARGE_STEP_MINOR: Readonly<Record<string, number>> = { bhd: 10, jod: 10, kwd: 10, omr: 10, tnd: 10, mga: 100 };

/** What every amount of a line is a whole multiple of, in minor units: 1 nearly everywhere. */
export function chargeStepMinor(currencyCode: string): number {
  return CHARGE_STEP_MINOR[currencyCode.toLowerCase()] ?? 1;
}

/** The one rounding of a line (MON-2), to the nearest amount that can be charged in the currency, half away from zero. */
export function roundToCharge(exact: Rational, currencyCode: string): number {
  const step = chargeStepMinor(currencyCode);
  return step * roundHalfAwayFromZero(multiply(exact, rational(1, step)));
}
