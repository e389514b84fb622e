import type { Instant } from '../calendar/instant.ts';
import { boundaryAt, periodAt } from '../calendar/period.ts';
import type { Facts, MeterCycle } from '../model/facts.ts';
import { UNBILLED } from '../model/use-bill.ts';
import { type BalancePeriod, balancePeriodAt } from '../model/use-terms.ts';

/** A balance as its first event finds it: the base restored, no overage (CRE-4, CRE-10), under the terms of its own period (CRE-12). */
export function openMeterCycle(
  { start, end, meters, caps }: Pick<BalancePeriod, 'start' | 'end' | 'meters' | 'caps'>,
  meter: string,
): MeterCycle {
  const terms = meters[meter];
  return {
    meter,
    start,
    end,
    includedUnits: terms?.includedUnits ?? 0,
    usedIncludedUnits: 0,
    overageUnits: 0,
    trialUnits: 0,
    heldUnits: 0,
    priceMinor: terms?.priceMinor ?? null,
    pricePerUnits: terms?.pricePerUnits ?? null,
    capMinor: caps[meter] ?? null,
    billedOverageUnits: 0,
    bill: UNBILLED,
    closedAt: null,
    refusals: 0,
  };
}

/** The balance of a meter at an instant: the one that is kept, else as its first event would open it. */
export function meterCycleAt(
  { account, meterCycles }: Pick<Facts, 'account' | 'meterCycles'>,
  meter: string,
  at: Instant,
): MeterCycle {
  const period = balancePeriodAt(account, at);
  return keptCycle(meterCycles, meter, period) ?? openMeterCycle(period, meter);
}

/** The balance of a period that an event, or a hold, has opened. A period is known by its first instant. */
export function keptCycle(
  meterCycles: readonly MeterCycle[],
  meter: string,
  { start }: Pick<BalancePeriod, 'start'>,
): MeterCycle | null {
  return meterCycles.find((cycle) => cycle.meter === meter && cycle.start === start) ?? null;
}

/** The end of the month of metered use that begins at a boundary of the anchor's months (CAL-2). */
export function nextMeterBoundary(anchor: Instant, at: Instant): Instant {
  return boundaryAt(anchor, 'month', periodAt(anchor, 'month', at).index + 1);
}
