import { sleep } from '@temporalio/workflow';

/** Waits on durable timers for as many months of 30 days; answers when it began and ended, in its own time. */
export async function waitMonths(months: number): Promise<{ beganAtMs: number; endedAtMs: number }> {
  const beganAtMs = Date.now();
  for (let month = 0; month < months; month++) await sleep('30 days');
  return { beganAtMs, endedAtMs: Date.now() };
}
