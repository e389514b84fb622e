import type { CreditNote } from '../model/facts.ts';
import type { InvoiceStatus } from '../model/invoice-status.ts';
import type { AccountBooks, InvoiceOnFile, ProviderBooks, ProviderInvoice } from './books.ts';
import { type Difference, whereDifferent } from './difference.ts';

/** Invariants 2 and 5: what the provider has of our invoices, payments and refunds is what the books say, and no more. */
export function compareProvider(
  { invoices, creditNotes }: Pick<AccountBooks, 'invoices' | 'creditNotes'>,
  provider: ProviderBooks,
): readonly Difference[] {
  return [
    ...invoices.flatMap((invoice) => compareInvoice(invoice, creditNotes, provider)),
    ...provider.invoices.flatMap((there) => unknownInvoice(there, invoices)),
    ...provider.loosePayments.flatMap(({ id, amount }) => {
      const figures = { what: 'a payment that belongs to no invoice, in minor units', expected: 0, found: amount };
      return whereDifferent('unknown_payment_at_stripe', `payment ${id}`, figures);
    }),
    ...creditNotes.flatMap((note) => compareRefund(note, provider)),
    ...unknownRefunds(creditNotes, provider),
  ];
}

function compareInvoice(
  invoice: InvoiceOnFile,
  creditNotes: readonly CreditNote[],
  provider: ProviderBooks,
): readonly Difference[] {
  const about = `invoice ${invoice.number ?? invoice.invoiceId}`;
  if (invoice.collectionTrouble !== null) return refusedInvoice(about, invoice);
  const [there, ...more] = provider.invoices.filter(({ invoiceId }) => invoiceId === invoice.invoiceId);
  if (there === undefined) return missingInvoice(about, invoice);
  const expectedStatus = statusThere(invoice);
  const isOnItsWay = there.status === 'draft' && invoice.status === 'open';
  return [
    ...more.flatMap(({ id }) => {
      const figures = { what: 'Stripe has it a second time', expected: there.id, found: id };
      return whereDifferent('invoice_twice_at_stripe', about, figures);
    }),
    ...whereDifferent('total_differs_at_stripe', about, {
      what: 'total at Stripe, in minor units',
      expected: `${String(invoice.total)} ${invoice.currency}`,
      found: `${String(isOnItsWay ? invoice.total : there.total)} ${there.currency}`,
    }),
    ...(isOnItsWay
      ? []
      : whereDifferent('status_differs_at_stripe', about, {
          what: 'status at Stripe',
          expected: expectedStatus,
          found: there.status,
        })),
    ...comparePayment(about, invoice, there),
    ...compareGivenBack(about, invoice, creditNotes, there),
  ];
}

/** What the provider calls the state that an invoice is in here; null where it has no business there. */
function statusThere({ status, total }: InvoiceOnFile): string | null {
  const there: Readonly<Record<InvoiceStatus, string | null>> = {
    draft: null,
    open: 'open',
    paid: total === 0 ? null : 'paid',
    void: 'void',
    uncollectible: 'uncollectible',
    carried: null,
  };
  return there[status];
}

/** It will never be paid as it is: somebody has to look. */
function refusedInvoice(about: string, { collectionTrouble, total }: InvoiceOnFile): readonly Difference[] {
  const what = `Stripe refuses it (${collectionTrouble ?? ''}); collected, in minor units`;
  return whereDifferent('invoice_refused_by_stripe', about, { what, expected: total, found: null });
}

/** One that was never tried may still be on its way, and one that is void may have been a draft there, which is deleted. */
function missingInvoice(about: string, invoice: InvoiceOnFile): readonly Difference[] {
  const { status, attempts, stripeInvoiceId, isPaidOutside } = invoice;
  const expected = statusThere(invoice);
  if (expected === null || status === 'void') return [];
  const wasThere = stripeInvoiceId !== null || (attempts > 0 && !isPaidOutside);
  if (!wasThere) return [];
  const figures = { what: 'status at Stripe, which does not have it', expected, found: null };
  return whereDifferent('invoice_missing_at_stripe', about, figures);
}

/** INV-4: from a card, or by another way, and once. */
function comparePayment(about: string, invoice: InvoiceOnFile, there: ProviderInvoice): readonly Difference[] {
  const expected = invoice.isPaidOutside ? 0 : invoice.total;
  if (there.charged <= expected) return [];
  const what = invoice.isPaidOutside
    ? 'taken from the card, in minor units, though it was paid by another way'
    : 'taken from the card, in minor units';
  return whereDifferent('paid_twice', about, { what, expected, found: there.charged });
}

function compareGivenBack(
  about: string,
  { invoiceId }: InvoiceOnFile,
  creditNotes: readonly CreditNote[],
  there: ProviderInvoice,
): readonly Difference[] {
  const refunded = creditNotes.filter((note) => note.invoiceId === invoiceId && note.status === 'refunded');
  return whereDifferent('refunds_differ_at_stripe', about, {
    what: 'given back to the card, in minor units',
    expected: refunded.reduce((sum, note) => sum + note.total, 0),
    found: there.refunded,
  });
}

/** One that bears our mark, so that we made it, or somebody copied it. */
function unknownInvoice(there: ProviderInvoice, invoices: readonly InvoiceOnFile[]): readonly Difference[] {
  if (there.invoiceId === null || invoices.some(({ invoiceId }) => invoiceId === there.invoiceId)) return [];
  return whereDifferent('unknown_invoice_at_stripe', `Stripe’s invoice ${there.id}`, {
    what: 'it names an invoice that the books do not have',
    expected: null,
    found: there.invoiceId,
  });
}

function compareRefund(note: CreditNote, { creditNotes }: ProviderBooks): readonly Difference[] {
  if (note.status !== 'refunded') return [];
  const there = creditNotes.filter(({ creditNoteId }) => creditNoteId === note.creditNoteId);
  return whereDifferent('refund_missing_at_stripe', `credit note ${note.number}`, {
    what: 'credit notes at Stripe, in minor units',
    expected: note.total,
    found: there.length === 0 ? null : there.reduce((sum, { total }) => sum + total, 0),
  });
}

function unknownRefunds(creditNotes: readonly CreditNote[], provider: ProviderBooks): readonly Difference[] {
  const known = new Set(creditNotes.filter(({ status }) => status === 'refunded').map((note) => note.creditNoteId));
  const unknown = provider.creditNotes.filter(({ creditNoteId }) => creditNoteId !== null && !known.has(creditNoteId));
  return unknown.flatMap(({ id, total }) => {
    const figures = { what: 'the books have no refund for it; in minor units', expected: 0, found: total };
    return whereDifferent('unknown_refund_at_stripe', `Stripe’s credit note ${id}`, figures);
  });
}
