import { randomUUID } from 'node:crypto';

import type { Client } from '@temporalio/client';
import { msNumberToTs, tsToMs } from '@temporalio/common/lib/time.js';

/** FastForwardPollingResult of temporal/api/enums/v1/time_skipping.proto; the SDK exports no name for them. */
const POLL_TIMED_OUT = 1;
const COMPLETED = 2;

/** The limit counts over a session, across continue-as-new; a year of an account with monthly cycles needs about 50. */
const MAX_SKIPS = 1_000_000;
const ARRIVAL_TIMEOUT_MS = 120_000;

/** Where the clock of one execution stands; the real time as long as it never skipped any. */
export async function virtualNowMs(client: Client, workflowId: string): Promise<number> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const virtualNow = raw.workflowExtendedInfo?.timeSkippingInfo?.currentTime;
  return virtualNow == null ? Date.now() : tsToMs(virtualNow);
}

/**
 * Moves the clock of one execution on by a duration, firing the timers on the way, and answers when it has arrived; from there on the
 * server skips nothing. The TypeScript client has no wrapper for it. An empty run id follows the execution through continue-as-new.
 */
export async function fastForward(client: Client, workflowId: string, durationMs: number): Promise<void> {
  const { workflowService, options } = client;
  const target = { namespace: options.namespace, workflowExecution: { workflowId } };
  const id = randomUUID();
  const fastForwardConfig = { id, duration: msNumberToTs(durationMs) };
  await workflowService.updateWorkflowExecutionOptions({
    ...target,
    workflowExecutionOptions: {
      timeSkippingConfig: { enabled: true, maxSessionSkipCount: MAX_SKIPS, fastForwardConfig },
    },
    updateMask: { paths: ['time_skipping_config'] },
  });
  const deadlineMs = Date.now() + ARRIVAL_TIMEOUT_MS;
  for (;;) {
    const answer = await client.withDeadline(deadlineMs, () =>
      workflowService.pollWorkflowExecutionTimeSkipping({ ...target, fastForwardId: id }),
    );
    const result: number = answer.fastForwardPollingResult;
    if (result === COMPLETED) return;
    if (result !== POLL_TIMED_OUT) throw new Error(`the clock of ${workflowId} cannot arrive: ${answer.failedReason}`);
    if (Date.now() > deadlineMs) {
      throw new Error(`the clock of ${workflowId} did not arrive within ${String(ARRIVAL_TIMEOUT_MS / 1000)} s`);
    }
  }
}
