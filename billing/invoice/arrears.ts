import type { Instant } from '../calendar/instant.ts';
import { formatDate } from '../calendar/instant.ts';
import { overageCost } from '../credits/overage.ts';
import type { Line, MeterCycle } from '../facts/facts.ts';
import { isPool, unitsPerUnit } from '../facts/terms.ts';
import { makeLine, type Turn } from '../facts/turn.ts';
import { chargeStepMinor, roundToCharge } from '../money/currency.ts';
import { compare, rational } from '../money/rational.ts';
import { countOf, formatCount } from './counts.ts';

/**
 * Closes the cycles of metered use that have ended and gives the lines of what they owe beyond the base (CRE-10, BUD-1). A cycle
 * that was closed before and changed since (a late event, CRE-12, or a reversal, CRE-14) gives the difference as an adjustment.
 */
export function closeMeterCycles(turn: Turn, endedBy: Instant): readonly Line[] {
  const lines: Line[] = [];
  const meterCycles = turn.facts.meterCycles.map((cycle) => {
    if (cycle.end > endedBy) return cycle;
    if (cycle.closedAt !== null && cycle.overageUnits === cycle.billedOverageUnits) return cycle;
    lines.push(...(cycle.billedOverageUnits === 0 ? overageLines(turn, cycle) : adjustmentLines(turn, cycle)));
    return { ...cycle, billedOverageUnits: cycle.overageUnits, closedAt: cycle.closedAt ?? turn.at };
  });
  turn.facts = { ...turn.facts, meterCycles };
  return lines;
}

/** Where the terms of metered use end before their month does: it ends with them. One that began this very instant goes on. */
export function closeMeterCyclesNow(turn: Turn): readonly Line[] {
  const meterCycles = turn.facts.meterCycles.map((cycle) =>
    cycle.closedAt === null && cycle.start < turn.at && cycle.end > turn.at ? { ...cycle, end: turn.at } : cycle,
  );
  turn.facts = { ...turn.facts, meterCycles };
  return closeMeterCycles(turn, turn.at);
}

/** What a cycle's overage costs in whole units of the meter (BUD-1: seconds are rounded up once), before any budget. */
export function overageAmount(turn: Pick<Turn, 'catalog'>, cycle: MeterCycle, overageUnits: number): number {
  const { currency } = turn.catalog;
  const exact = overageCost(cycle, wholeUnits(turn, cycle, overageUnits).smallest);
  const amount = roundToCharge(exact, currency);
  const { capMinor } = cycle;
  // Where the smallest charge is several minor units, what keeps within the cap is not rounded above it (CRE-6).
  const isRoundedAbove = capMinor !== null && amount > capMinor && compare(exact, rational(capMinor)) <= 0;
  return isRoundedAbove ? amount - chargeStepMinor(currency) : amount;
}

/** What is owed: never more than the cap (BUD-2), which for pools cannot be exceeded in the first place (CRE-6). */
export function owedAmount(turn: Pick<Turn, 'catalog'>, cycle: MeterCycle, overageUnits: number): number {
  const amount = overageAmount(turn, cycle, overageUnits);
  if (isPool(turn.catalog, cycle.meter) || cycle.capMinor === null) return amount;
  const step = chargeStepMinor(turn.catalog.currency);
  return Math.min(amount, cycle.capMinor - (cycle.capMinor % step));
}

function wholeUnits(
  turn: Pick<Turn, 'catalog'>,
  cycle: MeterCycle,
  units: number,
): { count: number; smallest: number } {
  const meter = turn.catalog.meters[cycle.meter];
  const scale = meter === undefined ? 1 : unitsPerUnit(meter);
  const count = Math.ceil(units / scale);
  return { count, smallest: count * scale };
}

/** How many whole units of the meter a line of overage has: parts of a minute are rounded up once (BUD-1). */
export function overageQuantity(turn: Pick<Turn, 'catalog'>, cycle: MeterCycle, overageUnits: number): number {
  return wholeUnits(turn, cycle, overageUnits).count;
}

function overageLines(turn: Turn, cycle: MeterCycle): readonly Line[] {
  if (cycle.overageUnits === 0 || cycle.priceMinor === null) return [];
  const amount = overageAmount(turn, cycle, cycle.overageUnits);
  const owed = owedAmount(turn, cycle, cycle.overageUnits);
  const line = makeLine(turn, { ...describeOverage(turn, cycle, cycle.overageUnits), kind: 'overage', amount });
  if (owed === amount) return [line];
  const writeOff = makeLine(turn, {
    kind: 'adjustment',
    quantity: 1,
    amount: owed - amount,
    periodStart: cycle.start,
    periodEnd: cycle.end,
    description: 'Written off: use beyond the budget by work that had begun before it was reached',
    explanation: { rule: 'BUD-2', formula: 'budget − cost', inputs: { budget: cycle.capMinor ?? 0, cost: amount } },
  });
  return [line, writeOff];
}

function adjustmentLines(turn: Turn, cycle: MeterCycle): readonly Line[] {
  const billed = owedAmount(turn, cycle, cycle.billedOverageUnits);
  const owed = owedAmount(turn, cycle, cycle.overageUnits);
  if (owed === billed) return [];
  const described = describeOverage(turn, cycle, cycle.overageUnits - cycle.billedOverageUnits);
  const line = makeLine(turn, {
    ...described,
    kind: 'adjustment',
    amount: owed - billed,
    description: `Adjustment for the cycle from ${formatDate(cycle.start)}: ${owed < billed ? 'use beyond the included was given back' : described.description}`,
    explanation: {
      rule: owed < billed ? 'CRE-14' : 'CRE-12',
      formula: 'owed now − billed then',
      inputs: { owed, billed },
    },
  });
  return [line];
}

function describeOverage(turn: Turn, cycle: MeterCycle, units: number): Omit<Line, 'lineId' | 'kind' | 'amount'> {
  const meter = turn.catalog.meters[cycle.meter];
  const count = overageQuantity(turn, cycle, units);
  const scale = meter === undefined ? 1 : unitsPerUnit(meter);
  const unit = meter?.unit ?? 'unit';
  return {
    quantity: count,
    periodStart: cycle.start,
    periodEnd: cycle.end,
    description: `${countOf(count, unit)} beyond the included ${formatCount(cycle.includedUnits / scale)}`,
    explanation: {
      rule: isPool(turn.catalog, cycle.meter) ? 'CRE-5' : 'BUD-1',
      formula: `price × ${unit}s ÷ ${unit}s per price, rounded once half away from zero`,
      inputs: {
        [`${unit}s`]: count,
        priceCents: cycle.priceMinor ?? 0,
        [`${unit}sPerPrice`]: (cycle.pricePerUnits ?? 0) / scale,
      },
    },
  };
}
