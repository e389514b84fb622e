import type { AccountClock } from '../../activities/account-activities.ts';
import { accountWorkflowId } from './account-messages.ts';
import { type AccountStart, LONGEST_HISTORY } from './account-state.ts';

interface Wanted {
  readonly accountId: string;
  readonly clock: AccountClock;
  readonly taskQueue: string;
  /** For people who look at it in Temporal. */
  readonly staticSummary: string;
}

/**
 * How a run of an account's workflow is begun, whoever begins it: with a signup, or because there is none any more. Where one runs
 * already, it is that one; one that has ended, however it ended, is followed by another. What it is about it reads from Postgres.
 */
export function accountRun({ accountId, clock, taskQueue, staticSummary }: Wanted) {
  const start: AccountStart = { accountId, clock, longestHistory: LONGEST_HISTORY };
  return {
    workflowId: accountWorkflowId(accountId),
    taskQueue,
    args: [start] as [AccountStart],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    staticSummary,
    staticDetails: 'One workflow for as long as the customer stays: it keeps the time, Postgres keeps the facts.',
  };
}

/** What a run says of itself that was begun because its account had none. */
export function missingRun(accountId: string): string {
  return `account ${accountId}, whose run was missing`;
}
