import {
  type AccountState,
  type Balance,
  catalogOf,
  type CreditNote,
  type Invoice,
  type Line,
} from './account-state.ts';
import type { Second } from './calendar.ts';
import { minimumOf, stepOf } from './currency.ts';
import { compared, type Fraction, fraction, rounded, roundedDown } from './fraction.ts';
import { stepsPerUnit } from './offers.ts';
import { capOf, costOf, keyOf, overageOf, owedOf } from './use.ts';

// ---- One account per thing that was sold: the advance of one cycle, one meter's use in one cycle ----

interface Sold {
  /** What was billed on invoices that were not taken back, also where it was never paid. */
  billed: number;
  /** Of it what was paid, or is still to be paid, less what credit notes gave back: it bounds what can be given back. */
  left: number;
  /** The same, without what was set off against an invoice that was given up. */
  good: number;
  /** Of it what is paid already: a credit note gives back no more. */
  paid: number;
  /** The part of `billed` that is the price, without corrections. */
  price: number;
}

const NOTHING_SOLD: Sold = { billed: 0, left: 0, good: 0, paid: 0, price: 0 };

/** Whether a line counts: those of a void invoice never were. */
function isStanding({ status, isReleased }: Invoice): boolean {
  return status !== 'void' && !isReleased;
}

/** What a line is about; of an amount that was carried over, what of the invoice before was not settled there. */
function partsOf(state: AccountState, line: Line): readonly Part[] {
  if (line.thing !== null)
    return [{ thing: line.thing, from: line.from, amount: line.amount, isTakenBack: line.isTakenBack === true }];
  const carried = state.invoices.find(({ index }) => line.takes === `carried ${index}`);
  return carried === undefined ? [] : partsOfAmount(state, carried.lines, Math.max(0, carried.total));
}

interface Part {
  readonly thing: string;
  readonly from: Second;
  readonly amount: number;
  readonly isTakenBack: boolean;
}

/** MON-6: of an amount what was used comes first, then what was charged in advance, the oldest first, and credits that were taken back at the end. */
function partsOfAmount(state: AccountState, lines: readonly Line[], amount: number): readonly Part[] {
  const sums: Part[] = [];
  for (const part of lines.flatMap((line) => partsOf(state, line))) {
    const at = sums.findIndex(({ thing, isTakenBack }) => thing === part.thing && isTakenBack === part.isTakenBack);
    const known = sums[at];
    if (known === undefined) sums.push(part);
    else sums[at] = { ...known, from: Math.min(known.from, part.from), amount: known.amount + part.amount };
  }
  const rank = ({ thing, isTakenBack }: Part): number => (isTakenBack ? 2 : 0) + (thing.startsWith('use') ? 0 : 1);
  sums.sort((a, b) => rank(a) - rank(b) || a.from - b.from || (a.thing < b.thing ? -1 : 1));
  let left = amount;
  return sums.map((part) => {
    const own = Math.min(left, Math.max(0, part.amount));
    left -= own;
    return { ...part, amount: own };
  });
}

export function soldThings(state: AccountState, except?: Invoice): ReadonlyMap<string, Sold> {
  const things = new Map<string, Sold>();
  const of = (name: string): Sold => {
    const known = things.get(name) ?? { ...NOTHING_SOLD };
    things.set(name, known);
    return known;
  };
  for (const invoice of state.invoices) {
    if (!isStanding(invoice) || invoice === except) continue;
    // INV-7: what was given up or written off was never paid, and is not given back.
    const good = invoice.status !== 'uncollectible';
    for (const line of invoice.lines) {
      const isAsked = line.amount >= 0 || line.isWriteOff === true;
      for (const { thing, amount } of partsOf(state, line)) {
        if (!isAsked || invoice.status === 'paid') of(thing).paid += amount;
      }
      if (!good && line.kind === 'carried') {
        for (const { thing, amount, isTakenBack } of partsOf(state, line)) {
          of(thing).left -= amount;
          if (!isTakenBack) of(thing).good -= amount;
        }
      }
      if (line.thing === null) continue;
      const sold = of(line.thing);
      sold.billed += line.amount;
      // What is taken back is charged once, also when its invoice is given up, too.
      if (good || line.isTakenBack === true) sold.good += line.amount;
      // What was set off against an invoice was given, whatever became of the invoice.
      if (good || line.amount < 0) sold.left += line.amount;
      if (line.kind === 'base' || line.kind === 'seats' || line.kind === 'proration') sold.price += line.amount;
    }
    const { lines, writtenOff } = invoice;
    for (const { thing, amount } of partsOfAmount(state, lines, writtenOff)) {
      of(thing).left -= amount;
      of(thing).paid -= amount;
    }
  }
  for (const { parts } of state.creditNotes) {
    for (const { thing, amount } of parts) {
      of(thing).left -= amount;
      of(thing).good -= amount;
      of(thing).paid -= amount;
    }
  }
  return things;
}

