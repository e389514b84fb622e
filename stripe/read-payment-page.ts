import type Stripe from 'stripe';

/** Stripe's page on which an invoice is paid, or its payment confirmed; null where it has none. Asked for each time: Stripe lets its address expire. */
export async function readPaymentPage(stripe: Stripe, stripeInvoiceId: string): Promise<string | null> {
  const { hosted_invoice_url: url } = await stripe.invoices.retrieve(stripeInvoiceId);
  return url ?? null;
}
