import { formatDate, type Instant } from '../calendar/instant.ts';
import type { Period } from '../calendar/period.ts';
import type { AdvanceAccount, CreditNote, Invoice, Line, MeterCycle, Sold, SoldPart } from '../model/facts.ts';
import type { InvoiceStatus } from '../model/invoice-status.ts';
import { changeAccount, makeLine, type Turn } from '../model/turn.ts';
import { giveBackWhatIsPaid } from './arrears.ts';

/**
 * One account of what was given back for each thing that was sold (INV-7, CRE-14, MON-6): the advance of a cycle, and one meter's use in a cycle.
 * Credit notes, adjustments for reversals and credits for unused parts all draw on it, and what was given up bounds them.
 */

/** Rules of lines about a cycle's overage: what it costs, what a budget writes off, what came late or was given back. */
const USE_RULES: ReadonlySet<string> = new Set(['CRE-5', 'BUD-1', 'BUD-2', 'CRE-12', 'CRE-14']);
/** Rules of lines that add to a cycle's advance, or credit its unused part; they name the cycle among their inputs. */
const ADVANCE_RULES: ReadonlySet<string> = new Set(['SBI-2', 'SBI-3', 'CRE-16', 'SBI-9']);

/** What a line is about; null for one that only passes an amount on (carried, credited). */
export function soldOf({ kind, periodStart, explanation: { rule, inputs } }: Line): Sold | null {
  if (kind === 'base' || kind === 'seats') return { kind: 'advance', meter: null, cycleStart: periodStart };
  if (ADVANCE_RULES.has(rule)) return { kind: 'advance', meter: null, cycleStart: inputs['cycleStart'] as Instant };
  if (!USE_RULES.has(rule)) return null;
  const { meter } = inputs;
  return { kind: 'use', meter: typeof meter === 'string' ? meter : null, cycleStart: periodStart };
}

export function isSameThing(a: Sold | null, b: Sold | null): boolean {
  if (a === null || b === null) return false;
  return a.kind === b.kind && a.meter === b.meter && a.cycleStart === b.cycleStart;
}

/** A cycle's advance grows by what is charged for it; negative where that is taken back unpaid (SBI-11). */
export function billAdvance(turn: Turn, { start, end }: Period, amountMinor: number): void {
  const fresh = {
    cycleStart: start,
    cycleEnd: end,
    billedMinor: 0,
    givenBackMinor: 0,
    givenUpMinor: 0,
    takenBackMinor: 0,
  };
  const known = turn.facts.account.advances.find(({ cycleStart }) => cycleStart === start) ?? fresh;
  saveAdvance(turn, { ...known, billedMinor: known.billedMinor + amountMinor });
}

/** How much of a cycle's advance may still be given back. */
export function advanceLeftMinor({ facts: { account } }: Turn, cycleStart: Instant): number {
  const known = account.advances.find((advance) => advance.cycleStart === cycleStart);
  return known === undefined ? Number.MAX_SAFE_INTEGER : Math.max(0, leftOf(known));
}

export function giveBackAdvance(turn: Turn, cycleStart: Instant, amountMinor: number): void {
  const known = turn.facts.account.advances.find((advance) => advance.cycleStart === cycleStart);
  if (known !== undefined) saveAdvance(turn, { ...known, givenBackMinor: known.givenBackMinor + amountMinor });
}

function leftOf({ billedMinor, givenBackMinor, givenUpMinor }: AdvanceAccount): number {
  return billedMinor - givenBackMinor - givenUpMinor;
}

/** Cycles that are over, and whose invoices are settled, have nothing more to expect but a credit note, which looks at the invoices themselves. */
function saveAdvance(turn: Turn, advance: AdvanceAccount): void {
  const { account, subscription, liveInvoices, pendingLines } = turn.facts;
  const unsettled = [...liveInvoices.flatMap(({ lines }) => lines), ...pendingLines];
  const isNeeded = ({ cycleStart, takenBackMinor }: AdvanceAccount): boolean =>
    cycleStart === advance.cycleStart ||
    cycleStart === subscription?.cycle.start ||
    takenBackMinor > 0 ||
    unsettled.some((line) => isAdvanceOf(line, cycleStart));
  const others = account.advances.filter((other) => other.cycleStart !== advance.cycleStart && isNeeded(other));
  const advances = [...others, advance].sort((a, b) => (a.cycleStart < b.cycleStart ? -1 : 1));
  changeAccount(turn, { advances });
}

