import Stripe from 'stripe';
import { sendOnce } from './send-once.ts';
import { StripeBoundaryError } from './stripe-boundary-error.ts';

export type WriteOffOutcome =
  | { readonly kind: 'uncollectible' }
  /** Too late: it was paid, or is void, and needs no writing off. */
  | { readonly kind: 'paid' }
  | { readonly kind: 'voided' };

/** Writes a pushed invoice off at Stripe, as our books do. Repeating is harmless. */
export async function markUncollectible(
  stripe: Stripe,
  request: { readonly stripeInvoiceId: string; readonly idempotencyKey: string },
): Promise<WriteOffOutcome> {
  const { stripeInvoiceId, idempotencyKey } = request;
  const known = await outcomeSoFar(stripe, stripeInvoiceId);
  if (known !== null) return known;
  try {
    return await sendOnce<WriteOffOutcome>({
      idempotencyKey,
      send: async (options) => {
        await stripe.invoices.markUncollectible(stripeInvoiceId, {}, options);
        return { kind: 'uncollectible' };
      },
      lookUp: () => outcomeSoFar(stripe, stripeInvoiceId),
    });
  } catch (error) {
    const now =
      error instanceof Stripe.errors.StripeInvalidRequestError ? await outcomeSoFar(stripe, stripeInvoiceId) : null;
    if (now === null) throw error;
    return now;
  }
}

async function outcomeSoFar(stripe: Stripe, stripeInvoiceId: string): Promise<WriteOffOutcome | null> {
  const { status } = await stripe.invoices.retrieve(stripeInvoiceId);
  if (status === 'paid') return { kind: 'paid' };
  if (status === 'void') return { kind: 'voided' };
  if (status === 'uncollectible') return { kind: 'uncollectible' };
  if (status === 'draft') {
    throw new StripeBoundaryError('invoice_not_finalized', `The Stripe invoice ${stripeInvoiceId} is a draft.`);
  }
  return null;
}
