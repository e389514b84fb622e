import type { Instant } from '../calendar/instant.ts';
import type { MeterCycle } from '../facts/facts.ts';
import { Refusal } from '../refusal.ts';
import {
  assertRoom,
  budgetReached,
  type ChargedUsage,
  takeUnits,
  type UsageMode,
  type UsageParts,
} from './charge-usage.ts';

/**
 * Reserves units before work starts (CRE-13): they fit into what is left of the base, and then under the cap, beside everything else that is
 * held. What does not fit is refused whole; in a trial everything fits.
 * @throws Refusal `spending_cap_reached`, for a meter with a budget `budget_reached`, or `payment_failed` where only the base is open.
 */
export function placeHold(
  cycle: MeterCycle,
  units: number,
  { mode, isPool }: { readonly mode: UsageMode; readonly isPool: boolean },
): MeterCycle {
  try {
    assertRoom(cycle, units, mode);
  } catch (error) {
    const isFull = error instanceof Refusal && error.code === 'spending_cap_reached';
    throw isFull && !isPool ? budgetReached(cycle) : error;
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
      message: `quantity: ${String(heldUnits)} ${cycle.meter} are held, and ${String(usedUnits)} were to be captured. Record the rest as use.`,
      field: 'quantity',
    });
  }
  return takeUnits(releaseUnits(cycle, heldUnits), usedUnits, mode);
}

/**
 * Gives a failed event's units back to the cycle they came from (CRE-14), as if it had never been: overage first, because base credits are
 * what is used first (CRE-3), and nobody pays for overage beside an unused base. The parts say what came back to where.
 */
export function giveBack(cycle: MeterCycle, event: UsageParts): ChargedUsage {
  const units = event.includedUnits + event.overageUnits;
  const overageUnits = Math.min(units, cycle.overageUnits);
  const parts = { includedUnits: units - overageUnits, overageUnits, trialUnits: event.trialUnits };
  const after = {
    ...cycle,
    usedIncludedUnits: cycle.usedIncludedUnits - parts.includedUnits,
    overageUnits: cycle.overageUnits - parts.overageUnits,
    trialUnits: cycle.trialUnits - parts.trialUnits,
  };
  return { cycle: after, parts };
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
