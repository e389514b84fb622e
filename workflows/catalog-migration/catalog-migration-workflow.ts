import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import * as wf from '@temporalio/workflow';

import type { CatalogMigrationActivities } from '../../activities/catalog-migration-activities.ts';
import { migrationCommandId } from '../../billing/subscription/migrate-catalog.ts';
import { instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { accountWorkflowId } from '../account/account-messages.ts';
import { accountRun, missingRun } from '../account/account-run.ts';
import type { accountWorkflow } from '../account/account-workflow.ts';
import { slide } from '../batching/sliding-window.ts';

/** How many accounts are read at a time, and after how many reads a new run begins, so that a run's history stays small. */
export interface MigrationPace {
  readonly accountsPerPage: number;
  readonly pagesPerRun: number;
}

/** What a run starts from, and hands to the next one. */
export interface CatalogMigrationStart {
  readonly migrationId: string;
  readonly catalogName: string;
  readonly version: number;
  readonly actor: string;
  /** Default: 200 accounts, 5 pages. */
  readonly pace?: MigrationPace;
  /** The last account that was told; absent in the first run. */
  readonly after?: string;
  readonly accountsTold?: number;
}

const PACE: MigrationPace = { accountsPerPage: 200, pagesPerRun: 5 };
const AT_ONCE = 10;

const activities = wf.proxyActivities<CatalogMigrationActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/**
 * CAT-2: tells every account of a catalog to move to another version at its next boundary. Each decides for itself, under one command id: told
 * twice, it moves once, and one that cannot move says so on its page. Server-side batches of signals run at 50 a second at most, and cannot be
 * told from others; here a few are under way at a time.
 */
export async function catalogMigrationWorkflow(start: CatalogMigrationStart): Promise<void> {
  const { migrationId, catalogName, version, actor, pace = PACE } = start;
  const message = { commandId: migrationCommandId(migrationId), actor, version };
  let after = start.after ?? null;
  let accountsTold = start.accountsTold ?? 0;
  for (let page = 0; ; page++) {
    const count = pace.accountsPerPage;
    const accountIds = await activities.accountsToMigrate({ catalogName, version, after, count });
    await slide(accountIds, AT_ONCE, async (accountId) => {
      if (await tell(accountId, message)) accountsTold++;
    });
    const last = accountIds.at(-1);
    const isOver = last === undefined || accountIds.length < count;
    const endedAt = isOver ? instantFromEpochMs(Date.now()) : null; // Workflow time: the same on replay.
    await activities.noteCatalogMigration(migrationId, { accountsTold, endedAt });
    if (isOver) return;
    after = last;
    if (page + 1 >= pace.pagesPerRun || wf.workflowInfo().continueAsNewSuggested)
      await wf.continueAsNew<typeof catalogMigrationWorkflow>({ ...start, after, accountsTold });
  }
}

type Message = Readonly<{ commandId: string; actor: string; version: number }>;

/** Whether it was told. One that was closed since it was read is not: its workflow is over. */
async function tell(accountId: string, message: Message): Promise<boolean> {
  try {
    return (await signal(accountId, message)) || (await begin(accountId, message));
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    wf.log.warn('an account could not be told to migrate', { accountId, error });
    return false;
  }
}

/** Whether there is a run that hears it. Any other trouble is thrown. */
async function signal(accountId: string, message: Message): Promise<boolean> {
  try {
    await wf.getExternalWorkflowHandle(accountWorkflowId(accountId)).signal('migrateCatalog', message);
    return true;
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    return false;
  }
}

/** An open account without a run (it was terminated, or went with Temporal's data) gets one, which outlives this workflow. */
async function begin(accountId: string, message: Message): Promise<boolean> {
  const clock = await activities.clockOfOpenAccount(accountId);
  if (clock === null) return false;
  const { taskQueue } = wf.workflowInfo();
  const { workflowIdConflictPolicy: _policy, ...run } = accountRun({
    ...{ accountId, clock, taskQueue },
    staticSummary: missingRun(accountId),
  });
  try {
    await wf.startChild<typeof accountWorkflow>('accountWorkflow', { ...run, parentClosePolicy: 'ABANDON' });
  } catch (error) {
    // Somebody else was quicker.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return signal(accountId, message);
}
