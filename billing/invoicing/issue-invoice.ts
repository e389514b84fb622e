import { addDays, addSeconds, type Instant } from '../calendar/instant.ts';
import type { Period } from '../calendar/period.ts';
import type { Invoice, InvoicePurpose, Line, Seat } from '../model/facts.ts';
import { addInvoice, changeAccount, giveNotice, makeLine, moveInvoice, recordAudit, type Turn } from '../model/turn.ts';
import type { InvoiceStatus } from '../model/invoice-status.ts';
import { formatAmount, minimumChargeMinor } from '../money/currency.ts';
import { closeMeterCycles, giveBackForClosedCycles } from './arrears.ts';
import { isOverdue } from '../schedule/collection.ts';
import {
  billAdvance,
  giveUpLines,
  isSameThing,
  partsOfAmount,
  soldOf,
  takeBackCredits,
  writeOffLines,
} from './given-back.ts';

export interface InvoiceRequest {
  readonly purpose: InvoicePurpose;
  readonly period: Period;
  readonly lines: readonly Line[];
  /** Tells apart several invoices of one purpose in one cycle: the command that caused it. Absent for boundaries. */
  readonly cause?: string;
  readonly seatNumbers?: readonly number[];
  readonly keptSeats?: readonly Seat[];
  readonly commandIds?: readonly string[];
  /** CRE-12: a draft in its grace, dated at the boundary all the same. */
  readonly draft?: boolean;
  /** A final invoice after which more may come, as for a hold that is captured: a small amount is carried, not written off (MON-6). */
  readonly isFurther?: boolean;
}

/** Known by account, cycle and purpose (INV-1): the same act always gives the same id, and the database keeps it unique. */
export function invoiceIdOf(accountId: string, request: Pick<InvoiceRequest, 'purpose' | 'period' | 'cause'>): string {
  return [accountId, request.purpose, request.period.start, request.cause]
    .filter((part) => part !== undefined)
    .join('/');
}

/** Puts an invoice among the account's facts. Without lines there is none; a draft may still get its first. */
export function issueInvoice(turn: Turn, request: InvoiceRequest): void {
  if (request.lines.length === 0 && request.draft !== true) return;
  if (request.purpose === 'final' && request.draft !== true && comeToNothing(request.lines)) {
    turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, ...request.lines] };
    return;
  }
  finishDrafts(turn);
  const invoice: Omit<Invoice, 'status'> = {
    invoiceId: invoiceIdOf(turn.facts.account.accountId, request),
    number: null,
    purpose: request.purpose,
    currency: turn.facts.account.currency,
    issuedAt: turn.at,
    periodStart: request.period.start,
    periodEnd: request.period.end,
    total: totalOf(request.lines),
    dueAt: dueAtOf(turn, request.draft === true),
    lines: request.lines,
    attempts: 0,
    nextAttemptAt: null,
    paidAt: null,
    seatNumbers: request.seatNumbers ?? [],
    keptSeats: request.keptSeats ?? [],
    commandIds: request.commandIds ?? [],
  };
  addInvoice(turn, invoice);
  if (request.draft === true)
    recordAudit(turn, 'invoice.drafted', null, { purpose: invoice.purpose, total: invoice.total });
  else finishInvoice(turn, invoice.invoiceId, [], request.isFurther);
}

/** CRE-18: who has agreed to be sent invoices pays so many days later; the date stands, also while the invoice is a draft. */
function dueAtOf({ at, facts, catalog }: Turn, isDraft: boolean): Instant | null {
  const days = facts.subscription?.contract?.invoiceDueDays ?? null;
  if (days === null) return null;
  // Nobody is to pay before the invoice is there.
  return addDays(isDraft && catalog.graceMinutes >= 1440 ? addSeconds(at, catalog.graceMinutes * 60) : at, days);
}

/** INV-1: numbers follow dates, so what waits for late use is issued before anything that is dated later is made. */
export function finishDrafts(turn: Turn): void {
  for (const { status, invoiceId } of turn.facts.liveInvoices) if (status === 'draft') finishDraft(turn, invoiceId);
}

/** A draft's wait is over: the overage of its cycle joins it, and it is issued (CRE-12). Without a charge it is discarded, and its lines wait. */
export function finishDraft(turn: Turn, invoiceId: string): void {
  const draft = turn.facts.liveInvoices.find((invoice) => invoice.invoiceId === invoiceId);
  if (draft === undefined) throw new Error(`${invoiceId} is not live`);
  const arrears = closeMeterCycles(turn, draft.issuedAt);
  if (draft.purpose !== 'final' && !hasNewCharge([...draft.lines, ...arrears])) {
    // What it would have charged was given back meanwhile: what it took waits again.
    carryAgain(turn, draft, () => true);
    turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, ...arrears] };
    discardDraft(turn, draft);
    return;
  }
  // It is issued next, so it takes what is owed to the customer as any charge does (MON-6).
  const waiting = draft.lines.length === 0 ? takeLinesOfBefore(turn, draft.issuedAt) : takeSetOffLines(turn);
  finishInvoice(turn, invoiceId, [...waiting, ...arrears]);
}

