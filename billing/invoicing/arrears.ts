import { formatDate, type Instant } from '../calendar/instant.ts';
import { owedUnderBudgets, wholeUnitsCost } from '../usage/overage.ts';
import type { Line, MeterCycle } from '../model/facts.ts';
import type { UseBill } from '../model/use-bill.ts';
import { isPool, scaleOf } from '../model/terms.ts';
import { makeLine, type Turn } from '../model/turn.ts';
import { chargeStepMinor, formatAmount, roundToCharge } from '../money/currency.ts';
import { compare, rational, type Rational } from '../money/rational.ts';
import { countOf, formatCount } from '../model/counts.ts';

type Priced = Pick<Turn, 'catalog'>;

/**
 * Closes the cycles of metered use that have ended and gives the lines of what they owe beyond the base (CRE-10, BUD-1). A cycle
 * that was closed before and changed since (a late event, CRE-12, or a reversal, CRE-14) gives the difference as an adjustment.
 */
export function closeMeterCycles(turn: Turn, endedBy: Instant): readonly Line[] {
  return accountFor(turn, (cycle) => cycle.end <= endedBy && (cycle.closedAt === null || isUnaccounted(cycle)));
}

/** Where the terms of metered use end before their month does: it ends with them. One that began this very instant goes on. */
export function closeMeterCyclesNow(turn: Turn): readonly Line[] {
  endRunningCycles(turn);
  return closeMeterCycles(turn, turn.at);
}

/** Terms end, and with them their running months. One that began this very instant goes on. */
export function endRunningCycles(turn: Turn): void {
  const meterCycles = turn.facts.meterCycles.map((cycle) =>
    cycle.closedAt === null && cycle.start < turn.at && cycle.end > turn.at ? { ...cycle, end: turn.at } : cycle,
  );
  turn.facts = { ...turn.facts, meterCycles };
}

/** Those that have ended and were not closed yet; use that a budget writes off whole charges nothing, and waits for an invoice that does. */
export function closeEndedCycles(turn: Turn): readonly Line[] {
  const isWrittenOff = (cycle: MeterCycle): boolean =>
    cycle.overageUnits > 0 && cycle.priceMinor !== null && owedAmount(turn, cycle, cycle.overageUnits) === 0;
  return accountFor(turn, (cycle) => cycle.end <= turn.at && cycle.closedAt === null && !isWrittenOff(cycle));
}

/** MON-6: what is to be given back for closed cycles joins the next charge of any kind; what they owe waits for the boundary. */
export function giveBackForClosedCycles(turn: Turn): readonly Line[] {
  return accountFor(
    turn,
    (cycle) =>
      cycle.closedAt !== null &&
      isUnaccounted(cycle) &&
      owedAmount(turn, cycle, cycle.overageUnits) < cycle.bill.accountedMinor,
  );
}

/** Whether a balance has changed since its lines were made. */
export function isUnaccounted({ overageUnits, billedOverageUnits }: MeterCycle): boolean {
  return overageUnits !== billedOverageUnits;
}

/** Whether an ended cycle is to be charged for use that no line has yet. */
export function owesMore(turn: Priced, cycle: MeterCycle): boolean {
  if (cycle.priceMinor === null && cycle.closedAt === null) return false;
  return owedAmount(turn, cycle, cycle.overageUnits) > cycle.bill.billedMinor;
}

/** The same for cycles of which nothing was to be given back as long as their invoice was given up, and which is paid now. */
export function giveBackWhatIsPaid(turn: Turn, isMeant: (cycle: MeterCycle) => boolean): readonly Line[] {
  const asBilled = (cycle: MeterCycle): MeterCycle => ({
    ...cycle,
    bill: { ...cycle.bill, accountedMinor: Math.max(cycle.bill.accountedMinor, cycle.bill.billedMinor) },
  });
  const meterCycles = turn.facts.meterCycles.map((cycle) => (isMeant(cycle) ? asBilled(cycle) : cycle));
  turn.facts = { ...turn.facts, meterCycles };
  return accountFor(turn, isMeant);
}

function accountFor(turn: Turn, isMeant: (cycle: MeterCycle) => boolean): readonly Line[] {
  const lines: Line[] = [];
  const meterCycles = turn.facts.meterCycles.map((cycle) => {
    if (!isMeant(cycle)) return cycle;
    const { bill, own } = billed(turn, cycle);
    lines.push(...own);
    return { ...cycle, bill, billedOverageUnits: cycle.overageUnits, closedAt: cycle.closedAt ?? turn.at };
  });
  turn.facts = { ...turn.facts, meterCycles };
  return lines;
}

/** What a cycle's overage costs in whole units of the meter (BUD-1: seconds are rounded up once), before any budget. */
export function overageAmount(turn: Priced, cycle: MeterCycle, overageUnits: number): number {
  return roundedWithinCap(turn, cycle, wholeUnitsCost(cycle, overageUnits, scaleOf(turn.catalog, cycle.meter)));
}

/** Where the smallest charge is several minor units, what keeps within the cap is not rounded above it (CRE-6). */
function roundedWithinCap({ catalog: { currency } }: Priced, { capMinor }: MeterCycle, exact: Rational): number {
  const amount = roundToCharge(exact, currency);
  const isRoundedAbove = capMinor !== null && amount > capMinor && compare(exact, rational(capMinor)) <= 0;
  return isRoundedAbove ? amount - chargeStepMinor(currency) : amount;
}

