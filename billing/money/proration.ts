import { type Instant, secondsBetween } from '../calendar/instant.ts';
import type { Period } from '../calendar/period.ts';
import { chargeStepMinor, formatAmount, roundToCharge } from './currency.ts';
import { multiply, type Rational, rational } from './rational.ts';

/**
 * The part of a cycle's price for [from, cycle.end): price × remaining seconds ÷ seconds of the whole cycle (MON-4).
 * The divisor is never a clipped cycle, so several changes in one cycle add up. Exact; round once, per line.
 * @param from within the cycle; at its start the full price, at its end 0 (SBI-8).
 */
export function prorate(amountMinor: number, cycle: Period, from: Instant): Rational {
  if (from < cycle.start || from > cycle.end) {
    throw new RangeError(`${from} is outside the cycle from ${cycle.start} to ${cycle.end}.`);
  }
  const remainingSeconds = secondsBetween(from, cycle.end);
  const cycleSeconds = secondsBetween(cycle.start, cycle.end);
  return multiply(rational(amountMinor), rational(remainingSeconds, cycleSeconds));
}

/** What the customer needs to work a proration out again (MON-5): when, and both numbers of seconds. */
export function prorationInputs(cycle: Period, from: Instant): Readonly<Record<string, string | number>> {
  return {
    from,
    cycleStart: cycle.start,
    cycleEnd: cycle.end,
    remainingSeconds: secondsBetween(from, cycle.end),
    cycleSeconds: secondsBetween(cycle.start, cycle.end),
  };
}

/** `prorate`, rounded half away from zero to what the currency can charge (MON-2): the amount of one line, in minor units. */
export function proratedAmount(amountMinor: number, cycle: Period, from: Instant, currencyCode: string): number {
  return roundToCharge(prorate(amountMinor, cycle, from), currencyCode);
}

/** How a prorated amount is rounded, in words, and what of it is no plain rounding: some currencies are charged by tens (MON-1). */
export function prorationRounding(currencyCode: string): {
  readonly words: string;
  readonly inputs: Readonly<Record<string, number>>;
} {
  const step = chargeStepMinor(currencyCode);
  if (step === 1) return { words: 'rounded once, half away from zero', inputs: {} };
  const words = `rounded once to the nearest ${formatAmount(step, currencyCode)}, half away from zero`;
  return { words, inputs: { roundedToCents: step } };
}
