import type Stripe from 'stripe';
import { StripeBoundaryError } from './stripe-boundary-error.ts';
import { sendOnce } from './send-once.ts';

/** The parameter that says, where somebody comes back, that their card was saved. */
const CARD = 'card';

/**
 * A page of Stripe's on which the customer saves a card, open for a day (https://docs.stripe.com/payments/checkout). Cards only, because a
 * card is what invoices are charged to. Whoever leaves it without one comes back to the same place, and is not told that one was saved.
 */
export async function openCardPage(
  stripe: Stripe,
  request: { readonly customerId: string; readonly returnUrl: string; readonly idempotencyKey: string },
): Promise<{ readonly url: string }> {
  const { customerId, returnUrl, idempotencyKey } = request;
  const session = await sendOnce({
    idempotencyKey,
    send: (options) =>
      stripe.checkout.sessions.create(
        {
          mode: 'setup',
          customer: customerId,
          allowed_payment_method_types: ['card'],
          success_url: returnedTo(returnUrl, { isSaved: true }),
          cancel_url: returnedTo(returnUrl, { isSaved: false }),
        },
        options,
      ),
    lookUp: () => Promise.resolve(null), // A page that nobody has the address of does no harm.
  });
  if (session.url !== null) return { url: session.url };
  throw new StripeBoundaryError('outcome_unknown', `The Checkout session ${session.id} has no page.`);
}

/** Only Stripe sends somebody to the address that says a card was saved, and only once it was. */
function returnedTo(returnUrl: string, { isSaved }: { readonly isSaved: boolean }): string {
  const url = new URL(returnUrl);
  if (url.searchParams.has(CARD)) url.searchParams.delete(CARD);
  if (isSaved) url.searchParams.set(CARD, 'saved');
  return url.href;
}
