import Stripe from 'stripe';
import { sendOnce } from './send-once.ts';
import { StripeBoundaryError } from './stripe-boundary-error.ts';

export type RecordedPayment =
  | { readonly kind: 'paid' }
  /** Too late: it has ended at Stripe in another way. Two states that differ are a reconciliation's to name. */
  | { readonly kind: 'voided' }
  | { readonly kind: 'uncollectible' };

/** Notes at Stripe that a pushed invoice was paid elsewhere, by bank transfer for example: nothing is charged. Repeating is harmless. */
export async function recordPayment(
  stripe: Stripe,
  request: { readonly stripeInvoiceId: string; readonly idempotencyKey: string },
): Promise<RecordedPayment> {
  const { stripeInvoiceId, idempotencyKey } = request;
  const known = await outcomeSoFar(stripe, stripeInvoiceId);
  if (known !== null) return known;
  try {
    return await sendOnce<RecordedPayment>({
      idempotencyKey,
      send: async (options) => {
        await stripe.invoices.pay(stripeInvoiceId, { paid_out_of_band: true }, options);
        return { kind: 'paid' };
      },
      lookUp: () => outcomeSoFar(stripe, stripeInvoiceId),
    });
  } catch (error) {
    // Paid or ended between the look and the act.
    const now =
      error instanceof Stripe.errors.StripeInvalidRequestError ? await outcomeSoFar(stripe, stripeInvoiceId) : null;
    if (now === null) throw error;
    return now;
  }
}

async function outcomeSoFar(stripe: Stripe, stripeInvoiceId: string): Promise<RecordedPayment | null> {
  const { status } = await stripe.invoices.retrieve(stripeInvoiceId);
  if (status === 'paid') return { kind: 'paid' };
  if (status === 'void') return { kind: 'voided' };
  if (status === 'uncollectible') return { kind: 'uncollectible' };
  if (status === 'draft') {
    throw new StripeBoundaryError('invoice_not_finalized', `The Stripe invoice ${stripeInvoiceId} is a draft.`);
  }
  return null;
}