/** What is owed of a balance, as a line can have it: rounded once, and not above the cap that it kept within (MON-2). */
export function owedMinor(state: AccountState, balance: Balance): number {
  const step = stepOf(catalogOf(state).currency);
  return withinCap(capOf(state, balance), owedOf(state, balance), step);
}

function withinCap(cap: number | null, owed: Fraction, step: number): number {
  const amount = rounded(owed, step);
  const kept = cap !== null && compared(owed, fraction(cap)) <= 0;
  return kept && amount > cap ? roundedDown(fraction(cap), step) : amount;
}

/** What a thing's owner is still to be told of it: above 0 it is owed by the customer, below to the customer. */
function correction(owed: number, { billed, left, good }: Sold): number {
  // A credit that was given before its line was given up is taken back.
  const takenBack = Math.max(0, -good);
  if (owed > billed) return owed - billed + takenBack;
  return owed < left ? owed - left : takenBack;
}

// ---- What waits for an invoice ----

export interface Waiting {
  /** Credits, carried amounts and what is given back: they join the next charge of any kind (MON-6). */
  readonly any: Line[];
  /** What a customer owes and was not told yet: it waits for a boundary. */
  readonly boundary: Line[];
}

export function waitingAt(state: AccountState, at: Second, draft?: Invoice): Waiting {
  const taken = new Set(
    state.invoices
      .filter((invoice) => isStanding(invoice) && invoice !== draft)
      .flatMap((invoice) => invoice.lines.map((line) => line.takes)),
  );
  const any: Line[] = [];
  const boundary: Line[] = [];
  for (const invoice of state.invoices) {
    if (invoice.status !== 'carried' || taken.has(`carried ${invoice.index}`)) continue;
    any.push(
      lineOf('carried', invoice.total, invoice.periodStart, invoice.periodEnd, null, `carried ${invoice.index}`),
    );
  }
  for (const { id, line } of state.prorations) {
    // What costs nothing waits once.
    const isVoid = ({ status, lines }: Invoice): boolean =>
      status === 'void' && lines.some(({ takes }) => takes === id);
    const wasToldInVain = line.amount === 0 && state.invoices.some(isVoid);
    if (!taken.has(id) && !wasToldInVain) boundary.push({ ...line });
  }
  const things = soldThings(state, draft);
  for (const line of [...useLines(state, at, things, draft), ...advanceLines(state, things)]) {
    (line.amount < 0 && line.kind === 'adjustment' ? any : boundary).push(line);
  }
  for (const note of state.creditNotes) {
    if (note.to === 'card' || taken.has(`note ${note.number}`)) continue;
    any.push(lineOf('credit', -note.amount, note.period.from, note.period.to, null, `note ${note.number}`));
  }
  return { any, boundary: keepTogether(any, boundary) };
}

/** A write-off is below 0, but stands beside the overage that it is of (BUD-2). */
function keepTogether(any: Line[], boundary: Line[]): Line[] {
  const writtenOff = any.filter((line) => line.takes === 'write-off');
  for (const line of writtenOff) any.splice(any.indexOf(line), 1);
  return [...boundary, ...writtenOff].map((line) =>
    line.takes === 'write-off' ? { ...line, takes: null, isWriteOff: true } : line,
  );
}

function useLines(
  state: AccountState,
  at: Second,
  things: ReadonlyMap<string, Sold>,
  draft: Invoice | undefined,
): readonly Line[] {
  const drafts = state.invoices.filter((invoice) => invoice.status === 'draft' && invoice !== draft);
  return Object.values(state.balances).flatMap((balance) => {
    if (balance.kind !== 'paid' || balance.end > at) return [];
    // CRE-12: within the grace it is the draft's.
    if (drafts.some(({ issuedAt }) => issuedAt === balance.end)) return [];
    const thing = `use ${keyOf(balance)}`;
    const owed = owedMinor(state, balance);
    const sold = things.get(thing);
    const { start, end } = balance;
    if (sold !== undefined) {
      const amount = correction(owed, sold);
      const isTakenBack = amount > 0 && owed <= sold.billed;
      return amount === 0 ? [] : [{ ...lineOf('adjustment', amount, start, end, thing), isTakenBack }];
    }
    const overage = overageOf(balance);
    if (overage === 0 || balance.price === null) return [];
    const catalog = catalogOf(state);
    const cost = withinCap(capOf(state, balance), costOf(state, balance, overage), stepOf(catalog.currency));
    const quantity = Math.ceil(overage / stepsPerUnit(catalog, balance.meter));
    const line: Line = { ...lineOf('overage', cost, start, end, thing), quantity };
    const writeOff = lineOf('adjustment', owed - cost, start, end, thing, 'write-off');
    return owed === cost ? [line] : [line, writeOff];
  });
}

