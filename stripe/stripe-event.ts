import Stripe from 'stripe';

/** "Our libraries have a default tolerance of 5 minutes" (https://docs.stripe.com/webhooks): older is a replay. */
const TOLERANCE_SECONDS = 300;

/**
 * The event in a webhook's body, if Stripe signed it with one of our secrets (two are live while one is being rotated).
 * `rawBody` must be the bytes that came, not parsed and written again. Throws `StripeSignatureVerificationError`.
 */
export function verifyStripeEvent(
  stripe: Stripe,
  delivery: { readonly rawBody: string | Buffer; readonly signature: string; readonly secrets: readonly string[] },
): Stripe.Event {
  let refusal: unknown = new Error('No webhook secret is configured.');
  for (const secret of delivery.secrets) {
    try {
      return stripe.webhooks.constructEvent(delivery.rawBody, delivery.signature, secret, TOLERANCE_SECONDS);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}
