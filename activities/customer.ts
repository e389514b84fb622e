import type Stripe from 'stripe';

import type { Database } from '../db/database.ts';
import { saveStripeCustomer } from '../db/stripe/stripe-invoices.ts';
import { recordRequest } from '../db/stripe/stripe-requests.ts';
import { ensureCustomer } from '../stripe/ensure-customer.ts';

/** The account's customer at Stripe, made when it is first needed: one, however often this is asked. */
export async function customerOf(
  db: Database,
  stripe: Stripe,
  { accountId, stripeCustomerId }: { readonly accountId: string; readonly stripeCustomerId: string | null },
): Promise<string> {
  if (stripeCustomerId !== null) return stripeCustomerId;
  const idempotencyKey = `customer:${accountId}`;
  await recordRequest(db, { idempotencyKey, accountId, parameters: { accountId } });
  const { customerId } = await ensureCustomer(stripe, { accountId, idempotencyKey });
  await saveStripeCustomer(db, accountId, customerId);
  return customerId;
}