/** A cycle's price: nothing is owed beyond what was billed, less what was unused. */
function advanceLines(state: AccountState, things: ReadonlyMap<string, Sold>): readonly Line[] {
  return Object.entries(state.advances).flatMap(([thing, { from, to, unused }]) => {
    const sold = things.get(thing);
    if (sold === undefined || unused === 0) return [];
    const owed = Math.max(0, sold.price - unused);
    const amount = owed < sold.left ? owed - sold.left : Math.max(0, -sold.good);
    return amount === 0 ? [] : [{ ...lineOf('adjustment', amount, from, to, thing), isTakenBack: amount > 0 }];
  });
}

export function lineOf(
  kind: Line['kind'],
  amount: number,
  from: Second,
  to: Second,
  thing: string | null,
  takes: string | null = null,
): Line {
  return { kind, quantity: 1, amount, from, to, thing, takes };
}

/** MON-4 */
export function prorated(
  state: AccountState,
  price: Fraction,
  at: Second,
  cycle: { from: Second; to: Second },
): number {
  const share = { n: price.n * BigInt(cycle.to - at), d: price.d * BigInt(cycle.to - cycle.from) };
  return rounded(share, stepOf(catalogOf(state).currency));
}

/** Whether an invoice that stands has what waited. */
export function isTaken(state: AccountState, takes: string): boolean {
  return state.invoices.some((invoice) => isStanding(invoice) && invoice.lines.some((line) => line.takes === takes));
}

// ---- Issuing ----

export interface NewInvoice {
  readonly purpose: Invoice['purpose'];
  readonly at: Second;
  readonly from: Second;
  readonly to: Second;
  readonly lines: readonly Line[];
  readonly advance?: string | null;
  readonly dueDays?: number | null;
  readonly draftUntil?: Second | null;
}

const DAY = 86_400;
const ADVANCE: ReadonlySet<Line['kind']> = new Set(['base', 'seats']);

/** CRE-18: the agreed days count from when the invoice is there; a wait of less than a day does not move its date. */
function sentAt({ at, draftUntil }: NewInvoice): Second {
  return draftUntil != null && draftUntil - at >= DAY ? draftUntil : at;
}

/** Makes an invoice, and issues it unless it is to stay a draft. */
export function makeInvoice(state: AccountState, made: NewInvoice): Invoice {
  const invoice: Invoice = {
    index: (state.invoices.at(-1)?.index ?? -1) + 1,
    number: null,
    purpose: made.purpose,
    status: 'draft',
    issuedAt: made.at,
    periodStart: made.from,
    periodEnd: made.to,
    dueAt: made.dueDays == null ? null : sentAt(made) + made.dueDays * DAY,
    lines: inOrder(made.lines),
    total: totalOf(made.lines),
    draftUntil: made.draftUntil ?? null,
    tries: 0,
    firstTryAt: null,
    nextTryAt: null,
    isFailed: false,
    failedUnder: null,
    // Where nothing is charged in advance, it has only what was used (INV-5).
    advance: made.lines.some(({ kind, amount }) => ADVANCE.has(kind) && amount > 0) ? (made.advance ?? null) : null,
    writtenOff: 0,
    isReleased: false,
  };
  state.invoices.push(invoice);
  if (invoice.draftUntil === null) issue(state, invoice, made.at);
  return invoice;
}

/** MON-6: what is 0 is settled here, too little is carried, and written off where nothing comes after it. */
export function issue(state: AccountState, invoice: Invoice, at: Second): void {
  state.numbered += 1;
  invoice.number = `${state.id}-${String(state.numbered).padStart(4, '0')}`;
  invoice.draftUntil = null;
  invoice.lines = inOrder(invoice.lines);
  invoice.total = totalOf(invoice.lines);
  const isSmall = invoice.total !== 0 && invoice.total < minimumOf(catalogOf(state).currency);
  const isFirstOfEnd = invoice.purpose === 'final' && !state.hasLastInvoice;
  if (invoice.purpose === 'final') state.hasLastInvoice = true;
  if (isSmall && invoice.total > 0 && isFirstOfEnd) {
    invoice.lines.push(lineOf('adjustment', -invoice.total, invoice.periodStart, invoice.periodEnd, null));
    invoice.writtenOff = invoice.total;
    invoice.total = 0;
  }
  if (invoice.total === 0) invoice.status = 'paid';
  else if (isSmall) invoice.status = 'carried';
  else {
    invoice.status = 'open';
    invoice.nextTryAt = invoice.dueAt ?? at;
  }
}

