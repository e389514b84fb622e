import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineUpdate,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing: () => Promise<void> }>({ startToCloseTimeout: '1 minute' });

/** Does so many activities, one after the other. */
export const go = defineUpdate<null, [number]>('go');

/** A workflow that lives as an account's does and has nothing to do: what Temporal itself costs. Null: in one run, however long its history gets. */
export async function idleWorkflow(longestHistory: number | null): Promise<void> {
  setHandler(go, async (activities) => {
    for (let index = 0; index < activities; index++) await nothing();
    return null;
  });
  const isLong = (): boolean => longestHistory !== null && workflowInfo().historyLength >= longestHistory;
  await condition(() => isLong() && allHandlersFinished());
  await continueAsNew<typeof idleWorkflow>(longestHistory);
}
