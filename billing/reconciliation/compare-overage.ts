import type { Line, MeterCycle } from '../facts/facts.ts';
import { isPool, unitsPerUnit } from '../facts/terms.ts';
import { overageAmount, overageQuantity, owedAmount } from '../invoice/arrears.ts';
import { totalOf } from '../invoice/issue-invoice.ts';
import type { AccountBooks } from './books.ts';
import { type Difference, whereDifferent } from './difference.ts';

/** The rules that lines about a cycle's overage name: what it costs, what is written off, what came late or was given back. */
const RULES: ReadonlySet<string> = new Set(['CRE-5', 'BUD-1', 'BUD-2', 'CRE-12', 'CRE-14']);

type Billed = Pick<AccountBooks, 'account' | 'catalog' | 'pendingLines'> & {
  readonly meterCycles: readonly MeterCycle[];
  readonly invoices: readonly Pick<AccountBooks['invoices'][number], 'purpose' | 'status' | 'lines'>[];
};

/**
 * Invariant 2: what lines say about a cycle's overage, on invoices or waiting for one, is what the cycle counts as billed, and costs what the
 * cycle's own price makes of that. Lines name their cycle by its start, and no meter, so meters of one start are compared together.
 */
export function compareOverage(books: Billed): readonly Difference[] {
  const lines = standingLines(books);
  const starts = [...new Set(books.meterCycles.map((cycle) => cycle.start))].sort();
  return [
    ...starts.flatMap((start) =>
      compareStart(
        books,
        books.meterCycles.filter((cycle) => cycle.start === start),
        lines.filter((line) => line.periodStart === start),
      ),
    ),
    ...(books.account.closedAt === null ? [] : books.meterCycles.flatMap(leftUnbilled)),
  ];
}

/** What was bought and not paid for hands its other lines on to the next invoice, where they stand again under another id. */
export function standingLines({ invoices, pendingLines }: Pick<Billed, 'invoices' | 'pendingLines'>): readonly Line[] {
  const standing = invoices.filter(
    ({ purpose, status }) => status !== 'void' || (purpose !== 'plan-change' && purpose !== 'seats'),
  );
  return [...standing.flatMap((invoice) => invoice.lines), ...pendingLines];
}

function compareStart(books: Billed, cycles: readonly MeterCycle[], lines: readonly Line[]): readonly Difference[] {
  const about = aboutOf(cycles);
  const billed = lines.filter(({ explanation }) => RULES.has(explanation.rule));
  const owed = cycles.map((cycle) => owedAmount(books, cycle, cycle.billedOverageUnits));
  const [cycle] = cycles;
  const differences =
    cycle !== undefined && cycles.length === 1 && wasBilledUnderOtherBudget(books, cycle, billed)
      ? []
      : whereDifferent('overage_amount_differs', about, {
          what: 'lines for its overage, in minor units',
          expected: owed.reduce((sum, amount) => sum + amount, 0),
          found: totalOf(billed),
        });
  // Adjustments are rounded up to whole units each by itself; only a single line of overage has the cycle's own quantity.
  const [line] = billed.filter(({ kind, explanation }) => kind === 'overage' || explanation.rule !== 'BUD-2');
  const isSingle = cycles.length === 1 && billed.every((each) => each === line || each.explanation.rule === 'BUD-2');
  if (cycle === undefined || line?.kind !== 'overage' || !isSingle) return differences;
  const what = 'quantity on its line of overage';
  const expected = overageQuantity(books, cycle, cycle.billedOverageUnits);
  return [
    ...differences,
    ...whereDifferent('overage_quantity_differs', about, { what, expected, found: line.quantity }),
  ];
}

/**
 * A budget bounds what is owed at the time of billing (BUD-2), and may be another by now, where a part of the cycle was billed before its
 * end. Then the lines have to be what they say of themselves (MON-5).
 */
function wasBilledUnderOtherBudget(books: Billed, cycle: MeterCycle, billed: readonly Line[]): boolean {
  if (cycle.capMinor === null || billed.length === 0 || isPool(books.catalog, cycle.meter)) return false;
  const meter = books.catalog.meters[cycle.meter];
  const scale = meter === undefined ? 1 : unitsPerUnit(meter);
  return billed.every(({ kind, quantity, amount, explanation: { rule, inputs } }) => {
    if (kind === 'overage') return amount === overageAmount(books, cycle, quantity * scale);
    const [whole, part] = rule === 'BUD-2' ? [inputs['budget'], inputs['cost']] : [inputs['owed'], inputs['billed']];
    return amount === Number(whole) - Number(part);
  });
}

/** Nothing comes after a closed account's final invoice. */
function leftUnbilled(cycle: MeterCycle): readonly Difference[] {
  return whereDifferent('overage_not_billed', aboutOf([cycle]), {
    what: 'units of overage that lines count',
    expected: cycle.overageUnits,
    found: cycle.billedOverageUnits,
  });
}

function aboutOf(cycles: readonly MeterCycle[]): string {
  return `${cycles.map((cycle) => cycle.meter).join(' and ')} from ${cycles[0]?.start ?? ''}`;
}