/** Use that a budget writes off whole (BUD-2), or that was given back, charges nothing: it waits for an invoice that does. */
export function hasNewCharge(lines: readonly Line[]): boolean {
  return lines.some((line) => isNewCharge(line) && sumOfThing(lines, line) > 0);
}

/** Lines that come to nothing for each thing that they are about say nothing that anybody has to get. */
export function comeToNothing(lines: readonly Line[]): boolean {
  return lines.every((line) => sumOfThing(lines, line) === 0);
}

function sumOfThing(lines: readonly Line[], line: Line): number {
  const sold = soldOf(line);
  if (sold === null) return line.amount;
  return totalOf(lines.filter((other) => isSameThing(soldOf(other), sold)));
}

/** What makes an invoice worth issuing: something that no invoice has charged before (MON-6). */
export function isNewCharge({ kind, amount }: Line): boolean {
  return amount > 0 && kind !== 'carried';
}

/** Gives a draft its last lines, its number and its fate: to be collected, settled at once, or carried (MON-6). */
function finishInvoice(turn: Turn, invoiceId: string, moreLines: readonly Line[], isFurther = false): void {
  const draft = turn.facts.liveInvoices.find((invoice) => invoice.invoiceId === invoiceId);
  if (draft?.status !== 'draft') throw new Error(`${invoiceId} is not a draft`);
  if (draft.purpose === 'final' && draft.lines.length === 0 && comeToNothing(moreLines)) {
    // Its grace brought nothing: it takes no number, and nobody is sent an empty invoice.
    turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, ...moreLines] };
    discardDraft(turn, draft);
    return;
  }
  const sequence = turn.facts.account.nextInvoiceNumber;
  const every = [...draft.lines, ...moreLines];
  const lines = isFurther ? every : withWriteOff(turn, draft, every);
  const total = totalOf(lines);
  const number = invoiceNumber(turn.facts.account.accountId, sequence);
  changeAccount(turn, { nextInvoiceNumber: sequence + 1 });
  const issued = { ...draft, lines, total, number };
  const { status, ...change } = settleOrCollect(turn, issued);
  moveInvoice(turn, issued, status, change);
  recordAudit(turn, 'invoice.issued', null, { number, purpose: draft.purpose, total });
}

/** A draft that charges nothing takes no number, and nobody is sent it. */
function discardDraft(turn: Turn, draft: Invoice): void {
  moveInvoice(turn, draft, 'void');
  recordAudit(turn, 'invoice.discarded', { purpose: draft.purpose, status: 'draft' }, { status: 'void' });
}

/** Where an invoice goes when it is issued. */
type Issued = { readonly status: InvoiceStatus } & Partial<Pick<Invoice, 'paidAt' | 'nextAttemptAt'>>;

function settleOrCollect(turn: Turn, invoice: Invoice): Issued {
  // MON-6: nothing to collect, nothing to ask the provider for.
  if (invoice.total === 0) return { status: 'paid', paidAt: turn.at };
  if (invoice.total >= minimumChargeMinor(invoice.currency)) return { status: 'open', nextAttemptAt: turn.at };
  const carries = partsOfAmount(invoice.lines, Math.max(0, invoice.total));
  const carried = makeLine(turn, {
    ...(carries.length === 0 ? {} : { carries }),
    kind: 'carried',
    quantity: 1,
    amount: invoice.total,
    periodStart: invoice.periodStart,
    periodEnd: invoice.periodEnd,
    description: `Carried over from invoice ${invoice.number ?? ''}`,
    explanation: {
      rule: 'MON-6',
      formula: 'total below the minimum charge',
      inputs: { total: invoice.total, minimumCharge: minimumChargeMinor(invoice.currency) },
    },
  });
  turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, carried] };
  return { status: 'carried' };
}

/** MON-6: nothing comes after a final invoice, so an amount too small to charge is written off where all can see it. */
function withWriteOff(turn: Turn, draft: Invoice, lines: readonly Line[]): readonly Line[] {
  const total = totalOf(lines);
  const minimum = minimumChargeMinor(draft.currency);
  if (draft.purpose !== 'final' || total <= 0 || total >= minimum) return lines;
  const writeOff = makeLine(turn, {
    kind: 'adjustment',
    quantity: 1,
    amount: -total,
    periodStart: draft.periodStart,
    periodEnd: draft.periodEnd,
    description: `Written off: below the minimum charge of ${formatAmount(minimum, draft.currency)}`,
    explanation: { rule: 'MON-6', formula: '−total', inputs: { total, minimumCharge: minimum } },
  });
  writeOffLines(turn, lines, total);
  return [...lines, writeOff];
}

