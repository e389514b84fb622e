import type Stripe from 'stripe';

import type { Database } from '../db/database.ts';
import { findStripeInvoice, invoicesOpenAtStripe, saveStripeStatus } from '../db/stripe-invoices.ts';
import { markUncollectible } from '../stripe/mark-uncollectible.ts';
import { voidInvoice } from '../stripe/void-invoice.ts';
import type { AccountActivities } from './account-activities.ts';
import { requireSummary } from './read-account.ts';

/** Ends invoices at Stripe that have ended here. Twice: what is closed there already answers so, and is only noted. */
export function createCloseAtStripe(db: Database, stripe: Stripe): AccountActivities['closeAtStripe'] {
  return async (accountId) => {
    for (const invoiceId of await invoicesOpenAtStripe(db, accountId)) {
      const invoice = await findStripeInvoice(db, invoiceId);
      if (invoice?.stripeInvoiceId == null) continue;
      const request = { stripeInvoiceId: invoice.stripeInvoiceId, idempotencyKey: `invoice:${invoiceId}:${invoice.status}` };
      await (invoice.status === 'void' ? voidInvoice : markUncollectible)(stripe, request);
      await saveStripeStatus(db, invoiceId, invoice.status);
    }
    return requireSummary(db, accountId);
  };
}
