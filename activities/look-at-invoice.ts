import type Stripe from 'stripe';

import { decidePayment } from '../billing/account/decide-payment.ts';
import { latest } from '../billing/calendar/instant.ts';
import type { Database } from '../db/database.ts';
import { loadAccount } from '../db/load-account.ts';
import { saveDecision } from '../db/save-decision.ts';
import { findStripeInvoice, saveStripeStatus } from '../db/stripe-invoices.ts';
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
    const known = await findStripeInvoice(db, invoiceId);
    // The id came from outside: an account looks at no invoice but its own.
    if (known?.accountId !== accountId || known.stripeInvoiceId === null) return requireSummary(db, accountId);
    const stripeStatus = await readInvoiceStatus(stripe, known.stripeInvoiceId);
    await db.transaction(async (trx) => {
      const { facts, catalog } = await loadAccount(trx, accountId, 'exclusive');
      await saveStripeStatus(trx, invoiceId, stripeStatus);
      const isOwed = facts.liveInvoices.some((invoice) => invoice.invoiceId === invoiceId && invoice.status === 'open');
      if (stripeStatus !== 'paid' || !isOwed) return;
      const paidAt = latest(at, facts.account.settledThrough);
      await saveDecision(trx, decidePayment(facts, catalog, invoiceId, { kind: 'paid' }, paidAt));
    });
    return requireSummary(db, accountId);
  };
}
