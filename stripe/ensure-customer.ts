import type Stripe from 'stripe';
import { sendOnce } from './send-once.ts';

/** The metadata key that names our account on a Stripe customer. */
export const ACCOUNT_METADATA = 'perennial_account';

/** How far back an unknown outcome is looked for: a little longer than Stripe must keep a key. Older ones, search knows. */
const LOOK_BACK_SECONDS = 25 * 3600;

/**
 * The Stripe customer of an account, made if there is none. Repeating is harmless, also after Stripe has forgotten the
 * key: then the customer is found by its metadata.
 */
export async function ensureCustomer(
  stripe: Stripe,
  request: { readonly accountId: string; readonly idempotencyKey: string },
): Promise<{ customerId: string }> {
  const { accountId, idempotencyKey } = request;
  // Search lags behind by up to an hour, within which the key still guards against a second customer.
  const query = `metadata["${ACCOUNT_METADATA}"]:"${accountId.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  const known = await stripe.customers.search({ query, limit: 100 });
  // Search does not tell `Acme` from `acme`.
  const existing = known.data.find((customer) => customer.metadata[ACCOUNT_METADATA] === accountId);
  if (existing !== undefined) return { customerId: existing.id };

  const customer = await sendOnce({
    idempotencyKey,
    send: (options) => stripe.customers.create({ metadata: { [ACCOUNT_METADATA]: accountId } }, options),
    lookUp: () => findRecent(stripe, accountId),
  });
  return { customerId: customer.id };
}

/** Lists instead of searching: a list shows what was just created. */
async function findRecent(stripe: Stripe, accountId: string): Promise<Stripe.Customer | null> {
  const since = Math.floor(Date.now() / 1000) - LOOK_BACK_SECONDS;
  for await (const customer of stripe.customers.list({ created: { gte: since }, limit: 100 })) {
    if (customer.metadata[ACCOUNT_METADATA] === accountId) return customer;
  }
  return null;
}
