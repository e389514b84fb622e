import { condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing: () => Promise<void> }>({ startToCloseTimeout: '1 minute' });

/** Does so many activities, one after the other. */
export const go = defineUpdate<null, [number]>('go');

/** A workflow that lives as an account's does, and has nothing to do: what Temporal itself costs. */
export async function idleWorkflow(): Promise<void> {
  setHandler(go, async (activities) => {
    for (let index = 0; index < activities; index++) await nothing();
    return null;
  });
  await condition(() => false);
}
