import type { InvoiceDocument } from '../../billing/model/document.ts';
import { formatDate } from '../../billing/calendar/instant.ts';
import { formatAmount } from '../../billing/money/currency.ts';
import { amountWithCode } from '../../billing/money/amount-with-code.ts';
import { at } from './words.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';

/** One row per invoice. */
export function invoiceTable(invoices: readonly InvoiceDocument[]): string {
  const rows = invoices.map((invoice) => [
    invoice.number ?? 'draft',
    at(invoice.issuedAt),
    invoice.purpose,
    amountWithCode(invoice.total, invoice.currency),
    invoice.status,
    `${formatDate(invoice.periodStart)} – ${formatDate(invoice.periodEnd)}`,
  ]);
  const head = ['number', 'issued', 'purpose', 'total', 'status', 'period (UTC dates)'];
  return table(rows, { head, right: [3] });
}

/** An invoice as the customer reads it: each line with why it is what it is (MON-5). */
export function invoicePage(invoice: InvoiceDocument, title: string, paint: Paint): string {
  const { currency, issuedAt, periodStart, periodEnd, status, stripe } = invoice;
  const facts = [
    ['issued', at(issuedAt)],
    ['period', `${at(periodStart)} – ${at(periodEnd)}`],
    ['status', stripe === null ? status : `${status} (at Stripe: ${stripe.status}, ${stripe.id})`],
  ];
  return [
    paint('bold', title),
    table(facts, { indent: 2 }),
    '',
    invoiceLines(invoice, paint),
    `  ${totalLine(invoice.total, currency)}`,
  ].join('\n');
}

/** The lines alone, indented. */
export function invoiceLines({ lines, currency }: InvoiceDocument, paint: Paint): string {
  const amounts = lines.map((line) => formatAmount(line.amount, currency));
  const width = Math.max(...amounts.map((amount) => amount.length), 0);
  return lines
    .flatMap(({ description, explanation }, index) => {
      const inputs = Object.entries(explanation.inputs).map(([name, value]) => `${name} ${String(value)}`);
      const why = `${explanation.formula} (${inputs.join(', ')})`;
      return [
        `  ${(amounts[index] ?? '').padStart(width)}  ${description}`,
        paint('dim', `  ${' '.repeat(width)}  ${why}`),
      ];
    })
    .join('\n');
}

function totalLine(total: number, currency: string): string {
  return `${amountWithCode(total, currency)} total`;
}
