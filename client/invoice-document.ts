import type { InvoiceDocument } from '../billing/account/document.ts';
import type { Invoice } from '../billing/facts/facts.ts';

/** An invoice as people and programs read it: without what only the engine needs to collect it. */
export function invoiceDocument(invoice: Invoice, stripe: InvoiceDocument['stripe']): InvoiceDocument {
  const { number, purpose, issuedAt, periodStart, periodEnd, currency, total, dueAt, status, lines } = invoice;
  return {
    ...{ number, purpose, issuedAt, periodStart, periodEnd, currency, total },
    ...(dueAt === null ? {} : { dueAt }),
    status,
    // In order of time, as all lists of the document: what the old cycle still owes, then what the new one costs in advance.
    lines: lines.map(({ lineId: _lineId, ...line }) => line).sort((a, b) => compareText(a.periodStart, b.periodStart)),
    stripe,
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
