import { type Database, readConsistently } from '../db/database.ts';
import { findAccount } from '../db/load-account.ts';
import { invoicesOpenAtStripe } from '../db/stripe-invoices.ts';
import type { AccountActivities } from './account-activities.ts';
import { type AccountSummary, summarize } from './account-summary.ts';

/** What the workflow knows of its account; null before the signup. Reads only. */
export function readSummary(db: Database, accountId: string): Promise<AccountSummary | null> {
  return readConsistently(db, async (snapshot) => {
    const loaded = await findAccount(snapshot, accountId, 'none');
    if (loaded === null) return null;
    const ended = await invoicesOpenAtStripe(snapshot, accountId);
    return summarize(
      loaded,
      ended.map(({ invoiceId }) => invoiceId),
    );
  });
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
