import type { Catalog } from '../catalog/catalog.ts';
import type { MeterCycle } from '../model/facts.ts';
import { isPool, scaleOf } from '../model/terms.ts';
import type { PastBudget } from '../model/use-bill.ts';
import {
  add,
  compare,
  floor,
  greater,
  lesser,
  multiply,
  rational,
  type Rational,
  subtract,
} from '../money/rational.ts';

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

type Spent = Pick<MeterCycle, 'priceMinor' | 'pricePerUnits' | 'bill'>;

/** What an allowance's overage costs: parts of a whole unit of the meter, of `scale` smallest ones, are rounded up once (BUD-1). */
export function wholeUnitsCost(
  cycle: Pick<MeterCycle, 'priceMinor' | 'pricePerUnits'>,
  units: number,
  scale: number,
): Rational {
  return overageCost(cycle, Math.ceil(units / scale) * scale);
}

/**
 * What is owed for an allowance's overage (BUD-2): never more than the budget of its time lets accrue. What was owed before a budget was lowered stays
 * owed (CRE-8), and what was written off before one was raised stays written off.
 */
export function owedUnderBudgets(
  cycle: Spent & Pick<MeterCycle, 'capMinor'>,
  overageUnits: number,
  scale: number,
): Rational {
  return owedThrough(cycle, [...cycle.bill.budgets, { capMinor: cycle.capMinor, overageUnits }], scale);
}

function owedThrough(cycle: Spent, budgets: readonly PastBudget[], scale: number): Rational {
  let [owed, costBefore] = [rational(0), rational(0)];
  for (const { capMinor, overageUnits } of budgets) {
    const cost = wholeUnitsCost(cycle, overageUnits, scale);
    const wanted = add(owed, subtract(cost, costBefore));
    owed = capMinor === null ? wanted : lesser(wanted, greater(owed, rational(capMinor)));
    costBefore = cost;
  }
  return owed;
}

/** A balance under another ceiling: what an allowance's budget has let accrue is owed, and what went beyond it is written off for good (CRE-8). */
export function withCap(catalog: Catalog, cycle: MeterCycle, capMinor: number | null): MeterCycle {
  if (capMinor === cycle.capMinor) return cycle;
  const settled = isPool(catalog, cycle.meter) ? cycle : closeBudget(cycle, scaleOf(catalog, cycle.meter));
  return { ...settled, capMinor };
}

/** A budget becomes another (CRE-8): what it has let accrue is owed, and what went beyond it is written off for good. */
function closeBudget(cycle: MeterCycle, scale: number): MeterCycle {
  const { overageUnits, capMinor, bill } = cycle;
  if (overageUnits === (bill.budgets.at(-1)?.overageUnits ?? 0)) return cycle;
  return withBudgets(cycle, [...bill.budgets, { capMinor, overageUnits }], scale);
}

/** A balance with other past budgets, and what was written off under them. */
export function withBudgets(cycle: MeterCycle, budgets: readonly PastBudget[], scale: number): MeterCycle {
  const { priceMinor, pricePerUnits, bill } = cycle;
  const last = budgets.at(-1)?.overageUnits ?? 0;
  const owed = owedThrough(cycle, budgets, scale);
  const isPaidInFull = compare(wholeUnitsCost(cycle, last, scale), owed) <= 0;
  const paidUnits =
    isPaidInFull || priceMinor === null || priceMinor === 0 || pricePerUnits === null
      ? last
      : floor(multiply(owed, rational(pricePerUnits, priceMinor)));
  return { ...cycle, bill: { ...bill, budgets, forgivenUnits: last - paidUnits } };
}
