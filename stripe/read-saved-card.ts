import type Stripe from 'stripe';

/**
 * The card that a customer saved in a Checkout session (mode `setup`), as Stripe has it now; null while there is none, and for a session
 * of another kind.
 */
export async function readSavedCard(
  stripe: Stripe,
  sessionId: string,
): Promise<{ readonly customerId: string; readonly paymentMethodId: string } | null> {
  const session = await stripe.checkout.sessions.retrieve(sessionId, { expand: ['setup_intent'] });
  const { mode, status, customer, setup_intent: intent } = session;
  if (mode !== 'setup' || status !== 'complete' || intent === null || typeof intent === 'string') return null;
  const customerId = idOf(customer);
  const paymentMethodId = intent.status === 'succeeded' ? idOf(intent.payment_method) : null;
  return customerId === null || paymentMethodId === null ? null : { customerId, paymentMethodId };
}

function idOf(reference: string | { readonly id: string } | null): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}
