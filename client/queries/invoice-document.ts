import type { CreditNoteDocument, InvoiceDocument } from '../../billing/model/document.ts';
import type { CreditNote, Invoice } from '../../billing/model/facts.ts';
import { linesCredited, linesInOrder } from '../../billing/invoicing/lines-in-order.ts';

/** An invoice as people and programs read it: without what only the engine needs to collect it. */
export function invoiceDocument(invoice: Invoice, stripe: InvoiceDocument['stripe']): InvoiceDocument {
  const { number, purpose, issuedAt, periodStart, periodEnd, currency, total, dueAt, status, lines, nextAttemptAt } =
    invoice;
  return {
    ...{ number, purpose, issuedAt, periodStart, periodEnd, currency, total },
    ...(dueAt === null ? {} : { dueAt }),
    ...(status === 'open' && nextAttemptAt !== null ? { nextAttemptAt } : {}),
    status,
    lines: linesInOrder(lines).map(({ lineId: _lineId, carries: _carries, ...line }) => line),
    stripe,
  };
}

/** A credit note as people and programs read it. */
export function creditNoteDocument(
  note: CreditNote & { readonly stripeCreditNoteId: string | null },
): CreditNoteDocument {
  const { number, invoiceNumber, issuedAt, reason, destination, status, currency, total, lines, stripeCreditNoteId } =
    note;
  return {
    ...{ number, invoice: invoiceNumber, issuedAt, reason, destination, status, currency, total },
    lines: linesCredited({ lines }).map(({ description, amount }) => ({ description, amount })),
    stripe: stripeCreditNoteId === null ? null : { id: stripeCreditNoteId },
  };
}
