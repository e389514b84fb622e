import type { Instant } from '../calendar/instant.ts';
import type { MeterCycle } from '../model/facts.ts';
import type { BaseRaise, PastBudget } from '../model/use-bill.ts';
import { Refusal } from '../refusal.ts';
import {
  assertRoom,
  budgetReached,
  type ChargedUsage,
  type Measures,
  takeUnits,
  type UsageMode,
  type UsageParts,
} from './charge-usage.ts';
import { withBudgets } from './overage.ts';

/**
 * Reserves units before work starts (CRE-13): they fit into what is left of the base, and then under the cap, beside everything else that is
 * held. What does not fit is refused whole; in a trial everything fits.
 * @throws Refusal `spending_cap_reached`, for a meter with a budget `budget_reached`, or `payment_failed` where only the base is open.
 */
export function placeHold(
  cycle: MeterCycle,
  units: number,
  { mode, isPool, measures }: { readonly mode: UsageMode; readonly isPool: boolean; readonly measures: Measures },
): MeterCycle {
  try {
    assertRoom(cycle, units, mode, measures);
  } catch (error) {
    const isFull = error instanceof Refusal && error.code === 'spending_cap_reached';
    throw isFull && !isPool ? budgetReached(cycle, measures.currency) : error;
  }
  return { ...cycle, heldUnits: cycle.heldUnits + units };
}

/** Gives a hold's place back: it was released, or has expired. */
export function releaseUnits(cycle: MeterCycle, heldUnits: number): MeterCycle {
  return { ...cycle, heldUnits: cycle.heldUnits - heldUnits };
}

/**
 * Takes what the work has used of its hold; the rest is released. There was room for it when it was held, so it is taken whatever has become
 * of the cap, the payment or the cycle since: who began in time finishes.
 */
export function captureUnits(
  cycle: MeterCycle,
  { heldUnits, usedUnits }: { readonly heldUnits: number; readonly usedUnits: number },
  mode: UsageMode,
): ChargedUsage {
  if (usedUnits > heldUnits) {
    throw new Refusal({
      code: 'invalid_request',
      message: 'quantity: a capture takes at most what is on hold. Record the rest as usage.',
      field: 'quantity',
    });
  }
  return takeUnits(releaseUnits(cycle, heldUnits), usedUnits, mode);
}

/**
 * Gives a failed event's units back to the cycle they came from (CRE-14), as if it had never been: overage first, because base credits are
 * what is used first (CRE-3), and nobody pays for overage beside an unused base. But only overage that this event can have caused: what had accrued
 * before a bigger pack added to the base (CRE-16) was not caused by what was recorded after it. The parts say what came back to where.
 */
export function giveBack(
  cycle: MeterCycle,
  event: UsageParts & { readonly termsChanges: number },
  scale: number,
): ChargedUsage {
  const units = event.includedUnits + event.overageUnits;
  const { raises } = cycle.bill;
  const lockedUnits = raises[event.termsChanges - 1]?.overageUnits ?? 0;
  const overageUnits = Math.min(units, Math.max(0, cycle.overageUnits - lockedUnits));
  const parts = { includedUnits: units - overageUnits, overageUnits, trialUnits: event.trialUnits };
  const after = {
    ...cycle,
    usedIncludedUnits: cycle.usedIncludedUnits - parts.includedUnits,
    overageUnits: cycle.overageUnits - parts.overageUnits,
    trialUnits: cycle.trialUnits - parts.trialUnits,
  };
  const { bill } = cycle;
  if (bill.budgets.length > 0)
    return { cycle: withBudgets(after, budgetsWithout(cycle, event, overageUnits), scale), parts };
  return { cycle: { ...after, bill: { ...bill, raises: loweredRaises(raises, event.termsChanges, units) } }, parts };
}

/**
 * What budgets found when they ended, without the event: the overage that it was itself comes out of its own time; the base that it leaves is taken by
 * the overage that came first.
 */
function budgetsWithout(
  { overageUnits, bill: { budgets } }: MeterCycle,
  event: UsageParts & { readonly termsChanges: number },
  units: number,
): readonly PastBudget[] {
  const ends = [...budgets.map((budget) => budget.overageUnits), overageUnits];
  const accrued = ends.map((end, index) => end - (ends[index - 1] ?? 0));
  let left = units;
  const take = (index: number, most: number): void => {
    const taken = Math.min(left, most, accrued[index] ?? 0);
    accrued[index] = (accrued[index] ?? 0) - taken;
    left -= taken;
  };
  take(event.termsChanges, event.overageUnits);
  for (const index of accrued.keys()) take(index, left);
  let end = 0;
  return budgets.map(({ capMinor }, index) => ({ capMinor, overageUnits: (end += accrued[index] ?? 0) }));
}

/** The room that the event took is taken by what came after it: first in its own stretch between two raises, then in the later ones. */
function loweredRaises(raises: readonly BaseRaise[], termsChanges: number, units: number): readonly BaseRaise[] {
  const lockedUnits = raises[termsChanges - 1]?.overageUnits ?? 0;
  return raises.map((raise, index) => {
    if (index < termsChanges) return raise;
    return {
      ...raise,
      overageUnits: raise.overageUnits - Math.min(units, Math.max(0, raise.overageUnits - lockedUnits)),
    };
  });
}

/** Balances as they are once holds that have expired are let go of: whoever looks after `expiresAt` finds them released. */
export function withoutExpired(
  meterCycles: readonly MeterCycle[],
  holds: readonly {
    readonly meter: string;
    readonly cycleStart: Instant;
    readonly units: number;
    readonly expiresAt: Instant;
  }[],
  now: Instant,
): readonly MeterCycle[] {
  const expired = holds.filter(({ expiresAt }) => expiresAt <= now);
  return meterCycles.map((cycle) => {
    const own = expired.filter(({ meter, cycleStart }) => meter === cycle.meter && cycleStart === cycle.start);
    return own.length === 0
      ? cycle
      : releaseUnits(
          cycle,
          own.reduce((sum, { units }) => sum + units, 0),
        );
  });
}
