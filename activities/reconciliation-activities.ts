import type { Instant } from '../billing/calendar/instant.ts';
import type { Difference } from '../billing/reconciliation/difference.ts';

/** The side effects of a reconciliation (AUD-3). None changes a billing fact, or anything at Stripe; all may run twice. */
export interface ReconciliationActivities {
  beginReconciliation: (begun: {
    readonly reconciliationId: string;
    readonly startedBy: string;
    readonly startedAt: Instant;
  }) => Promise<void>;
  /** The next accounts, by id; fewer than asked for at the end. */
  nextAccounts: (after: string | null, count: number) => Promise<readonly string[]>;
  /** Compares one account's books with each other and with Stripe. */
  compareAccount: (accountId: string) => Promise<readonly Difference[]>;
  /** The same, into the report. Answers how many differences there are. */
  reconcileAccount: (reconciliationId: string, accountId: string) => Promise<number>;
  /** Writes down that an account could not be compared, and why. */
  leaveUncompared: (reconciliationId: string, accountId: string, why: string) => Promise<void>;
  noteProgress: (
    reconciliationId: string,
    progress: { readonly accountsLookedAt: number; readonly endedAt: Instant | null },
  ) => Promise<void>;
}