/** What is owed for overage, rounded once (MON-2): of a pool all of it, for it cannot exceed its cap (CRE-6), of an allowance what its budgets allow. */
export function owedAmount(turn: Priced, cycle: MeterCycle, overageUnits: number): number {
  if (isPool(turn.catalog, cycle.meter)) return overageAmount(turn, cycle, overageUnits);
  return roundedWithinCap(turn, cycle, owedUnderBudgets(cycle, overageUnits, scaleOf(turn.catalog, cycle.meter)));
}

/** How many whole units of the meter a line of overage has: parts of a minute are rounded up once (BUD-1). */
export function overageQuantity(turn: Priced, cycle: MeterCycle, overageUnits: number): number {
  return Math.ceil(overageUnits / scaleOf(turn.catalog, cycle.meter));
}

interface Billed {
  readonly own: readonly Line[];
  readonly bill: UseBill;
}

function billed(turn: Turn, cycle: MeterCycle): Billed {
  const owed = owedAmount(turn, cycle, cycle.overageUnits);
  const { accountedMinor, billedMinor } = cycle.bill;
  // What a budget has written off whole has its lines, too.
  const isFirst = accountedMinor === 0 && billedMinor === 0 && cycle.billedOverageUnits === 0;
  const own = isFirst ? overageLines(turn, cycle, owed) : adjustmentLines(turn, cycle, owed);
  const amount = own.reduce((sum, line) => sum + line.amount, 0);
  return { own, bill: { ...cycle.bill, accountedMinor: owed, billedMinor: billedMinor + amount } };
}

function overageLines(turn: Turn, cycle: MeterCycle, owed: number): readonly Line[] {
  if (cycle.overageUnits === 0 || cycle.priceMinor === null) return [];
  const amount = overageAmount(turn, cycle, cycle.overageUnits);
  const described = describeOverage(turn, cycle, cycle.overageUnits);
  const line = makeLine(turn, { ...described, kind: 'overage', amount });
  if (owed === amount) return [line];
  const writeOff = makeLine(turn, {
    kind: 'adjustment',
    quantity: 1,
    amount: owed - amount,
    periodStart: cycle.start,
    periodEnd: cycle.end,
    description: 'Written off: usage beyond the budget by work that had started before it was reached',
    explanation: {
      rule: 'BUD-2',
      formula: 'owed − cost',
      inputs: { meter: cycle.meter, owedCents: owed, costCents: amount },
    },
  });
  return [line, writeOff];
}

/** What is to be given back is bounded by what was billed, is not given up, and was not given back already (INV-7, CRE-14). */
function adjustmentLines(turn: Turn, cycle: MeterCycle, owed: number): readonly Line[] {
  const { accountedMinor, billedMinor, creditedMinor, givenUpMinor } = cycle.bill;
  const difference = owed - accountedMinor;
  const net = billedMinor - givenUpMinor - creditedMinor;
  // More is owed than was billed: what lines of before charge is not charged again, whatever became of them since.
  const before = difference >= 0 ? billedMinor : accountedMinor;
  const amount = difference >= 0 ? Math.max(0, owed - billedMinor) : -Math.min(-difference, Math.max(0, net - owed));
  if (amount === 0) return [];
  const units = cycle.overageUnits - cycle.billedOverageUnits;
  const described = describeOverage(turn, cycle, cycle.overageUnits);
  const more = describeOverage(turn, cycle, units);
  const kept = amount - (owed - before);
  const costCents = overageAmount(turn, cycle, cycle.overageUnits);
  const line = makeLine(turn, {
    ...described,
    quantity: more.quantity,
    kind: 'adjustment',
    amount,
    description: `Adjustment for the cycle starting ${formatDate(cycle.start)}: ${amount < 0 ? 'overage was reversed' : more.description}`,
    explanation: {
      rule: amount < 0 ? 'CRE-14' : 'CRE-12',
      formula: `(${described.explanation.formula}${costCents === owed ? '' : ', up to the budget at the time'}) − already billed${kept === 0 ? '' : ' + already credited or never paid'}`,
      inputs: {
        ...described.explanation.inputs,
        ...(costCents === owed ? {} : { costCents }),
        owedCents: owed,
        billedCents: before,
        ...(kept === 0 ? {} : { alreadyGivenBackCents: kept }),
      },
    },
  });
  return [line];
}

function describeOverage(turn: Priced, cycle: MeterCycle, units: number): Omit<Line, 'lineId' | 'kind' | 'amount'> {
  const meter = turn.catalog.meters[cycle.meter];
  const count = overageQuantity(turn, cycle, units);
  const scale = scaleOf(turn.catalog, cycle.meter);
  const unit = meter?.unit ?? 'unit';
  const { currency } = turn.catalog;
  const step = chargeStepMinor(currency);
  const isBounded = step > 1 && cycle.capMinor !== null;
  const rounding =
    step === 1
      ? 'rounded once, half away from zero'
      : `rounded once to the nearest ${formatAmount(step, currency)}, half away from zero${isBounded ? ', never above the cap' : ''}`;
  return {
    quantity: count,
    periodStart: cycle.start,
    periodEnd: cycle.end,
    description: `${countOf(count, unit)} beyond the included ${formatCount(cycle.includedUnits / scale)}`,
    explanation: {
      rule: isPool(turn.catalog, cycle.meter) ? 'CRE-5' : 'BUD-1',
      formula: `price × ${unit}s ÷ ${unit}s per price, ${rounding}`,
      inputs: {
        meter: cycle.meter,
        [`${unit}s`]: count,
        priceCents: cycle.priceMinor ?? 0,
        [`${unit}sPerPrice`]: (cycle.pricePerUnits ?? 0) / scale,
        ...(step === 1 ? {} : { roundedToCents: step }),
        ...(isBounded ? { capCents: cycle.capMinor } : {}),
      },
    },
  };
}