/** CRE-12: late use of the closed cycle joins its draft; a last invoice takes everything that waits. */
export function finishDraft(state: AccountState, draft: Invoice, at: Second): void {
  if (draft.purpose === 'final') {
    const { any, boundary } = waitingAt(state, draft.issuedAt, draft);
    draft.lines = [...boundary, ...any];
  } else {
    // It is issued next: late use joins it, and all that is owed to the customer. What is bought in its grace waits for the next one.
    const { any, boundary } = waitingAt(state, draft.issuedAt, draft);
    const had = new Set(draft.lines.map(({ takes }) => takes));
    draft.lines = [
      ...boundary.filter(({ kind, takes }) => kind !== 'proration' || had.has(takes)),
      ...any,
      ...draft.lines.filter(({ kind }) => ADVANCE.has(kind)),
    ];
  }
  const isWorth =
    draft.purpose === 'final'
      ? isWorthIssuing(draft.lines)
      : isCharge(draft.lines.filter(({ kind }) => kind !== 'carried'));
  if (isWorth) issue(state, draft, at);
  else state.invoices.splice(state.invoices.indexOf(draft), 1);
}

/** Use that a budget writes off whole is no charge. */
export function isCharge(lines: readonly Line[]): boolean {
  const sumOf = (thing: string | null): number =>
    lines.reduce((sum, line) => (line.thing === thing ? sum + line.amount : sum), 0);
  return lines.some((line) => line.amount > 0 && (line.thing === null || sumOf(line.thing) > 0));
}

/** A last invoice is issued also for a credit alone; what comes to nothing for each thing is none. */
export function isWorthIssuing(lines: readonly Line[]): boolean {
  const sumOf = (thing: string): number =>
    lines.reduce((sum, line) => (line.thing === thing ? sum + line.amount : sum), 0);
  return lines.some(({ thing, amount }) => (thing === null ? amount : sumOf(thing)) !== 0);
}

export function totalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0);
}

function inOrder(lines: readonly Line[]): Line[] {
  return [...lines].sort((a, b) => a.from - b.from);
}

// ---- Credit notes (INV-7) ----

/** What can still be given back of one line. */
export function creditable(state: AccountState, invoice: Invoice, line: Line, at: number): number {
  const of = (matches: (note: CreditNote) => boolean): number =>
    state.creditNotes.filter(matches).reduce((sum, note) => sum + note.amount, 0);
  const onLine = line.amount - of((note) => note.invoice === invoice.number && note.line === at);
  const onInvoice = invoice.total - of((note) => note.invoice === invoice.number);
  const parts = partsOf(state, line);
  const onParts = creditedParts(state, invoice, at, line.amount).reduce((sum, { amount }) => sum + amount, 0);
  return Math.min(onLine, onInvoice, parts.length === 0 ? Infinity : onParts);
}

/** What of an amount that is credited of a line is for which thing, in their order, as far as it was not credited already. */
export function creditedParts(state: AccountState, invoice: Invoice, at: number, amount: number): CreditNote['parts'] {
  let left = amount;
  const before = state.creditNotes.filter((note) => note.invoice === invoice.number && note.line === at);
  return partsOf(state, invoice.lines[at - 1]!).map(({ thing, amount: charged }) => {
    const credited = before
      .flatMap(({ parts }) => parts)
      .reduce((sum, part) => (part.thing === thing ? sum + part.amount : sum), 0);
    const part = Math.max(0, Math.min(left, charged - credited, leftOf(state, thing)));
    left -= part;
    return { thing, amount: part };
  });
}

export function leftOf(state: AccountState, thing: string): number {
  const { paid, price } = soldThings(state).get(thing) ?? NOTHING_SOLD;
  const balance = Object.values(state.balances).find((candidate) => `use ${keyOf(candidate)}` === thing);
  if (balance !== undefined) return Math.min(paid, owedMinor(state, balance));
  const { unused = 0 } = state.advances[thing] ?? {};
  return unused === 0 ? paid : Math.min(paid, price - unused);
}
