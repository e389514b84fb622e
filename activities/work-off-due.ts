import { decideDue } from '../billing/subscription/decide-due.ts';
import { type Due, duesOf } from '../billing/schedule/dues.ts';
import type { Database } from '../db/database.ts';
import { holdingAccount } from '../db/account/load-account.ts';
import { saveDecision } from '../db/account/save-decision.ts';
import type { AccountActivities } from './account-activities.ts';
import { summarize } from './account-summary.ts';
import { summaryAfter } from './read-account.ts';

/**
 * Works off what one instant brings, in one transaction, at that instant's own date (CAL-3).
 * Twice, or after a crash: the account's facts no longer have the due, and nothing is written.
 */
export function createWorkOffDue(db: Database): AccountActivities['workOffDue'] {
  return (accountId, due) =>
    holdingAccount(db, accountId, async (trx, loaded) => {
      const { facts, catalog } = loaded;
      const current = duesOf(facts, catalog).find((candidate) => isSame(candidate, due));
      if (current === undefined) return summarize(loaded, loaded.place.openAtStripe);
      const decision = decideDue(facts, catalog, current);
      await saveDecision(trx, decision);
      return summaryAfter(trx, loaded, decision);
    });
}

function isSame(a: Due, b: Due): boolean {
  return a.kind === b.kind && a.at === b.at && a.invoiceId === b.invoiceId;
}