function isAdvanceOf(line: Line, cycleStart: Instant): boolean {
  return partsOf(line).some(({ sold }) => sold.kind === 'advance' && sold.cycleStart === cycleStart);
}

/** A balance changes what was credited of its lines: by a credit note, or, negative, by one whose refund failed. */
export function creditUse(turn: Turn, sold: Sold, amountMinor: number): void {
  changeBill(turn, sold, (cycle) => ({
    ...cycle.bill,
    creditedMinor: cycle.bill.creditedMinor + amountMinor,
  }));
}

function changeBill(turn: Turn, sold: Sold, change: (cycle: MeterCycle) => MeterCycle['bill']): void {
  const meterCycles = turn.facts.meterCycles.map((cycle) =>
    isUseOf(cycle, sold) ? { ...cycle, bill: change(cycle) } : cycle,
  );
  turn.facts = { ...turn.facts, meterCycles };
}

/** Lines of before meters were named are of the only meter there was. */
export function isUseOf({ meter, start }: MeterCycle, sold: Sold): boolean {
  return sold.kind === 'use' && start === sold.cycleStart && (sold.meter === null || sold.meter === meter);
}

/**
 * An invoice is given up, or a part of it is written off (INV-5, MON-6): its lines were never paid, so nothing is given back of them. What was given
 * back before is taken back on the next invoice, in a line that says so.
 */
export function giveUpLines(turn: Turn, invoices: readonly Pick<Invoice, 'number' | 'lines'>[]): void {
  const parts = invoices.flatMap(({ lines }) => lines).flatMap(partsOf);
  for (const [sold, amount] of amountsBySold(parts)) changeGivenUp(turn, sold, amount);
  takeBackCredits(turn, invoices);
}

/** What was given back of what invoices charged that will not be paid; what they took back themselves is not charged once more. */
export function takeBackCredits(turn: Turn, invoices: readonly Pick<Invoice, 'number' | 'lines'>[]): void {
  for (const [sold] of amountsBySold(invoices.flatMap(({ lines }) => lines).flatMap(chargesOf))) {
    const { net, end } = netOf(turn, sold);
    const charged = invoices.find(({ lines }) =>
      lines.some((line) => partsOf(line).some((part) => isSameThing(part.sold, sold))),
    );
    if (net < 0) takeBackCredit(turn, { number: charged?.number ?? '', sold, end, amount: -net });
  }
}

/** What a line charges anew: not what it takes back. */
function chargesOf(line: Line): readonly SoldPart[] {
  return partsOf(line).filter(({ isCreditTakenBack: isTakenBack }) => !isTakenBack);
}

/** The same, for an amount that is written off on an invoice. */
export function writeOffLines(turn: Turn, lines: readonly Line[], amountMinor: number): void {
  for (const { sold, amountMinor: part } of partsOfAmount(lines, amountMinor)) changeGivenUp(turn, sold, part);
}

/** What a line is about, with what it charges for it; of an amount that was carried over, what that is for. */
function partsOf(line: Line): readonly SoldPart[] {
  if (line.carries !== undefined) return line.carries;
  const sold = soldOf(line);
  return sold === null ? [] : [{ sold, amountMinor: line.amount, isCreditTakenBack: isCreditTakenBack(line) }];
}

/**
 * What a part of an invoice's total is for, where lines below 0 have settled the rest of it (MON-6): what was used first, then what was charged in
 * advance, the oldest first; a credit that was taken back comes last.
 */
export function partsOfAmount(lines: readonly Line[], amountMinor: number): readonly SoldPart[] {
  const parts = lines.flatMap(partsOf);
  let left = amountMinor;
  return [false, true].flatMap((isTakenBack) => {
    const sums = amountsBySold(parts.filter((part) => part.isCreditTakenBack === isTakenBack));
    return [...sums]
      .sort(([a], [b]) => (placeOf(a) < placeOf(b) ? -1 : 1))
      .flatMap(([sold, amount]) => {
        const part = Math.min(left, Math.max(0, amount));
        left -= part;
        return part === 0 ? [] : [{ sold, amountMinor: part, isCreditTakenBack: isTakenBack }];
      });
  });
}

