import type { Line, MeterCycle } from '../model/facts.ts';
import { isUnaccounted, owedAmount } from '../invoicing/arrears.ts';
import { soldOf } from '../invoicing/given-back.ts';
import { totalOf } from '../invoicing/issue-invoice.ts';
import type { AccountBooks } from './books.ts';
import { type Difference, whereDifferent } from './difference.ts';

type Billed = Pick<AccountBooks, 'account' | 'isEnded' | 'catalog' | 'pendingLines'> & {
  readonly meterCycles: readonly MeterCycle[];
  readonly invoices: readonly Pick<AccountBooks['invoices'][number], 'status' | 'lines'>[];
};

/**
 * Invariant 2: what lines say about a cycle's overage, on invoices or waiting for one, is what the cycle counts as billed; and what it counts as
 * accounted for is what its own price and ceiling make of that use. Use that has changed since waits for its line, and is no difference; after a
 * subscription's last invoice nothing may wait.
 */
export function compareOverage(books: Billed): readonly Difference[] {
  const lines = standingLines(books).filter((line) => soldOf(line)?.kind === 'use');
  return books.meterCycles.flatMap((cycle) => [
    ...compareCycle(
      books,
      cycle,
      lines.filter((line) => isAbout(line, cycle)),
    ),
    ...(books.isEnded ? leftUnbilled(books, cycle) : []),
  ]);
}

/** What a void invoice took of before stands on the next one again, under another id; what it charged does not stand. */
export function standingLines({ invoices, pendingLines }: Pick<Billed, 'invoices' | 'pendingLines'>): readonly Line[] {
  return [...invoices.filter(({ status }) => status !== 'void').flatMap((invoice) => invoice.lines), ...pendingLines];
}

/** Lines of before meters were named are of the only meter there was. */
function isAbout(line: Line, { meter, start }: MeterCycle): boolean {
  const sold = soldOf(line);
  return sold?.cycleStart === start && (sold.meter === null || sold.meter === meter);
}

function compareCycle(books: Billed, cycle: MeterCycle, lines: readonly Line[]): readonly Difference[] {
  const about = aboutOf(cycle);
  const { billedMinor, accountedMinor } = cycle.bill;
  return [
    ...whereDifferent('overage_amount_differs', about, {
      what: 'lines for its overage, in minor units',
      expected: billedMinor,
      found: totalOf(lines),
    }),
    // What has changed since is named for itself (`leftUnbilled`).
    ...(isUnaccounted(cycle)
      ? []
      : whereDifferent('overage_amount_differs', about, {
          what: 'what its use costs that is accounted for, in minor units',
          expected: owedAmount(books, cycle, cycle.overageUnits),
          found: accountedMinor,
        })),
    ...lines.flatMap((line) => compareOwnWords(books, cycle, line)),
  ];
}

/** A line of overage has the quantity that it says of itself (MON-5). */
function compareOwnWords(books: Billed, cycle: MeterCycle, line: Line): readonly Difference[] {
  if (line.kind !== 'overage') return [];
  const meter = books.catalog.meters[cycle.meter];
  const said = line.explanation.inputs[`${meter?.unit ?? 'unit'}s`] ?? null;
  const what = 'quantity on its line of overage';
  return whereDifferent('overage_quantity_differs', aboutOf(cycle), {
    what,
    expected: said,
    found: line.quantity,
  });
}

function leftUnbilled({ account, invoices }: Billed, cycle: MeterCycle): readonly Difference[] {
  // Late use of a month that nobody had used before is on a balance that was opened after the end, and that nothing has closed.
  const isOver = cycle.closedAt !== null || (cycle.priceMinor !== null && cycle.end <= account.settledThrough);
  const isWaitedFor = invoices.some(({ status }) => status === 'draft');
  if (!isOver || isWaitedFor || !isUnaccounted(cycle)) return [];
  return whereDifferent('overage_not_billed', aboutOf(cycle), {
    what: 'units of overage that lines count',
    expected: cycle.overageUnits,
    found: cycle.billedOverageUnits,
  });
}

function aboutOf({ meter, start }: MeterCycle): string {
  return `${meter} from ${start}`;
}
