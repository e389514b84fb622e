import Stripe from 'stripe';
import { sendOnce } from './send-once.ts';

export type VoidOutcome =
  /** Nothing will be collected: void, or a draft that is deleted. */
  | { readonly kind: 'voided' }
  /** Too late: it was paid. Giving the money back takes a credit note. */
  | { readonly kind: 'paid' };

/** Makes sure that a pushed invoice is never collected. Repeating is harmless. */
export async function voidInvoice(
  stripe: Stripe,
  request: { readonly stripeInvoiceId: string; readonly idempotencyKey: string },
): Promise<VoidOutcome> {
  const { stripeInvoiceId, idempotencyKey } = request;
  const known = await outcomeSoFar(stripe, stripeInvoiceId);
  if (known !== null) return known;
  try {
    return await sendOnce<VoidOutcome>({
      idempotencyKey,
      send: async (options) => {
        await stripe.invoices.voidInvoice(stripeInvoiceId, {}, options);
        return { kind: 'voided' };
      },
      lookUp: () => outcomeSoFar(stripe, stripeInvoiceId),
    });
  } catch (error) {
    // Paid or voided between the look and the act.
    const now =
      error instanceof Stripe.errors.StripeInvalidRequestError ? await outcomeSoFar(stripe, stripeInvoiceId) : null;
    if (now === null) throw error;
    return now;
  }
}

async function outcomeSoFar(stripe: Stripe, stripeInvoiceId: string): Promise<VoidOutcome | null> {
  let invoice: Stripe.Invoice;
  try {
    invoice = await stripe.invoices.retrieve(stripeInvoiceId);
  } catch (error) {
    // A deleted draft is gone for good.
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing') {
      return { kind: 'voided' };
    }
    throw error;
  }
  if (invoice.status === 'paid') return { kind: 'paid' };
  if (invoice.status === 'void') return { kind: 'voided' };
  if (invoice.status === 'draft') {
    await stripe.invoices.del(stripeInvoiceId);
    return { kind: 'voided' };
  }
  return null;
}
