import type Stripe from 'stripe';

/** How an invoice stands at Stripe now; asked, never taken from a webhook. */
export async function readInvoiceStatus(stripe: Stripe, stripeInvoiceId: string): Promise<Stripe.Invoice.Status> {
  const { status } = await stripe.invoices.retrieve(stripeInvoiceId);
  if (status === null) throw new Error(`Stripe answered the invoice ${stripeInvoiceId} without a status.`);
  return status;
}
