import type Stripe from 'stripe';

import type { Database } from '../db/database.ts';
import { type EndedInvoice, invoicesOpenAtStripe, saveStripeStatus } from '../db/stripe/stripe-invoices.ts';
import { endInvoice } from '../stripe/end-invoice.ts';
import { isRetryable, isStripeTrouble } from '../stripe/retryable.ts';
import type { AccountActivities } from './account-activities.ts';
import { requireSummary } from './read-account.ts';
import { recordTrouble } from './record-trouble.ts';

/**
 * Ends invoices at Stripe that have ended here, or notes there what was paid here by another way (CRE-18). Twice: what is closed there already answers so, and is only noted. What was paid there
 * meanwhile stays noted as paid, and what cannot be ended there is told once: two states that differ are a reconciliation's to name, never
 * ours to hide.
 */
export function createCloseAtStripe(db: Database, stripe: Stripe): AccountActivities['closeAtStripe'] {
  return async (accountId) => {
    for (const invoice of await invoicesOpenAtStripe(db, accountId)) {
      try {
        await close(db, stripe, invoice);
      } catch (error) {
        if (!isStripeTrouble(error) || isRetryable(error)) throw error;
        await recordTrouble(db, accountId, invoice, error.message);
      }
    }
    return requireSummary(db, accountId);
  };
}

async function close(db: Database, stripe: Stripe, invoice: EndedInvoice): Promise<void> {
  const { invoiceId, stripeInvoiceId, status } = invoice;
  const ended = await endInvoice(stripe, status, { stripeInvoiceId, idempotencyKey: `invoice:${invoiceId}:${status}` });
  await saveStripeStatus(db, invoiceId, ended);
}
