import { addDays, type Instant } from '../calendar/instant.ts';
import type { Period } from '../calendar/period.ts';
import type { Invoice, InvoicePurpose, Line, Seat } from '../facts/facts.ts';
import { changeAccount, giveNotice, makeLine, recordAudit, type Turn } from '../facts/turn.ts';
import { formatAmount, minimumChargeMinor } from '../money/currency.ts';

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
  const invoice: Invoice = {
    invoiceId: invoiceIdOf(turn.facts.account.accountId, request),
    number: null,
    purpose: request.purpose,
    status: 'draft',
    currency: turn.facts.account.currency,
    issuedAt: turn.at,
    periodStart: request.period.start,
    periodEnd: request.period.end,
    total: totalOf(request.lines),
    dueAt: dueAtOf(turn),
    lines: request.lines,
    attempts: 0,
    nextAttemptAt: null,
    paidAt: null,
    seatNumbers: request.seatNumbers ?? [],
    keptSeats: request.keptSeats ?? [],
    commandIds: request.commandIds ?? [],
  };
  turn.facts = { ...turn.facts, liveInvoices: [...turn.facts.liveInvoices, invoice] };
  if (request.draft === true)
    recordAudit(turn, 'invoice.drafted', null, { purpose: invoice.purpose, total: invoice.total });
  else finishInvoice(turn, invoice.invoiceId, []);
}

/** CRE-18: who has agreed to be sent invoices pays so many days later; the date stands, also while the invoice is a draft. */
function dueAtOf({ at, facts }: Turn): Instant | null {
  const days = facts.subscription?.contract?.invoiceDueDays ?? null;
  return days === null ? null : addDays(at, days);
}

/** Gives a draft its last lines, its number and its fate: to be collected, settled at once, or carried (MON-6). */
export function finishInvoice(turn: Turn, invoiceId: string, moreLines: readonly Line[]): void {
  const draft = turn.facts.liveInvoices.find((invoice) => invoice.invoiceId === invoiceId);
  if (draft?.status !== 'draft') throw new Error(`${invoiceId} is not a draft`);
  if (draft.lines.length + moreLines.length === 0) {
    // Its grace brought nothing: it takes no number, and nobody is sent an empty invoice.
    replaceInvoice(turn, { ...draft, status: 'void' });
    recordAudit(turn, 'invoice.discarded', { purpose: draft.purpose, status: 'draft' }, { status: 'void' });
    return;
  }
  const sequence = turn.facts.account.nextInvoiceNumber;
  const lines = withWriteOff(turn, draft, [...draft.lines, ...moreLines]);
  const total = totalOf(lines);
  const number = invoiceNumber(turn.facts.account.accountId, sequence);
  changeAccount(turn, { nextInvoiceNumber: sequence + 1 });
  const issued = { ...draft, lines, total, number };
  replaceInvoice(turn, settleOrCollect(turn, issued));
  recordAudit(turn, 'invoice.issued', null, { number, purpose: draft.purpose, total });
}

function settleOrCollect(turn: Turn, invoice: Invoice): Invoice {
  // MON-6: nothing to collect, nothing to ask the provider for.
  if (invoice.total === 0) return { ...invoice, status: 'paid', paidAt: turn.at };
  if (invoice.total >= minimumChargeMinor(invoice.currency))
    return { ...invoice, status: 'open', nextAttemptAt: turn.at };
  const carried = makeLine(turn, {
    kind: 'carried',
    quantity: 1,
    amount: invoice.total,
    periodStart: invoice.periodStart,
    periodEnd: invoice.periodEnd,
    description: `Carried over from invoice ${invoice.number ?? ''}`,
    explanation: {
      rule: 'MON-6',
      formula: 'a total below the minimum charge is carried to the next invoice',
      inputs: { total: invoice.total, minimumCharge: minimumChargeMinor(invoice.currency) },
    },
  });
  turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, carried] };
  return { ...invoice, status: 'carried' };
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
    description: `Written off: below the smallest charge of ${formatAmount(minimum, draft.currency)}`,
    explanation: { rule: 'MON-6', formula: '−total', inputs: { total, minimumCharge: minimum } },
  });
  return [...lines, writeOff];
}

/** `acme-0001`: counted per account, without gaps (INV-1). */
export function invoiceNumber(accountId: string, sequence: number): string {
  return `${accountId}-${String(sequence).padStart(4, '0')}`;
}

export function totalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0);
}

/** Puts a changed invoice in the place of the old one; one that needs nothing more leaves the facts. */
export function replaceInvoice(turn: Turn, invoice: Invoice): void {
  const isLive = invoice.status === 'draft' || invoice.status === 'open';
  if (!isLive) turn.settledInvoices.push(invoice);
  const liveInvoices = isLive
    ? turn.facts.liveInvoices.map((other) => (other.invoiceId === invoice.invoiceId ? invoice : other))
    : turn.facts.liveInvoices.filter((other) => other.invoiceId !== invoice.invoiceId);
  turn.facts = { ...turn.facts, liveInvoices };
}

/** Takes all waiting lines for an invoice that is being made. */
export function takePendingLines(turn: Turn): readonly Line[] {
  const lines = turn.facts.pendingLines;
  turn.facts = { ...turn.facts, pendingLines: [] };
  return lines;
}

/** MON-6: takes the amounts that earlier invoices left to the next one, and leaves what waits for the boundary. */
export function takeCarriedLines(turn: Turn): readonly Line[] {
  const { pendingLines } = turn.facts;
  turn.facts = { ...turn.facts, pendingLines: pendingLines.filter((line) => line.kind !== 'carried') };
  return pendingLines.filter((line) => line.kind === 'carried');
}

/** What waited for an invoice that is void now waits for the next one again; its lines stay, so the new ones have ids of their own. */
export function carryAgain(
  turn: Turn,
  invoice: Invoice,
  waitedBefore: (line: Line) => boolean = ({ kind }) => kind === 'carried',
): void {
  const again = invoice.lines
    .filter(waitedBefore)
    .map((line, index) => ({ ...line, lineId: `${invoice.invoiceId} void#${String(index)}` }));
  if (again.length > 0) turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, ...again] };
}

/** A first invoice is void, because nothing was delivered for it; what it took of before, a credit above all, is not void with it. */
export function carryOnFromStart(turn: Turn, invoice: Invoice): void {
  carryAgain(turn, invoice, ({ kind }) => kind !== 'base' && kind !== 'seats');
}

/** INV-5: days after the invoice was issued on which a failed payment is tried again. */
export const RETRY_DAYS: readonly number[] = [1, 3, 5, 7];

export function noticeOfPayment(turn: Turn, kind: string, invoice: Invoice, nextAttemptAt: Instant | null): void {
  giveNotice(turn, kind, { invoice: invoice.number, total: invoice.total, nextAttemptAt });
}
