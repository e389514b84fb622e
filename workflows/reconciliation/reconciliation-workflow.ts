import * as wf from '@temporalio/workflow';

import type { ReconciliationActivities } from '../../activities/reconciliation-activities.ts';
import { instantFromEpochMs, type Instant } from '../../billing/calendar/instant.ts';
import { type Difference, notCompared } from '../../billing/reconciliation/difference.ts';
import { slide } from '../batching/sliding-window.ts';

export interface ReconciliationPace {
  readonly accountsPerPage: number;
  /**
   * Stripe takes 25 requests a second at one endpoint, and billing goes first: an account asks three endpoints once each, and a page takes no
   * less time than this.
   */
  readonly leastPageMs: number;
  /** So that a run's history stays small; continue-as-new is asked about, too. */
  readonly pagesPerRun: number;
}

/** What a run starts from, and hands to the next one. A schedule starts it with nothing. */
export interface ReconciliationStart {
  readonly reconciliationId?: string;
  readonly startedBy?: string;
  /** Default: 100 accounts in no less than 10 seconds, 10 pages. */
  readonly pace?: ReconciliationPace;
  /** The last account that was looked at; absent in the first run. */
  readonly after?: string;
  readonly accountsLookedAt?: number;
}

const PACE: ReconciliationPace = { accountsPerPage: 100, leastPageMs: 10_000, pagesPerRun: 10 };
const AT_ONCE = 5;

/** Gives up on an account after about half an hour, and says so in the report; an outage of that length is better asked about again. */
const activities = wf.proxyActivities<ReconciliationActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 minutes', maximumAttempts: 12 },
});
/** The report itself must not be lost. */
const reportActivities = wf.proxyActivities<ReconciliationActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 minutes' },
});
/** Somebody waits for the answer. */
const promptActivities = wf.proxyActivities<ReconciliationActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', maximumAttempts: 3 },
});

/** AUD-3: compares all accounts, page by page, into a report. Who signs up meanwhile may be looked at or not. */
export async function reconciliationWorkflow(start: ReconciliationStart = {}): Promise<void> {
  const { reconciliationId = wf.uuid4(), startedBy = 'schedule', pace = PACE, accountsLookedAt: before = 0 } = start;
  let after = start.after ?? null;
  let accountsLookedAt = before;
  if (after === null) await reportActivities.beginReconciliation({ reconciliationId, startedBy, startedAt: present() });
  for (let page = 0; ; page++) {
    const pageEndsAtMs = Date.now() + pace.leastPageMs; // Workflow time: the same on replay.
    const accountIds = await reportActivities.nextAccounts(after, pace.accountsPerPage);
    await slide(accountIds, AT_ONCE, (accountId) => reconcileOne(reconciliationId, accountId));
    accountsLookedAt += accountIds.length;
    const last = accountIds.at(-1);
    const isOver = last === undefined || accountIds.length < pace.accountsPerPage;
    await reportActivities.noteProgress(reconciliationId, { accountsLookedAt, endedAt: isOver ? present() : null });
    if (isOver) return;
    after = last;
    if (Date.now() < pageEndsAtMs)
      await wf.sleep(pageEndsAtMs - Date.now(), { summary: 'as fast as Stripe may be asked' });
    if (page + 1 >= pace.pagesPerRun || wf.workflowInfo().continueAsNewSuggested)
      await wf.continueAsNew<typeof reconciliationWorkflow>({
        ...start,
        reconciliationId,
        startedBy,
        after,
        accountsLookedAt,
      });
  }
}

/** One account's differences, now. Where they cannot be found out, that is the answer: whoever waits hears why. */
export async function accountReconciliationWorkflow(accountId: string): Promise<readonly Difference[]> {
  try {
    const summary = `compare the books of ${accountId}`;
    return await promptActivities.compareAccount.executeWithOptions({ summary }, [accountId]);
  } catch (error) {
    return notCompared(accountId, reasonOf(error));
  }
}

async function reconcileOne(reconciliationId: string, accountId: string): Promise<void> {
  try {
    const summary = `compare the books of ${accountId}`;
    await activities.reconcileAccount.executeWithOptions({ summary }, [reconciliationId, accountId]);
  } catch (error) {
    await reportActivities.leaveUncompared(reconciliationId, accountId, reasonOf(error));
  }
}

/** Why an activity failed for good; whatever else was thrown is thrown on. */
function reasonOf(error: unknown): string {
  if (!(error instanceof wf.ActivityFailure) || wf.isCancellation(error)) throw error;
  return (error.cause ?? error).message.slice(0, 500);
}

function present(): Instant {
  return instantFromEpochMs(Date.now());
}
