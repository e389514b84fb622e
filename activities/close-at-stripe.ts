import type Stripe from 'stripe';

import type { Database } from '../db/database.ts';
import { findStripeInvoice, invoicesOpenAtStripe, saveStripeStatus } from '../db/stripe-invoices.ts';
import { recordPayment } from '../stripe/record-payment.ts';
import { markUncollectible } from '../stripe/mark-uncollectible.ts';
import { voidInvoice } from '../stripe/void-invoice.ts';
import type { AccountActivities } from './account-activities.ts';
import { requireSummary } from './read-account.ts';

/**
 * Ends invoices at Stripe that have ended here; what was paid by another way is noted there as paid (CRE-18). Twice: what is closed there already answers so, and is only noted. What was paid there
 * meanwhile stays noted as paid: two states that differ are a reconciliation's to name, never ours to hide.
 */
export function createCloseAtStripe(db: Database, stripe: Stripe): AccountActivities['closeAtStripe'] {
  return async (accountId) => {
    for (const invoiceId of await invoicesOpenAtStripe(db, accountId)) {
      const invoice = await findStripeInvoice(db, invoiceId);
      if (invoice?.stripeInvoiceId == null) continue;
      const request = {
        stripeInvoiceId: invoice.stripeInvoiceId,
        idempotencyKey: `invoice:${invoiceId}:${invoice.status}`,
      };
      const { kind } = await endingOf(invoice.status)(stripe, request);
      await saveStripeStatus(db, invoiceId, kind === 'voided' ? 'void' : kind);
    }
    return requireSummary(db, accountId);
  };
}

function endingOf(status: string): typeof voidInvoice | typeof markUncollectible | typeof recordPayment {
  if (status === 'paid') return recordPayment;
  return status === 'void' ? voidInvoice : markUncollectible;
}
