import type { MeterCycle } from '../model/facts.ts';
import { formatInstant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { scaleOf } from '../model/terms.ts';
import { countOf } from '../model/counts.ts';
import { formatAmount } from '../money/currency.ts';
import { Refusal } from '../refusal.ts';
import { REFUSAL_CODES } from '../refusal-codes.ts';
import { chargeableUnits, overageRoomUnits } from './overage.ts';

/** How one event was taken: its parts add up to its units (CRE-3). */
export interface UsageParts {
  readonly includedUnits: number;
  readonly overageUnits: number;
  readonly trialUnits: number;
}

/** `trial`: recorded, not charged. `paid`: base, then overage. `included_only`: a payment failed, overage waits (INV-5). */
export type UsageMode = 'trial' | 'paid' | 'included_only';

/** What a refusal names units and amounts by. */
export type Measures = Pick<Catalog, 'meters' | 'currency'>;

export interface ChargedUsage {
  readonly cycle: MeterCycle;
  readonly parts: UsageParts;
}

/**
 * Takes units from a pool: base credits first, then overage up to the cap; an event that straddles is split (CRE-3), one that
 * does not fit is refused whole (CRE-6).
 * @throws Refusal `spending_cap_reached`, or `payment_failed` where only the base is open.
 */
export function chargePool(cycle: MeterCycle, units: number, mode: UsageMode, measures: Measures): ChargedUsage {
  assertRoom(cycle, units, mode, measures);
  return takeUnits(cycle, units, mode);
}

/**
 * Whether units fit beside what is used and what is held, which has its place reserved already, in the base first. What nobody holds of the
 * base can always be used, whatever became of the cap (CRE-8).
 * @throws Refusal `spending_cap_reached`, or `payment_failed` where only the base is open.
 */
export function assertRoom(cycle: MeterCycle, units: number, mode: UsageMode, measures: Measures): void {
  const includedLeft = Math.max(0, cycle.includedUnits - cycle.usedIncludedUnits);
  if (mode === 'trial' || units <= includedLeft - cycle.heldUnits) return;
  if (mode === 'included_only') {
    throw new Refusal({
      code: 'payment_failed',
      message: 'The included amount is used up. Overage is available again once the open invoice is paid.',
    });
  }
  const overageNeeded = chargeableUnits(cycle) + units + cycle.heldUnits - includedLeft;
  if (overageNeeded <= overageRoomUnits(cycle)) return;
  throw capReached(cycle, units, measures);
}

/** CRE-6: what was wanted, and what is left, in the meter's unit; the cap in money. */
function capReached(cycle: MeterCycle, units: number, measures: Measures): Refusal {
  const { meters, currency } = measures;
  const unit = meters[cycle.meter]?.unit ?? 'unit';
  const scale = scaleOf(measures, cycle.meter);
  const counted = (count: number, what = unit): string => countOf(count / scale, what);
  const baseLeft = cycle.includedUnits - cycle.usedIncludedUnits - cycle.heldUnits;
  const includedLeft = Math.max(0, baseLeft);
  const overageLeft = Math.max(0, overageRoomUnits(cycle) - chargeableUnits(cycle) + Math.min(0, baseLeft));
  const wanted = units === scale ? `${counted(units)} does` : `${counted(units)} do`;
  const held = cycle.heldUnits === 0 ? '' : `, besides ${counted(cycle.heldUnits)} on hold`;
  const soldNoMore = cycle.priceMinor === null;
  const included = counted(includedLeft, `included ${unit}`);
  const left = soldNoMore
    ? `${included} remain, and the plan sells no overage`
    : `${included} and ${counted(overageLeft)} under the spending cap of ${formatAmount(cycle.capMinor ?? 0, currency)} remain`;
  return new Refusal({
    code: 'spending_cap_reached',
    message: `${wanted} not fit: ${left}${held}.${soldNoMore ? '' : ' An admin can raise the cap.'}`,
  });
}

/** Takes units whose place was found before: base first, then overage (CRE-3). */
export function takeUnits(cycle: MeterCycle, units: number, mode: UsageMode): ChargedUsage {
  if (mode === 'trial') return used(cycle, { includedUnits: 0, overageUnits: 0, trialUnits: units });
  const includedUnits = Math.min(units, Math.max(0, cycle.includedUnits - cycle.usedIncludedUnits));
  return used(cycle, { includedUnits, overageUnits: units - includedUnits, trialUnits: 0 });
}

/**
 * Whether new metered work may begin (BUD-2): something of the allowance is left that nobody holds, or overage is sold and
 * below its budget.
 * @throws Refusal `budget_reached`, or `payment_failed` where only the allowance is open.
 */
export function assertBudgetOpen(cycle: MeterCycle, mode: UsageMode, { currency }: Pick<Catalog, 'currency'>): void {
  const includedLeft = cycle.includedUnits - cycle.usedIncludedUnits;
  if (mode === 'trial' || includedLeft > cycle.heldUnits) return;
  if (mode === 'included_only') {
    throw new Refusal({
      code: 'payment_failed',
      message: 'The included amount is used up. Overage is available again once the open invoice is paid.',
    });
  }
  if (chargeableUnits(cycle) + cycle.heldUnits - includedLeft < overageRoomUnits(cycle)) return;
  throw budgetReached(cycle, currency);
}

/** BUD-2: no new job begins; one that has begun finishes. */
export function budgetReached(cycle: MeterCycle, currency: string): Refusal {
  const sellsNoMore = cycle.priceMinor === null;
  const reason = sellsNoMore
    ? 'The included amount of this cycle is used up, and the plan sells no overage.'
    : `The budget of ${formatAmount(cycle.capMinor ?? 0, currency)} is used up.`;
  return new Refusal({
    code: 'budget_reached',
    message: `${reason} New jobs are refused until the cycle renews on ${formatInstant(cycle.end)}.`,
    // There is no budget to raise where nothing is sold.
    ...(sellsNoMore ? { solve: REFUSAL_CODES.allowance_used_up } : {}),
  });
}

/** Once for each event, so the cycle is written out: spreading it is what would cost most. */
function used(cycle: MeterCycle, parts: UsageParts): ChargedUsage {
  const after: MeterCycle = {
    meter: cycle.meter,
    start: cycle.start,
    end: cycle.end,
    includedUnits: cycle.includedUnits,
    usedIncludedUnits: cycle.usedIncludedUnits + parts.includedUnits,
    overageUnits: cycle.overageUnits + parts.overageUnits,
    trialUnits: cycle.trialUnits + parts.trialUnits,
    heldUnits: cycle.heldUnits,
    priceMinor: cycle.priceMinor,
    pricePerUnits: cycle.pricePerUnits,
    capMinor: cycle.capMinor,
    billedOverageUnits: cycle.billedOverageUnits,
    bill: cycle.bill,
    closedAt: cycle.closedAt,
    refusals: cycle.refusals,
  };
  return { cycle: after, parts };
}
