import { WithStartWorkflowOperation, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';

import type { AccountClock } from '../../activities/account-activities.ts';
import { clockOfOpenAccount } from '../../db/account/account-clock.ts';
import { accountWorkflowId } from '../../workflows/account/account-messages.ts';
import { accountRun, missingRun } from '../../workflows/account/account-run.ts';
import type { accountWorkflow } from '../../workflows/account/account-workflow.ts';
import type { Border } from '../context/border.ts';
import { refusingUpdates } from './refusing-updates.ts';
import { newUpdateId } from '../context/update-id.ts';

/**
 * Asks the workflow of an account that exists. Where an open account has none (it was terminated, or went with Temporal's data) one is begun,
 * which reads the facts, works off what was missed with its own dates, and then does what is asked. Asking twice is harmless: commands and
 * clocks are known by their own ids and instants.
 * @throws Refusal `unknown_account` where there is no run because none is needed: the account is closed.
 */
export function askAccount<Result, Args extends [unknown]>(
  border: Border,
  accountId: string,
  update: UpdateDefinition<Result, Args>,
  args: Args,
): Promise<Result> {
  const { workflow } = border.client;
  return refusingUpdates(async () => {
    try {
      const handle = workflow.getHandle(accountWorkflowId(accountId));
      return await handle.executeUpdate<Result, Args>(update, { args, updateId: newUpdateId() });
    } catch (error) {
      if (!isWithoutRun(error)) throw error;
      const clock = await clockOfOpenAccount(border.db, accountId);
      if (clock === null) throw error;
      return askAtStart(border, { accountId, clock, staticSummary: missingRun(accountId) }, update, args);
    }
  });
}

/** Asks the account's workflow, and begins a run of it where there is none. */
export function askAtStart<Result, Args extends [unknown]>(
  border: Border,
  run: { readonly accountId: string; readonly clock: AccountClock; readonly staticSummary: string },
  update: UpdateDefinition<Result, Args>,
  args: Args,
): Promise<Result> {
  const options = accountRun({ ...run, taskQueue: border.taskQueue });
  const startWorkflowOperation = new WithStartWorkflowOperation<typeof accountWorkflow>('accountWorkflow', options);
  return border.client.workflow.executeUpdateWithStart<typeof accountWorkflow, Result, Args>(update, {
    ...{ args, updateId: newUpdateId() },
    startWorkflowOperation,
  });
}

/** There was none, or it ended before it could answer. */
function isWithoutRun(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true;
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === 'AcceptedUpdateCompletedWorkflow';
}
