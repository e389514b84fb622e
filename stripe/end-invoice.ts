import Stripe from 'stripe';
import { sendOnce } from './send-once.ts';

/** `void`: never to be collected. `uncollectible`: written off, as our books do. `paid`: elsewhere, by bank transfer for example; nothing is charged. */
export type InvoiceEnd = 'void' | 'uncollectible' | 'paid';

/**
 * Ends a pushed invoice at Stripe, and answers how it stands there: another end when that came first. Giving back what was paid takes a credit note. A draft that is to be void is deleted, another one finalized. Repeating is harmless.
 */
export async function endInvoice(
  stripe: Stripe,
  end: InvoiceEnd,
  request: { readonly stripeInvoiceId: string; readonly idempotencyKey: string },
): Promise<InvoiceEnd> {
  const { stripeInvoiceId, idempotencyKey } = request;
  const lookUp = (): Promise<InvoiceEnd | null> => endSoFar(stripe, end, stripeInvoiceId);
  const known = await lookUp();
  if (known !== null) return known;
  try {
    return await sendOnce<InvoiceEnd>({
      idempotencyKey,
      send: async (options) => {
        if (end === 'void') await stripe.invoices.voidInvoice(stripeInvoiceId, {}, options);
        else if (end === 'uncollectible') await stripe.invoices.markUncollectible(stripeInvoiceId, {}, options);
        else await stripe.invoices.pay(stripeInvoiceId, { paid_out_of_band: true }, options);
        return end;
      },
      lookUp,
    });
  } catch (error) {
    // Paid or ended between the look and the act.
    const now = error instanceof Stripe.errors.StripeInvalidRequestError ? await lookUp() : null;
    if (now === null) throw error;
    return now;
  }
}

/** Null while it waits for money. One that is to be void and was written off before is still to be made void. */
async function endSoFar(stripe: Stripe, end: InvoiceEnd, stripeInvoiceId: string): Promise<InvoiceEnd | null> {
  let status: Stripe.Invoice.Status | null;
  try {
    ({ status } = await stripe.invoices.retrieve(stripeInvoiceId));
  } catch (error) {
    const isGone = error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
    if (end === 'void' && isGone) return 'void'; // A draft that was deleted.
    throw error;
  }
  if (status === 'paid') return 'paid';
  if (status === 'void') return 'void';
  if (status === 'uncollectible') return end === 'void' ? null : 'uncollectible';
  if (status !== 'draft') return null;
  if (end === 'void') {
    await stripe.invoices.del(stripeInvoiceId);
    return 'void';
  }
  // Looked at again by whoever comes second: a draft is finalized once.
  await stripe.invoices.finalizeInvoice(stripeInvoiceId, { auto_advance: false });
  return null;
}
