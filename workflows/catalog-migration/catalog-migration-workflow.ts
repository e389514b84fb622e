import * as wf from '@temporalio/workflow';

import type { CatalogMigrationActivities } from '../../activities/catalog-migration-activities.ts';
import { accountWorkflowId } from '../account/account-messages.ts';
import { slide } from '../sliding-window.ts';

/** What a run starts from, and hands to the next one. */
export interface CatalogMigrationStart {
  readonly migrationId: string;
  readonly catalogName: string;
  readonly version: number;
  readonly actor: string;
  /** The last account that was told; absent in the first run. */
  readonly after?: string;
}

const PAGE = 200;
const AT_ONCE = 10;
/** So that a run's history stays small. */
const PAGES_PER_RUN = 5;

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
  const { migrationId, catalogName, version, actor } = start;
  let after = start.after ?? null;
  for (let page = 0; ; page++) {
    const accountIds = await activities.accountsToMigrate({ catalogName, version, after, count: PAGE });
    await slide(accountIds, AT_ONCE, (accountId) =>
      tell(accountId, { commandId: `migration ${migrationId}`, actor, version }),
    );
    const last = accountIds.at(-1);
    if (last === undefined || accountIds.length < PAGE) return;
    after = last;
    if (page + 1 >= PAGES_PER_RUN || wf.workflowInfo().continueAsNewSuggested)
      await wf.continueAsNew<typeof catalogMigrationWorkflow>({ ...start, after });
  }
}

async function tell(
  accountId: string,
  message: { readonly commandId: string; readonly actor: string; readonly version: number },
): Promise<void> {
  try {
    await wf.getExternalWorkflowHandle(accountWorkflowId(accountId)).signal('migrateCatalog', message);
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    // Closed since it was read: its workflow is over.
    wf.log.warn('an account could not be told to migrate', { accountId, error });
  }
}
