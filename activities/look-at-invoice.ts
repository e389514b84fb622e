import type Stripe from 'stripe';

import { decidePayment } from '../billing/dunning/decide-payment.ts';
import { latest } from '../billing/calendar/instant.ts';
import type { Database } from '../db/database.ts';
import { bringBackInvoice } from '../db/account/given-up.ts';
import { loadAccount, loadInvoices } from '../db/account/load-account.ts';
import { saveDecision } from '../db/account/save-decision.ts';
import { findStripeInvoice, saveStripeStatus } from '../db/stripe/stripe-invoices.ts';
import { readInvoiceStatus } from '../stripe/read-invoice-status.ts';
import type { AccountActivities } from './account-activities.ts';
import { requireSummary } from './read-account.ts';

/**
 * Asks Stripe how one invoice stands, because a webhook said that something happened to it. One that was paid there (on the hosted page,
 * after 3-D Secure) is paid here from this instant on (INV-6); whatever else Stripe says is noted, and is a reconciliation's to name.
 * Twice: the second time it is paid already, and nothing is written. Never: the next try to collect it finds the same. In doubt there is
 * nothing to undo, since it only reads at Stripe.
 */
export function createLookAtInvoice(db: Database, stripe: Stripe): AccountActivities['lookAtInvoice'] {
  return async (accountId, invoiceId, at) => {
    const there = await findStripeInvoice(db, invoiceId);
    // The id came from outside: an account looks at no invoice but its own.
    if (there?.accountId !== accountId || there.stripeInvoiceId === null) return requireSummary(db, accountId);
    const stripeStatus = await readInvoiceStatus(stripe, there.stripeInvoiceId);
    await db.transaction(async (trx) => {
      const loaded = await loadAccount(trx, accountId, 'exclusive');
      await saveStripeStatus(trx, invoiceId, stripeStatus);
      if (stripeStatus !== 'paid') return;
      const [known] = await loadInvoices(trx, accountId, [invoiceId]);
      // Money for an invoice that was given up here is counted all the same.
      const facts = known?.status === 'uncollectible' ? await bringBackInvoice(trx, loaded.facts, known) : loaded.facts;
      if (known?.status !== 'open' && known?.status !== 'uncollectible') return;
      const paidAt = latest(at, facts.account.settledThrough);
      await saveDecision(trx, decidePayment(facts, loaded.catalog, invoiceId, { kind: 'paid' }, paidAt));
    });
    return requireSummary(db, accountId);
  };
}
