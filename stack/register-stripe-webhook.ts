import type { StripeConnection } from '../stripe/stripe-client.ts';
import { createStripeClient } from '../stripe/stripe-client.ts';

/** What the inbox makes something of; the rest would be kept and ignored. */
const EVENTS: readonly string[] = [
  'invoice.paid',
  'invoice.voided',
  'invoice.marked_uncollectible',
  'checkout.session.completed',
];

/** Marks endpoints that a local stack has made, so that the next start takes them away: it cannot learn their secrets any more. */
const MARK = { perennial: 'local stack' };

/**
 * Has Stripe (the sandbox: the real one does not reach a local machine) tell an address what happens, and answers the secret that it signs
 * with. What an earlier start had registered is gone then; what it has not heard yet, the next try to collect finds.
 */
export async function registerStripeWebhook(
  connection: StripeConnection,
  url: string,
  events: readonly string[] = EVENTS,
): Promise<string> {
  const stripe = createStripeClient(connection);
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
    if (endpoint.metadata['perennial'] === MARK.perennial) await stripe.webhookEndpoints.del(endpoint.id);
  }
  const enabledEvents = [...events] as NonNullable<
    Parameters<typeof stripe.webhookEndpoints.create>[0]
  >['enabled_events'];
  const { secret } = await stripe.webhookEndpoints.create({ url, enabled_events: enabledEvents, metadata: MARK });
  if (secret === undefined) throw new Error('Stripe made a webhook endpoint without telling its secret.');
  return secret;
}
