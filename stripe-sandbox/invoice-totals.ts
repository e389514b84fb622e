import type { Context } from './context.ts';
import { minimumCharge } from './charge-limits.ts';
import type { InvoiceRecord } from './records.ts';

/** The invoice with its amounts as its lines have them now. Tax and discounts are outside the sandbox, so every sum is the same. */
export function withTotals(context: Pick<Context, 'store'>, invoice: InvoiceRecord): InvoiceRecord {
  const total = context.store.invoiceLines.inGroup(invoice.id).reduce((sum, line) => sum + line.amount, 0);
  const amount_due = Math.max(0, total + invoice.starting_balance);
  return {
    ...invoice,
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
    amount_due,
    amount_remaining: amount_due - invoice.amount_paid,
  };
}

/**
 * What finalizing does with the customer's balance (negative: credit). Stripe applies it first; what then is nothing,
 * or less than it can charge, makes the invoice paid at once and becomes the balance that the next invoice starts with
 * (https://docs.stripe.com/api/invoices).
 */
export function settledAgainstBalance(invoice: InvoiceRecord): {
  readonly amountDue: number;
  readonly endingBalance: number;
} {
  const owed = invoice.total + invoice.starting_balance;
  if (owed < minimumCharge(invoice.currency)) return { amountDue: 0, endingBalance: owed };
  return { amountDue: owed, endingBalance: 0 };
}
