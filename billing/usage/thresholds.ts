import type { MeterCycle } from '../model/facts.ts';
import { compare, multiply, rational } from '../money/rational.ts';
import { chargeableUnits, overageCost } from './overage.ts';

/** CRE-15: shares of the base and of the cap at which an account is told, in percent. */
export const NOTICE_PERCENTS: readonly number[] = [50, 75, 90, 100];

export interface CrossedThreshold {
  readonly of: 'included' | 'cap';
  readonly percent: number;
}

/**
 * What an event takes a balance past, smallest first. Use only grows within a cycle, so each is crossed once; a cap that was raised is
 * measured anew, which re-arms what is no longer passed (`before` and `after` carry the same cap). A cap of 0, or none, has no shares.
 */
export function crossedThresholds(before: MeterCycle, after: MeterCycle): readonly CrossedThreshold[] {
  const grown: CrossedThreshold['of'][] = [];
  if (after.usedIncludedUnits > before.usedIncludedUnits) grown.push('included');
  if (after.overageUnits > before.overageUnits) grown.push('cap');
  return grown.flatMap((of) =>
    NOTICE_PERCENTS.filter((percent) => isPassed(after, of, percent) && !isPassed(before, of, percent)).map(
      (percent) => ({ of, percent }),
    ),
  );
}

/** Whether a share is reached; exactly at it counts. Exact, so that 100 % is never told at 99.99 (MON-3). */
export function isPassed(cycle: MeterCycle, of: CrossedThreshold['of'], percent: number): boolean {
  const whole = of === 'included' ? cycle.includedUnits : cycle.capMinor;
  if (whole === null || whole === 0) return false;
  const part = of === 'included' ? rational(cycle.usedIncludedUnits) : overageCost(cycle, chargeableUnits(cycle));
  return compare(multiply(part, rational(100)), multiply(rational(whole), rational(percent))) >= 0;
}
