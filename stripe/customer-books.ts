import type Stripe from 'stripe';

import type { ProviderBooks, ProviderCreditNote, ProviderInvoice } from '../billing/reconciliation/books.ts';
import { INVOICE_METADATA } from './push-invoice.ts';
import { CREDIT_NOTE_METADATA } from './refund-lines.ts';
import { fromStripeAmount } from './stripe-amount.ts';

/**
 * All that Stripe has of one customer, by listing, which is consistent at once: three requests to three endpoints for whoever has no more than
 * a hundred of each. It changes nothing there.
 */
export async function readCustomerBooks(stripe: Stripe, customer: string): Promise<ProviderBooks> {
  const page = { customer, limit: 100 };
  const invoices = await all(stripe.invoices.list({ ...page, expand: ['data.payments'] }));
  const charges = (await all(stripe.charges.list(page))).filter(({ status }) => status === 'succeeded');
  const creditNotes = await all(stripe.creditNotes.list(page));
  const invoiceOf = new Map(invoices.flatMap((invoice) => paymentsOf(invoice).map((intent) => [intent, invoice.id])));
  const chargesOf = (invoiceId: string | undefined) =>
    charges.filter(({ payment_intent }) => invoiceOf.get(idOf(payment_intent)) === invoiceId);
  return {
    invoices: invoices.map((invoice) => providerInvoice(invoice, chargesOf(invoice.id))),
    creditNotes: creditNotes.map(providerCreditNote),
    loosePayments: chargesOf(undefined).map(({ id, amount, currency }) => ({
      id,
      amount: fromStripeAmount(amount, currency),
    })),
  };
}

async function all<Item extends { id: string }>(list: Stripe.ApiListPromise<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of list) found.push(item);
  return found;
}

/** The payment intents that an invoice was, or is to be, paid with. */
function paymentsOf({ payments }: Stripe.Invoice): readonly string[] {
  return (payments?.data ?? []).map(({ payment }) => idOf(payment.payment_intent)).filter((id) => id !== '');
}

function idOf(reference: string | { readonly id: string } | null | undefined): string {
  if (reference == null) return '';
  return typeof reference === 'string' ? reference : reference.id;
}

function providerInvoice(
  { id, metadata, status, currency, total }: Stripe.Invoice,
  charges: readonly Stripe.Charge[],
): ProviderInvoice {
  const sumOf = (amount: (charge: Stripe.Charge) => number): number =>
    fromStripeAmount(
      charges.reduce((sum, charge) => sum + amount(charge), 0),
      currency,
    );
  return {
    id,
    invoiceId: metadata?.[INVOICE_METADATA] ?? null,
    status: status ?? 'unknown',
    currency,
    total: fromStripeAmount(total, currency),
    charged: sumOf((charge) => charge.amount),
    refunded: sumOf((charge) => charge.amount_refunded),
  };
}

function providerCreditNote({ id, metadata, total, currency }: Stripe.CreditNote): ProviderCreditNote {
  return {
    id,
    creditNoteId: metadata?.[CREDIT_NOTE_METADATA] ?? null,
    total: fromStripeAmount(total, currency),
  };
}