/** `acme-0001`: counted per account, without gaps (INV-1). */
export function invoiceNumber(accountId: string, sequence: number): string {
  return `${accountId}-${String(sequence).padStart(4, '0')}`;
}

export function totalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0);
}

/** Takes what waited when an invoice was dated: what was bought since waits for the next one. */
function takeLinesOfBefore(turn: Turn, issuedAt: Instant): readonly Line[] {
  const isNewer = ({ kind, periodStart }: Line): boolean => kind === 'proration' && periodStart >= issuedAt;
  const lines = takePendingLines(turn);
  turn.facts = { ...turn.facts, pendingLines: lines.filter(isNewer) };
  return lines.filter((line) => !isNewer(line));
}

/** Takes all waiting lines for an invoice that is being made. */
export function takePendingLines(turn: Turn): readonly Line[] {
  const lines = turn.facts.pendingLines;
  turn.facts = { ...turn.facts, pendingLines: [] };
  return lines;
}

/**
 * MON-6: takes what earlier invoices carried over and what is owed to the customer, for a charge of any kind; what the customer owes beside it waits
 * for the boundary.
 */
export function takeSetOffLines(turn: Turn): readonly Line[] {
  const { pendingLines } = turn.facts;
  // What a budget writes off, or was given back, stands beside what it is of.
  const isTaken = (line: Line): boolean => line.kind === 'carried' || sumOfThing(pendingLines, line) < 0;
  turn.facts = { ...turn.facts, pendingLines: pendingLines.filter((line) => !isTaken(line)) };
  return [...pendingLines.filter(isTaken), ...giveBackForClosedCycles(turn)];
}

/** What waited for an invoice that is void now waits for the next one again; its lines stay, so the new ones have ids of their own. */
export function carryAgain(turn: Turn, invoice: Invoice, waitedBefore: (line: Line) => boolean): void {
  const again = invoice.lines
    .filter((line) => line.amount !== 0 && waitedBefore(line))
    .map((line, index) => ({ ...line, lineId: `${invoice.invoiceId} void#${String(index)}` }));
  if (again.length > 0) turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, ...again] };
}

/** An invoice is void: what it charged in advance was not delivered; what it took of before, a credit above all, is not void with it. */
export function voidAdvance(turn: Turn, invoice: Invoice): void {
  for (const line of invoice.lines) {
    const sold = soldOf(line);
    if (sold?.kind === 'advance') billAdvance(turn, { start: sold.cycleStart, end: invoice.periodEnd }, -line.amount);
  }
  // A credit that was given for it meanwhile is taken back: it was never paid.
  takeBackCredits(turn, [invoice]);
  carryAgain(turn, invoice, (line) => soldOf(line)?.kind !== 'advance');
}

/** An invoice will not be paid any more (INV-5): nothing is given back of what it charged. */
export function giveUpInvoice(turn: Turn, invoice: Invoice): void {
  giveUpInvoices(turn, [invoice]);
}

/** Together, because one may have credits for what another charged. */
function giveUpInvoices(turn: Turn, invoices: readonly Invoice[]): void {
  // While they are among the facts, what they charged is accounted for.
  giveUpLines(turn, invoices);
  for (const invoice of invoices) {
    const { number, status } = invoice;
    moveInvoice(turn, invoice, 'uncollectible', { nextAttemptAt: null });
    recordAudit(turn, 'invoice.uncollectible', { number, status }, { status: 'uncollectible' });
  }
}

/** At the end of a subscription: what was tried to its end will not be paid any more. What is not due yet, or is still to be tried, goes its own way. */
export function giveUpExhausted(turn: Turn, except: readonly Invoice[] = []): void {
  const isExhausted = (invoice: Invoice): boolean =>
    isOverdue(invoice) && invoice.nextAttemptAt === null && !except.includes(invoice);
  giveUpInvoices(turn, turn.facts.liveInvoices.filter(isExhausted));
}

/** An invoice that charged in advance what was never delivered is not owed (INV-5). */
export function voidInvoice(turn: Turn, invoice: Invoice): void {
  moveInvoice(turn, invoice, 'void', { nextAttemptAt: null });
  recordAudit(turn, 'invoice.void', { number: invoice.number, status: invoice.status }, { status: 'void' });
  voidAdvance(turn, invoice);
}

export function noticeOfPayment(turn: Turn, kind: string, invoice: Invoice, nextAttemptAt: Instant | null): void {
  giveNotice(turn, kind, { invoice: invoice.number, total: invoice.total, nextAttemptAt });
}
