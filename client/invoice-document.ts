import type { InvoiceDocument } from '../billing/account/document.ts';
import type { Invoice } from '../billing/facts/facts.ts';

/** An invoice as people and programs read it: without what only the engine needs to collect it. */
export function invoiceDocument(invoice: Invoice, stripe: InvoiceDocument['stripe']): InvoiceDocument {
  const { number, purpose, issuedAt, periodStart, periodEnd, currency, total, status, lines } = invoice;
  return {
    ...{ number, purpose, issuedAt, periodStart, periodEnd, currency, total, status },
    lines: lines.map(({ lineId: _lineId, ...line }) => line),
    stripe,
  };
}
