import type { Decision } from '../billing/schedule/decision.ts';
import type { Database } from '../db/database.ts';
import { findAccount, type LoadedAccount } from '../db/account/load-account.ts';
import type { Queryable } from '../db/run-statement.ts';
import { invoicesOpenAtStripe } from '../db/stripe/stripe-invoices.ts';
import type { AccountActivities } from './account-activities.ts';
import { type AccountSummary, summarize } from './account-summary.ts';

/** What the workflow knows of its account; null before the signup. Reads only. */
export async function readSummary(db: Database, accountId: string): Promise<AccountSummary | null> {
  const loaded = await findAccount(db, accountId, 'none');
  return loaded === null ? null : summarize(loaded, loaded.place.openAtStripe);
}

export function createReadAccount(db: Database): AccountActivities['readAccount'] {
  return (accountId) => readSummary(db, accountId);
}

/** For activities of accounts that exist: their disappearance would be a bug. */
export async function requireSummary(db: Database, accountId: string): Promise<AccountSummary> {
  const summary = await readSummary(db, accountId);
  if (summary === null) throw new Error(`account ${accountId} has vanished`);
  return summary;
}

/**
 * What is read of an account after a decision about it, which was just written under the same lock: worked out, because reading takes as long as
 * deciding. `endedThere`: an invoice that is known to have ended at Stripe, too.
 */
export async function summaryAfter(
  trx: Queryable,
  { catalog, version, place }: LoadedAccount,
  { after, settledInvoices }: Decision,
  endedThere: string | null = null,
): Promise<AccountSummary> {
  const decided = { facts: after, catalog, version: version + 1 };
  // Only an invoice that has just ended can be another one that is still open there.
  const mayBeOther = settledInvoices.some(({ invoiceId }) => invoiceId !== endedThere);
  if (!mayBeOther) return summarize(decided, place.openAtStripe);
  const open = await invoicesOpenAtStripe(trx, after.account.accountId);
  return summarize(
    decided,
    open.map(({ invoiceId }) => invoiceId),
  );
}
