import { createHash } from 'node:crypto';

import type Stripe from 'stripe';

import { assertNotClosed } from '../../billing/model/closed-account.ts';
import type { Database } from '../../db/database.ts';
import { loadAccount, type LoadedAccount } from '../../db/account/load-account.ts';
import { saveStripeCustomer } from '../../db/stripe/stripe-invoices.ts';
import { recordRequest } from '../../db/stripe/stripe-requests.ts';
import { ensureCustomer } from '../../stripe/ensure-customer.ts';
import { openCardPage } from '../../stripe/open-card-page.ts';

export interface PaymentMethodSessionInput {
  readonly accountId: string;
  /** Where Stripe sends the browser when it is done there. Whoever asks sees to it that this is a place of theirs. */
  readonly returnUrl: string;
  /** The same again is the same page, as long as Stripe keeps keys: a day. */
  readonly requestKey: string;
}

/**
 * Stripe's page on which the account's card is saved. That it was, a webhook tells (workers/stripe-inbox.ts): this changes nothing of the
 * account but that it has a customer at Stripe from now on. @throws Refusal `unknown_account`, `account_closed`; what Stripe answers.
 */
export async function openPaymentMethodSession(
  db: Database,
  stripe: Stripe,
  { accountId, returnUrl, requestKey }: PaymentMethodSessionInput,
): Promise<{ readonly url: string }> {
  const loaded = await loadAccount(db, accountId);
  assertNotClosed(loaded.facts, 'setPaymentMethod');
  const customerId = await customerOf(db, stripe, loaded);
  const digest = createHash('sha256')
    .update(JSON.stringify([accountId, requestKey]))
    .digest('hex');
  return openCardPage(stripe, { customerId, returnUrl, idempotencyKey: `card-page:${digest}` });
}

/** As a worker does it (activities/customer.ts), and under the same key: whoever is first, there is one customer. */
async function customerOf(db: Database, stripe: Stripe, { facts, place }: LoadedAccount): Promise<string> {
  if (place.stripeCustomerId !== null) return place.stripeCustomerId;
  const { accountId } = facts.account;
  const idempotencyKey = `customer:${accountId}`;
  await recordRequest(db, { idempotencyKey, accountId, parameters: { accountId } });
  const { customerId } = await ensureCustomer(stripe, { accountId, idempotencyKey });
  await saveStripeCustomer(db, accountId, customerId);
  return customerId;
}
