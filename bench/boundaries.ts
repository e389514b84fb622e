import { fileURLToPath } from 'node:url';

import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';

import { parseInstant } from '../billing/calendar/instant.ts';
import { boundaryAt } from '../billing/calendar/period.ts';
import type { Perennial } from '../client/perennial.ts';
import { type Comparison, perSecond } from './compare.ts';
import type { Ground } from './ground.ts';
import { LONGEST_HISTORY } from '../workflows/account/account-state.ts';
import { go, idleWorkflow } from './idle-workflow.ts';

const ACCOUNTS = 20;
/** A year: with less, what a noisy machine does in a round is more than what is measured, and the renewal of a run (every third year) is in few of them. */
const MONTHS_PER_ROUND = 12;
/** What is claimed is how a worker works that has lived for a while: in the first hundreds of cycles of a process its code is still being compiled. */
const MONTHS_BEFORE = 24;
/** What the boundary of a paid month does: it turns the cycle, and collects the invoice. */
const ACTIVITIES_PER_BOUNDARY = 2;
const START = parseInstant('2027-01-01T00:00:00Z');
const TASK_QUEUE = 'bench-idle';

export interface Boundaries {
  readonly comparisons: readonly Comparison[];
  /** What is missing or too much of the invoices that the boundaries should have brought, in words. */
  readonly count: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

/**
 * Accounts on one test clock that is moved a month at a time, against as many workflows that do nothing with as many activities: such as stay in one
 * run, and such as renew it as often as accounts do, which keeps them fast.
 */
export async function boundaries({ perennial, options, pool }: Ground): Promise<Boundaries> {
  const clockId = 'bench';
  await perennial.createTestClock({ clockId, now: START });
  const accountIds = Array.from({ length: ACCOUNTS }, (_, index) => `boundary-${String(index)}`);
  for (const accountId of accountIds) await signUp(perennial, accountId, clockId);
  const workflows = await startIdle(options.temporalAddress, options.namespace);
  const { inOneRun, inRuns } = workflows;
  let months = 0;
  const nextMonth = (): Promise<void> => perennial.advanceTestClock(clockId, boundaryAt(START, 'month', ++months));
  for (let turn = 0; turn < MONTHS_BEFORE; turn++) {
    await nextMonth();
    await inOneRun();
    await inRuns();
  }
  const ours = { name: 'boundaries', run: () => rateOfMonths(nextMonth) };
  return {
    comparisons: [
      {
        name: 'boundary cycles/s ÷ a workflow that does nothing with as many activities',
        unit: 'cycles/s',
        ours,
        baseline: { name: 'idle workflows in one run', run: () => rateOfMonths(inOneRun) },
        atLeast: 0.7,
      },
      {
        name: 'the same ÷ one that does nothing and renews its run as often as ours',
        unit: 'cycles/s',
        ours,
        baseline: { name: 'idle workflows in runs', run: () => rateOfMonths(inRuns) },
        atLeast: null,
      },
    ],
    count: async () => {
      const { rows } = await pool.query<{ paid: number }>(
        `select count(*)::int as paid from invoices where account_id like 'boundary-%' and purpose = 'cycle' and status = 'paid'`,
      );
      const paid = rows[0]?.paid ?? 0;
      return paid === ACCOUNTS * months
        ? []
        : [`${String(ACCOUNTS * months)} boundaries brought ${String(paid)} paid invoices`];
    },
    stop: workflows.stop,
  };
}

async function signUp(perennial: Perennial, accountId: string, testClockId: string): Promise<void> {
  await perennial.signUp({ accountId, ownerId: accountId, catalog: 'codspeed', testClockId });
  await perennial.addPaymentMethod(accountId, 'pm_card_visa');
  await perennial.execute(accountId, { type: 'subscribe', plan: 'pro', interval: 'month', seats: 3 });
}

/** Turns of so many a second, of so many accounts or workflows each. */
async function rateOfMonths(turn: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  for (let month = 0; month < MONTHS_PER_ROUND; month++) await turn();
  return perSecond(ACCOUNTS * MONTHS_PER_ROUND, startedAt);
}

interface Idle {
  readonly inOneRun: () => Promise<void>;
  readonly inRuns: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function startIdle(address: string, namespace: string): Promise<Idle> {
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('./idle-workflow.ts', import.meta.url)),
    activities: { nothing: () => Promise.resolve() },
  });
  const running = worker.run();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const ids = (name: string): readonly string[] =>
    Array.from({ length: ACCOUNTS }, (_, index) => `${name}-${String(index)}`);
  const start = (workflowId: string, longestHistory: number | null): Promise<unknown> =>
    client.workflow.start(idleWorkflow, { workflowId, taskQueue: TASK_QUEUE, args: [longestHistory] });
  const [long, brief] = [ids('idle'), ids('idle-in-runs')];
  await Promise.all([...long.map((id) => start(id, null)), ...brief.map((id) => start(id, LONGEST_HISTORY))]);
  // Whichever run it is in.
  const turn = async (workflowIds: readonly string[]): Promise<void> => {
    const args: [number] = [ACTIVITIES_PER_BOUNDARY];
    await Promise.all(workflowIds.map((id) => client.workflow.getHandle(id).executeUpdate(go, { args })));
  };
  return {
    inOneRun: () => turn(long),
    inRuns: () => turn(brief),
    stop: async () => {
      await Promise.all([...long, ...brief].map((id) => client.workflow.getHandle(id).terminate()));
      await connection.close();
      worker.shutdown();
      await running;
      await native.close();
    },
  };
}
