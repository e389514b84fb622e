import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { v7 as uuid } from 'uuid';

import { type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import type { Difference } from '../../billing/reconciliation/difference.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { Cut } from '../../db/account/account-pages.ts';
import { loadPlace } from '../../db/account/load-account.ts';
import {
  type AccountDifference,
  beginReconciliation,
  differencePage,
  findReconciliation,
  type Reconciliation,
  reconciliationPage,
} from '../../db/reconciliation/reconciliations.ts';
import type {
  accountReconciliationWorkflow,
  ReconciliationPace,
  reconciliationWorkflow,
} from '../../workflows/reconciliation/reconciliation-workflow.ts';
import type { Border } from '../context/border.ts';

/** AUD-3: comparing the books with each other and with Stripe, and reading what was found. */
export class Reconciliations {
  readonly #border: Border;

  constructor(border: Border) {
    this.#border = border;
  }

  /** Begins one of all accounts; where one is under way already, that is the one. Without a pace it is as fast as Stripe may be asked. */
  async start(startedBy: string, pace?: ReconciliationPace): Promise<{ readonly reconciliationId: string }> {
    const { client, db, taskQueue } = this.#border;
    const reconciliationId = uuid();
    const workflowId = `reconciliation/${taskQueue}`;
    try {
      await client.workflow.start<typeof reconciliationWorkflow>('reconciliationWorkflow', {
        ...{ workflowId, taskQueue, memo: { reconciliationId } },
        args: [{ reconciliationId, startedBy, ...(pace === undefined ? {} : { pace }) }],
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: 'compares the books of all accounts',
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const { memo } = await client.workflow.getHandle(workflowId).describe();
      return { reconciliationId: String(memo?.['reconciliationId']) };
    }
    // The workflow does the same; whoever asks at once finds it all the same.
    await beginReconciliation(db, { reconciliationId, startedBy, startedAt: instantFromEpochMs(Date.now()) });
    return { reconciliationId };
  }

  /** Newest first. */
  list(cut: Cut<readonly [Instant, string]>): Promise<readonly Reconciliation[]> {
    return reconciliationPage(this.#border.db, cut);
  }

  /** @throws Refusal `unknown_reconciliation`. */
  async get(reconciliationId: string): Promise<Reconciliation> {
    const found = await findReconciliation(this.#border.db, reconciliationId);
    if (found !== null) return found;
    const message = `There is no reconciliation "${reconciliationId}".`;
    throw new Refusal({ code: 'unknown_reconciliation', message, field: 'reconciliation' });
  }

  /** By account. */
  differences(
    reconciliationId: string,
    cut: Cut<readonly [string, number]>,
  ): Promise<readonly (AccountDifference & { readonly position: number })[]> {
    return differencePage(this.#border.db, reconciliationId, cut);
  }

  /** One account's, found out now by a worker, because only those may ask Stripe. @throws Refusal `unknown_account`. */
  async ofAccount(accountId: string): Promise<readonly Difference[]> {
    const { client, db, taskQueue } = this.#border;
    await loadPlace(db, accountId);
    const handle = await client.workflow.start<typeof accountReconciliationWorkflow>('accountReconciliationWorkflow', {
      ...{ workflowId: `reconciliation/${taskQueue}/${accountId}`, taskQueue, args: [accountId] },
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `compares the books of ${accountId}`,
    });
    return handle.result();
  }
}
