import type { CommandBodies } from '../model/command.ts';
import type { CreditNote, CreditNoteLine, Invoice, MeterCycle, Sold } from '../model/facts.ts';
import { changeAccount, giveNotice, makeLine, recordAudit, type Turn } from '../model/turn.ts';
import { formatAmount } from '../money/currency.ts';
import { Refusal } from '../refusal.ts';
import { owedAmount } from './arrears.ts';
import { countOf } from '../model/counts.ts';
import {
  creditUse,
  giveBackAdvance,
  givenBackBy,
  isSameThing,
  isUseOf,
  leftToGiveBack,
  type LinesOnFile,
  soldOf,
} from './given-back.ts';
import { linesInOrder } from './lines-in-order.ts';

/** An invoice, whatever became of it, and all that is on file beside it; not among an account's facts, which are what still goes on. */
export interface Creditable {
  readonly invoice: Invoice;
  readonly onFile: Omit<LinesOnFile, 'pendingLines'>;
  /** The balances that its lines are about, however old. */
  readonly meterCycles: readonly MeterCycle[];
}

/**
 * INV-7: an operator gives money of a paid invoice back, against its lines and with a reason: to the card, or as a line of the next invoice.
 * Never more than a line has left, nor in all more than was paid. The invoice itself stays as it is (INV-1).
 */
export function creditInvoice(
  turn: Turn,
  wanted: CommandBodies['creditInvoice'],
  creditable: Creditable | null,
): Readonly<Record<string, unknown>> {
  const { invoice, onFile, meterCycles } = paidOnly(wanted.number, creditable);
  const destination = wanted.to ?? 'card';
  const { accountId, nextCreditNoteNumber, closedAt } = turn.facts.account;
  if (destination === 'balance' && closedAt !== null) {
    throw new Refusal({
      code: 'account_closed',
      message: `The account ${accountId} is closed and has no next invoice to credit.`,
      field: 'to',
    });
  }
  const creditNotes = onFile.creditNotes.filter(({ invoiceId }) => invoiceId === invoice.invoiceId);
  const asked = creditedLines(invoice, creditNotes, wanted.lines);
  const total = asked.reduce((sum, line) => sum + line.amount, 0);
  assertLeft(invoice, creditNotes, total);
  bringBack(turn, meterCycles);
  const lines = asked.flatMap((line) => ofWhatWasCarried(turn, { invoice, onFile }, line));
  assertNotGivenBack(turn, onFile, lines);
  const number = creditNoteNumber(accountId, nextCreditNoteNumber);
  changeAccount(turn, { nextCreditNoteNumber: nextCreditNoteNumber + 1 });
  const creditNote: CreditNote = {
    creditNoteId: `${accountId}/credit/${String(nextCreditNoteNumber)}`,
    number,
    invoiceId: invoice.invoiceId,
    invoiceNumber: wanted.number,
    commandId: turn.commandId ?? '',
    reason: wanted.reason,
    destination,
    status: destination === 'card' ? 'pending' : 'credited',
    refundedByHandMinor: 0,
    currency: invoice.currency,
    issuedAt: turn.at,
    total,
    lines,
  };
  if (destination === 'card') {
    turn.facts = { ...turn.facts, pendingCreditNotes: [...turn.facts.pendingCreditNotes, creditNote] };
  } else {
    turn.settledCreditNotes.push(creditNote);
    creditNextInvoice(turn, creditNote, invoice);
  }
  countAsGiven(turn, creditNote, 1);
  const told = { number, invoice: wanted.number, total, destination };
  recordAudit(turn, 'credit_note.issued', null, { ...told, reason: wanted.reason });
  giveNotice(turn, 'credit_note_issued', told);
  return { creditNote: number, total, destination };
}

/** `acme-CN-0001`: counted per account, without gaps. */
export function creditNoteNumber(accountId: string, sequence: number): string {
  return `${accountId}-CN-${String(sequence).padStart(4, '0')}`;
}

/** An open invoice is not credited: it is paid or void first, so that what is owed and what was given back never mix. */
function paidOnly(number: string, creditable: Creditable | null): Creditable {
  if (creditable === null) {
    throw new Refusal({ code: 'unknown_invoice', message: `There is no invoice "${number}".`, field: 'number' });
  }
  const { status } = creditable.invoice;
  if (status === 'paid') return creditable;
  throw new Refusal({
    code: 'invoice_not_paid',
    message: `Invoice ${number} is ${status}; only a paid invoice can be credited.`,
    field: 'number',
  });
}

function creditedLines(
  { lines, currency }: Invoice,
  creditNotes: readonly CreditNote[],
  wanted: CommandBodies['creditInvoice']['lines'],
): readonly CreditNoteLine[] {
  const shown = linesInOrder(lines);
  const credited = new Map<string, number>();
  const add = (lineId: string, amount: number): number => {
    const sum = (credited.get(lineId) ?? 0) + amount;
    credited.set(lineId, sum);
    return sum;
  };
  for (const { lineId, amount } of creditNotes.flatMap(givenBackBy)) add(lineId, amount);
  return wanted.map(({ line, amountCents }, index) => {
    const found = shown[line - 1];
    if (found === undefined) {
      const message = `The invoice has ${countOf(shown.length, 'line')}; there is no line ${String(line)}.`;
      throw new Refusal({ code: 'invalid_request', message, field: `lines[${String(index)}].line` });
    }
    const left = found.amount - (credited.get(found.lineId) ?? 0);
    if (add(found.lineId, amountCents) > found.amount) {
      throw exceeds(
        `${formatAmount(Math.max(0, left), currency)} of line ${String(line)} has not been credited yet`,
        index,
      );
    }
    return { lineId: found.lineId, sold: soldOf(found), description: found.description, amount: amountCents };
  });
}

