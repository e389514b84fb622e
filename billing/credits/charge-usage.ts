import type { MeterCycle } from '../facts/facts.ts';
import { Refusal } from '../refusal.ts';
import { REFUSAL_CODES } from '../refusal-codes.ts';
import { overageRoomUnits } from './overage.ts';

/** How one event was taken: its parts add up to its units (CRE-3). */
export interface UsageParts {
  readonly includedUnits: number;
  readonly overageUnits: number;
  readonly trialUnits: number;
}

/** `trial`: recorded, not charged. `paid`: base, then overage. `included_only`: a payment failed, overage waits (INV-5). */
export type UsageMode = 'trial' | 'paid' | 'included_only';

export interface ChargedUsage {
  readonly cycle: MeterCycle;
  readonly parts: UsageParts;
}

/**
 * Takes units from a pool: base credits first, then overage up to the cap; an event that straddles is split (CRE-3), one that
 * does not fit is refused whole (CRE-6).
 * @throws Refusal `spending_cap_reached`, or `payment_failed` where only the base is open.
 */
export function chargePool(cycle: MeterCycle, units: number, mode: UsageMode): ChargedUsage {
  if (mode === 'trial') return trialUse(cycle, units);
  const includedLeft = cycle.includedUnits - cycle.usedIncludedUnits;
  const includedUnits = Math.min(units, Math.max(0, includedLeft));
  const overageUnits = units - includedUnits;
  // Holds have their place reserved already, wherever it will turn out to be: base or overage.
  const overageAfter = cycle.overageUnits + overageUnits;
  const committed = overageAfter + Math.max(0, cycle.heldUnits - (includedLeft - includedUnits));
  if (overageUnits > 0 && mode === 'included_only') {
    throw new Refusal({
      code: 'payment_failed',
      message: 'The included credits are used up, and there is no overage until the open invoice is paid.',
    });
  }
  if ((overageUnits > 0 || cycle.heldUnits > 0) && committed > overageRoomUnits(cycle)) {
    throw new Refusal({
      code: 'spending_cap_reached',
      message: `${String(units)} ${cycle.meter} do not fit: ${String(Math.max(0, includedLeft))} included ones are left, and ${String(cycle.overageUnits)} of overage are used under a cap of ${String(cycle.capMinor ?? 0)} cents. An admin can raise the cap.`,
    });
  }
  return used(cycle, { includedUnits, overageUnits, trialUnits: 0 });
}

/**
 * Whether new metered work may begin (BUD-2): the allowance has something left, or overage is sold and below its budget.
 * @throws Refusal `budget_reached`, or `payment_failed` where only the allowance is open.
 */
export function assertBudgetOpen(cycle: MeterCycle, mode: UsageMode): void {
  if (mode === 'trial' || cycle.usedIncludedUnits < cycle.includedUnits) return;
  if (mode === 'included_only') {
    throw new Refusal({
      code: 'payment_failed',
      message: 'The included amount is used up, and nothing beyond it runs until the open invoice is paid.',
    });
  }
  if (cycle.overageUnits < overageRoomUnits(cycle)) return;
  const sellsNoMore = cycle.priceMinor === null;
  const reason = sellsNoMore
    ? 'The included amount of this cycle is used up, and the plan sells no more.'
    : `The budget of ${String(cycle.capMinor ?? 0)} cents is reached.`;
  throw new Refusal({
    code: 'budget_reached',
    message: `${reason} New jobs are refused until ${cycle.end}, when the cycle renews.`,
    // There is no budget to raise where nothing is sold.
    ...(sellsNoMore ? { solve: REFUSAL_CODES.allowance_used_up } : {}),
  });
}

/** Takes what work has used that had begun in time; it may end beyond the budget (BUD-2). */
export function chargeBudget(cycle: MeterCycle, units: number, mode: UsageMode): ChargedUsage {
  if (mode === 'trial') return trialUse(cycle, units);
  const includedUnits = Math.min(units, Math.max(0, cycle.includedUnits - cycle.usedIncludedUnits));
  return used(cycle, { includedUnits, overageUnits: units - includedUnits, trialUnits: 0 });
}

function trialUse(cycle: MeterCycle, units: number): ChargedUsage {
  return used(cycle, { includedUnits: 0, overageUnits: 0, trialUnits: units });
}

function used(cycle: MeterCycle, parts: UsageParts): ChargedUsage {
  const after = {
    ...cycle,
    usedIncludedUnits: cycle.usedIncludedUnits + parts.includedUnits,
    overageUnits: cycle.overageUnits + parts.overageUnits,
    trialUnits: cycle.trialUnits + parts.trialUnits,
  };
  return { cycle: after, parts };
}
