import type { MeterCycle } from '../facts/facts.ts';
import { floor, multiply, rational, type Rational } from '../money/rational.ts';

/** What an amount of overage costs, exact: price × units ÷ units per price (CRE-5, MON-3). */
export function overageCost(cycle: Pick<MeterCycle, 'priceMinor' | 'pricePerUnits'>, units: number): Rational {
  if (cycle.priceMinor === null || cycle.pricePerUnits === null) return rational(0);
  return multiply(rational(cycle.priceMinor, cycle.pricePerUnits), rational(units));
}

/**
 * How many units of overage the cap has room for in the whole cycle (CRE-6, CRE-9); 0 where overage is not sold, and
 * Infinity where it is sold without a cap or for nothing.
 */
export function overageRoomUnits(cycle: Pick<MeterCycle, 'capMinor' | 'priceMinor' | 'pricePerUnits'>): number {
  if (cycle.priceMinor === null || cycle.pricePerUnits === null) return 0;
  if (cycle.capMinor === null || cycle.priceMinor === 0) return Number.POSITIVE_INFINITY;
  // Asked for with every event, and hardly ever too large to be worked out in whole numbers as they are.
  const dividend = cycle.capMinor * cycle.pricePerUnits;
  if (Number.isSafeInteger(dividend)) return (dividend - (dividend % cycle.priceMinor)) / cycle.priceMinor;
  return floor(rational(BigInt(cycle.capMinor) * BigInt(cycle.pricePerUnits), cycle.priceMinor));
}

/** The overage that counts against a cap: without what running work used beyond the budget of its time, which was written off (BUD-2). */
export function chargeableUnits({ overageUnits, bill }: Pick<MeterCycle, 'overageUnits' | 'bill'>): number {
  return Math.max(0, overageUnits - bill.forgivenUnits);
}