function assertLeft({ total: paid, currency }: Invoice, creditNotes: readonly CreditNote[], total: number): void {
  const left = paid - creditNotes.flatMap(givenBackBy).reduce((sum, line) => sum + line.amount, 0);
  if (total > left)
    throw exceeds(`${formatAmount(Math.max(0, left), currency)} of the payment has not been credited yet`, null);
}

/** What is credited of an amount that was carried over counts as given back of what that is for, in its order (MON-6). */
function ofWhatWasCarried(
  turn: Turn,
  { invoice, onFile }: Pick<Creditable, 'invoice' | 'onFile'>,
  credited: CreditNoteLine,
): readonly CreditNoteLine[] {
  const { lineId, amount } = credited;
  const carries = invoice.lines.find((line) => line.lineId === lineId)?.carries;
  if (carries === undefined) return [credited];
  const before = onFile.creditNotes.flatMap(givenBackBy).filter((line) => line.lineId === lineId);
  let left = amount;
  const parts = carries.flatMap(({ sold, amountMinor }): readonly CreditNoteLine[] => {
    const of = before.reduce((sum, line) => (isSameThing(line.sold, sold) ? sum + line.amount : sum), 0);
    const part = Math.max(0, Math.min(left, amountMinor - of, leftOf(turn, onFile, sold)));
    left -= part;
    return part === 0 ? [] : [{ ...credited, sold, amount: part }];
  });
  if (left > 0)
    throw exceeds(
      `${formatAmount(amount - left, invoice.currency)} of the amount carried over has not been credited yet`,
      null,
    );
  return parts;
}

/** Of one thing no more comes back than was paid for it, whether by credit notes, reversals, or credits for an unused part. */
function assertNotGivenBack(turn: Turn, onFile: Creditable['onFile'], lines: readonly CreditNoteLine[]): void {
  for (const [index, { sold }] of lines.entries()) {
    if (sold === null) continue;
    const wanted = lines.filter((line) => isSameThing(line.sold, sold)).reduce((sum, line) => sum + line.amount, 0);
    const left = leftOf(turn, onFile, sold);
    if (wanted > left)
      throw exceeds(
        `${formatAmount(left, turn.facts.account.currency)} of what was paid for it has not been credited yet`,
        index,
      );
  }
}

function leftOf(turn: Turn, onFile: Creditable['onFile'], sold: Sold): number {
  const { pendingLines } = turn.facts;
  return Math.min(leftToGiveBack({ ...onFile, pendingLines }, sold), stillOwed(turn, sold));
}

/** What was reversed since comes back by itself, also where no line says so yet (CRE-14). */
function stillOwed(turn: Turn, sold: Sold): number {
  const cycle = turn.facts.meterCycles.find((candidate) => isUseOf(candidate, sold));
  return cycle === undefined ? Number.MAX_SAFE_INTEGER : owedAmount(turn, cycle, cycle.overageUnits);
}

/** Balances that have left the facts come back to them, to be told. */
function bringBack(turn: Turn, meterCycles: readonly MeterCycle[]): void {
  const known = turn.facts.meterCycles;
  const missing = meterCycles.filter(
    ({ meter, start }) => !known.some((cycle) => cycle.meter === meter && cycle.start === start),
  );
  if (missing.length > 0) turn.facts = { ...turn.facts, meterCycles: [...known, ...missing] };
}

/** Writes a credit note down where it bounds what else may be given back; −1 where its refund failed. */
export function countAsGiven(turn: Turn, note: CreditNote, sign: 1 | -1): void {
  for (const { sold, amount } of givenBackBy(note)) {
    if (sold?.kind === 'use') creditUse(turn, sold, sign * amount);
    if (sold?.kind === 'advance') giveBackAdvance(turn, sold.cycleStart, sign * amount);
  }
}

function exceeds(what: string, index: number | null): Refusal {
  const field = index === null ? 'lines' : `lines[${String(index)}].amountCents`;
  return new Refusal({ code: 'credit_exceeds_paid', message: `${what}; a credit note cannot exceed that.`, field });
}

function creditNextInvoice(turn: Turn, { number, invoiceNumber, reason, total }: CreditNote, invoice: Invoice): void {
  const line = makeLine(turn, {
    kind: 'credit',
    quantity: 1,
    amount: -total,
    periodStart: invoice.periodStart,
    periodEnd: invoice.periodEnd,
    description: `Credit note ${number} for invoice ${invoiceNumber}: ${reason}`,
    explanation: {
      rule: 'INV-7',
      formula: '−(sum of the credited lines)',
      inputs: { creditNote: number, credited: total },
    },
  });
  turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, line] };
}
