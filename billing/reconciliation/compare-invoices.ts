import type { CreditNote } from '../model/facts.ts';
import { creditNoteNumber } from '../invoicing/credit-invoice.ts';
import { invoiceNumber, totalOf } from '../invoicing/issue-invoice.ts';
import type { AccountBooks } from './books.ts';
import { standingLines } from './compare-overage.ts';
import { type Difference, whereDifferent } from './difference.ts';

type Issued = Pick<AccountBooks, 'account' | 'pendingLines' | 'creditNotes'> & {
  readonly invoices: readonly Pick<
    AccountBooks['invoices'][number],
    'invoiceId' | 'number' | 'purpose' | 'status' | 'total' | 'lines'
  >[];
};

/** INV-1, INV-7: totals are their lines, numbers have no gaps, and nothing was given back that was not paid. */
export function compareInvoices(books: Issued): readonly Difference[] {
  const { accountId, nextInvoiceNumber, nextCreditNoteNumber } = books.account;
  return [
    ...books.invoices.flatMap((invoice) =>
      whereDifferent('total_is_not_its_lines', named(invoice), {
        what: 'total, in minor units',
        expected: totalOf(invoice.lines),
        found: invoice.total,
      }),
    ),
    ...compareNumbers(
      'invoice',
      sequence(nextInvoiceNumber, (count) => invoiceNumber(accountId, count)),
      books.invoices.flatMap(({ number }) => (number === null ? [] : [number])),
    ),
    ...compareNumbers(
      'credit note',
      sequence(nextCreditNoteNumber, (count) => creditNoteNumber(accountId, count)),
      books.creditNotes.map(({ number }) => number),
    ),
    ...books.creditNotes.flatMap((note) => compareCreditNote(books, note)),
    ...books.invoices.flatMap((invoice) => compareGivenBack(invoice, books.creditNotes)),
  ];
}

function named({ number, invoiceId }: Pick<Issued['invoices'][number], 'number' | 'invoiceId'>): string {
  return `invoice ${number ?? invoiceId}`;
}

function sequence(next: number, numberOf: (count: number) => string): readonly string[] {
  return Array.from({ length: next - 1 }, (_, index) => numberOf(index + 1));
}

function compareNumbers(what: string, given: readonly string[], found: readonly string[]): readonly Difference[] {
  const onSomething = new Set(found);
  const wasGiven = new Set(given);
  const missing = given.filter((number) => !onSomething.has(number));
  const unexpected = found.filter((number) => !wasGiven.has(number));
  return [
    ...missing.flatMap((number) => {
      const figures = { what: 'the number is on nothing', expected: number, found: null };
      return whereDifferent('number_missing', `${what} ${number}`, figures);
    }),
    ...unexpected.flatMap((number) => {
      const figures = { what: 'the number was never given', expected: null, found: number };
      return whereDifferent('number_unexpected', `${what} ${number}`, figures);
    }),
  ];
}

function compareCreditNote(books: Issued, { number, total, lines, destination }: CreditNote): readonly Difference[] {
  const about = `credit note ${number}`;
  const ofLines = whereDifferent('total_is_not_its_lines', about, {
    what: 'total, in minor units',
    expected: lines.reduce((sum, line) => sum + line.amount, 0),
    found: total,
  });
  if (destination === 'card') return ofLines;
  const credited = standingLines(books).filter(({ explanation }) => explanation.inputs['creditNote'] === number);
  const figures = { what: 'credit on an invoice, in minor units', expected: -total, found: totalOf(credited) };
  return [...ofLines, ...whereDifferent('credit_line_differs', about, figures)];
}

function compareGivenBack(
  invoice: Issued['invoices'][number],
  creditNotes: readonly CreditNote[],
): readonly Difference[] {
  const notes = creditNotes.filter(({ invoiceId, status }) => invoiceId === invoice.invoiceId && status !== 'failed');
  const givenBack = notes.reduce((sum, note) => sum + note.total, 0);
  const paid = invoice.status === 'paid' ? invoice.total : 0;
  if (givenBack === 0 || givenBack <= paid) return [];
  const figures = { what: 'given back at most, in minor units', expected: paid, found: givenBack };
  return whereDifferent('credited_beyond_paid', named(invoice), figures);
}