function placeOf({ kind, cycleStart, meter }: Sold): string {
  return `${kind === 'use' ? 'a' : 'b'} ${cycleStart} ${meter ?? ''}`;
}

/** A line that charges a credit again, because what it was given for was never paid. */
export function isCreditTakenBack({ explanation }: Line): boolean {
  return explanation.inputs['givenBackCents'] !== undefined;
}

/** Money came after all for an invoice that was given up: what was taken back because it had not come is given again. */
export function regainLines(turn: Turn, { number, lines }: Pick<Invoice, 'number' | 'lines'>): void {
  for (const [sold, amount] of amountsBySold(lines.flatMap(partsOf))) {
    changeGivenUp(turn, sold, -amount);
    const again =
      sold.kind === 'use'
        ? giveBackWhatIsPaid(turn, (cycle) => isUseOf(cycle, sold) && cycle.closedAt !== null)
        : restoreCredit(turn, number ?? '', sold);
    turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, ...again] };
  }
}

function restoreCredit(turn: Turn, number: string, sold: Sold): readonly Line[] {
  const known = turn.facts.account.advances.find(({ cycleStart }) => cycleStart === sold.cycleStart);
  if (known === undefined || known.billedMinor <= 0) return [];
  const amount = Math.min(known.takenBackMinor, Math.max(0, leftOf(known)));
  if (amount === 0) return [];
  const { cycleStart, cycleEnd, givenBackMinor, takenBackMinor } = known;
  saveAdvance(turn, {
    ...known,
    givenBackMinor: givenBackMinor + amount,
    takenBackMinor: takenBackMinor - amount,
  });
  const line = makeLine(turn, {
    kind: 'adjustment',
    quantity: 1,
    amount: -amount,
    periodStart: cycleStart,
    periodEnd: cycleEnd,
    description: `Credit restored: invoice ${number} has since been paid`,
    explanation: {
      rule: 'SBI-9',
      formula: '−(reversed credit)',
      inputs: { cycleStart, invoice: number, takenBackCents: amount },
    },
  });
  return [line];
}

function amountsBySold(parts: readonly SoldPart[]): readonly (readonly [Sold, number])[] {
  const sums: [Sold, number][] = [];
  for (const { sold, amountMinor } of parts) {
    const known = sums.find(([other]) => isSameThing(other, sold));
    if (known === undefined) sums.push([sold, amountMinor]);
    else known[1] += amountMinor;
  }
  return sums;
}

function changeGivenUp(turn: Turn, sold: Sold, amount: number): void {
  if (sold.kind === 'use') {
    changeBill(turn, sold, ({ bill }) => ({ ...bill, givenUpMinor: bill.givenUpMinor + amount }));
    return;
  }
  const known = turn.facts.account.advances.find(({ cycleStart }) => cycleStart === sold.cycleStart);
  if (known !== undefined) saveAdvance(turn, { ...known, givenUpMinor: known.givenUpMinor + amount });
}

/** What is left of what was billed and is not given up, less what was given back; below 0 more was given back than that. */
function netOf({ facts: { account, meterCycles } }: Turn, sold: Sold): { net: number; end: Instant } {
  const nothing = { net: 0, end: sold.cycleStart };
  if (sold.kind === 'advance') {
    const known = account.advances.find(({ cycleStart }) => cycleStart === sold.cycleStart);
    return known === undefined ? nothing : { net: leftOf(known), end: known.cycleEnd };
  }
  const cycle = meterCycles.find((candidate) => isUseOf(candidate, sold));
  if (cycle === undefined) return nothing;
  const { billedMinor, givenUpMinor, creditedMinor } = cycle.bill;
  return { net: billedMinor - givenUpMinor - creditedMinor, end: cycle.end };
}

