import { setTimeout as sleep } from 'node:timers/promises';

import type Stripe from 'stripe';

import { type Difference, isSameDifference, notCompared } from '../billing/reconciliation/difference.ts';
import { NO_PROVIDER_BOOKS, reconcile } from '../billing/reconciliation/reconcile.ts';
import { loadBooks } from '../db/reconciliation/account-books.ts';
import type { Database } from '../db/database.ts';
import {
  accountIdsAfter,
  beginReconciliation,
  noteReconciliation,
  saveDifferences,
} from '../db/reconciliation/reconciliations.ts';
import { readCustomerBooks } from '../stripe/customer-books.ts';
import { isRetryable, isStripeTrouble } from '../stripe/retryable.ts';
import type { ReconciliationActivities } from './reconciliation-activities.ts';

/** Longer than a payment is under way between Stripe and us. */
const SECOND_LOOK_AFTER_MS = 3_000;

/**
 * What a reconciliation does (AUD-3). Twice: it reads, and what it writes down of an account takes the place of what it wrote before. Never
 * in doubt: nothing is sent to Stripe that changes anything there.
 */
export function createReconciliationActivities(
  db: Database,
  stripe: Stripe,
  secondLookAfterMs = SECOND_LOOK_AFTER_MS,
): ReconciliationActivities {
  const compareAccount = async (accountId: string): Promise<readonly Difference[]> => {
    const first = await look(db, stripe, accountId);
    if (first.length === 0) return [];
    // Stripe and Postgres are not read at one instant: what is under way between them has arrived by the second look.
    await sleep(secondLookAfterMs);
    const second = await look(db, stripe, accountId);
    return second.filter((difference) => first.some((before) => isSameDifference(before, difference)));
  };
  return {
    beginReconciliation: (begun) => beginReconciliation(db, begun),
    nextAccounts: (after, count) => accountIdsAfter(db, after, count),
    compareAccount,
    reconcileAccount: async (reconciliationId, accountId) => {
      const differences = await compareAccount(accountId);
      await saveDifferences(db, reconciliationId, accountId, differences);
      return differences.length;
    },
    leaveUncompared: (reconciliationId, accountId, why) =>
      saveDifferences(db, reconciliationId, accountId, notCompared(accountId, why)),
    noteProgress: (reconciliationId, progress) => noteReconciliation(db, reconciliationId, progress),
  };
}

async function look(db: Database, stripe: Stripe, accountId: string): Promise<readonly Difference[]> {
  const { books, stripeCustomerId } = await loadBooks(db, accountId);
  try {
    const provider = stripeCustomerId === null ? NO_PROVIDER_BOOKS : await readCustomerBooks(stripe, stripeCustomerId);
    return reconcile(books, provider);
  } catch (error) {
    if (!isStripeTrouble(error) || isRetryable(error)) throw error;
    return [...reconcile(books, NO_PROVIDER_BOOKS), ...notCompared(accountId, error.message)];
  }
}