function takeBackCredit(
  turn: Turn,
  { number, sold, end, amount }: { number: string; sold: Sold; end: Instant; amount: number },
): void {
  const line = makeLine(turn, {
    kind: 'adjustment',
    quantity: 1,
    amount,
    periodStart: sold.cycleStart,
    periodEnd: end,
    description: `Credit reversed: it was for a charge from ${formatDate(sold.cycleStart)} on invoice ${number}, which was never paid`,
    explanation: {
      rule: sold.kind === 'use' ? 'CRE-14' : 'SBI-9',
      formula: 'amount credited − amount paid',
      inputs: {
        ...(sold.meter === null ? {} : { meter: sold.meter }),
        cycleStart: sold.cycleStart,
        invoice: number,
        givenBackCents: amount,
        paidCents: 0,
      },
    },
  });
  turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, line] };
  if (sold.kind === 'use') {
    changeBill(turn, sold, ({ bill }) => ({ ...bill, billedMinor: bill.billedMinor + amount }));
    return;
  }
  const known = turn.facts.account.advances.find(({ cycleStart }) => cycleStart === sold.cycleStart);
  if (known === undefined) return;
  const { givenBackMinor, takenBackMinor } = known;
  saveAdvance(turn, {
    ...known,
    givenBackMinor: givenBackMinor - amount,
    takenBackMinor: takenBackMinor + amount,
  });
}

/** Everything that is on file about an account's money, for an operator who gives some of it back. */
export interface LinesOnFile {
  readonly invoices: readonly Pick<Invoice, 'status' | 'lines'>[];
  readonly pendingLines: readonly Line[];
  readonly creditNotes: readonly CreditNote[];
}

/** Statuses under which what a line gives to the customer has been given, or will be: set off against an invoice, whatever became of it. */
const STANDING: ReadonlySet<InvoiceStatus> = new Set<InvoiceStatus>([
  'draft',
  'open',
  'paid',
  'carried',
  'uncollectible',
]);

/** How much of what was paid for one thing has not been given back, in whatever way (INV-7). */
export function leftToGiveBack({ invoices, pendingLines, creditNotes }: LinesOnFile, sold: Sold): number {
  const sum = (lines: readonly Line[], isCounted: (line: Line) => boolean): number =>
    lines
      .filter(isCounted)
      .flatMap(partsOf)
      .reduce((total, part) => (isSameThing(part.sold, sold) ? total + part.amountMinor : total), 0);
  // What a budget writes off of a cost is no gift: only the rest was asked for.
  const isAsked = (line: Line): boolean => line.amount >= 0 || line.explanation.rule === 'BUD-2';
  const isPaid = ({ status }: Pick<Invoice, 'status'>): boolean => status === 'paid';
  const paid = invoices.filter(isPaid).map(({ lines }) => sum(lines, isAsked) - writtenOffOf(lines, sold));
  const given = [...invoices.filter(({ status }) => STANDING.has(status)).map(({ lines }) => lines), pendingLines].map(
    (lines) => sum(lines, (line) => !isAsked(line)),
  );
  const credited = creditNotes.flatMap(givenBackBy).map((line) => (isSameThing(line.sold, sold) ? -line.amount : 0));
  return Math.max(
    0,
    [...paid, ...given, ...credited].reduce((total, amount) => total + amount, 0),
  );
}

/** What was too small to be charged, on a last invoice (MON-6). */
function writtenOffOf(lines: readonly Line[], sold: Sold): number {
  const isWriteOff = ({ kind, amount, explanation: { rule } }: Line): boolean =>
    kind === 'adjustment' && amount < 0 && rule === 'MON-6';
  const total = lines.filter(isWriteOff).reduce((sum, { amount }) => sum - amount, 0);
  const parts = partsOfAmount(lines, total).filter((part) => isSameThing(part.sold, sold));
  return parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

/** What a credit note has given back, or is about to, line by line: one whose refund failed nothing, or what had been refunded by hand. */
export function givenBackBy({ status, refundedByHandMinor, lines }: CreditNote): CreditNote['lines'] {
  if (status !== 'failed') return lines;
  let left = refundedByHandMinor;
  return lines.flatMap((line) => {
    const amount = Math.min(left, line.amount);
    left -= amount;
    return amount === 0 ? [] : [{ ...line, amount }];
  });
}
