import { fileURLToPath } from 'node:url';

import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';

import { parseInstant } from '../billing/calendar/instant.ts';
import { boundaryAt } from '../billing/calendar/period.ts';
import type { Perennial } from '../client/perennial.ts';
import { type Comparison, perSecond } from './compare.ts';
import type { Ground } from './ground.ts';
import { go, idleWorkflow } from './idle-workflow.ts';

const ACCOUNTS = 20;
const MONTHS_PER_ROUND = 5;
/** What is claimed is how a worker works that has lived for a while: in the first hundreds of cycles of a process its code is still being compiled. */
const MONTHS_BEFORE = 24;
/** What the boundary of a paid month does: it turns the cycle, and collects the invoice. */
const ACTIVITIES_PER_BOUNDARY = 2;
const START = parseInstant('2027-01-01T00:00:00Z');
const TASK_QUEUE = 'bench-idle';

export interface Boundaries {
  readonly comparison: Comparison;
  /** What is missing or too much of the invoices that the boundaries should have brought, in words. */
  readonly count: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

/** Accounts on one test clock that is moved a month at a time, against as many workflows that do nothing with as many activities. */
export async function boundaries({ perennial, options, pool }: Ground): Promise<Boundaries> {
  const clockId = 'bench';
  await perennial.createTestClock({ clockId, now: START });
  const accountIds = Array.from({ length: ACCOUNTS }, (_, index) => `boundary-${String(index)}`);
  for (const accountId of accountIds) await signUp(perennial, accountId, clockId);
  const idle = await startIdle(options.temporalAddress, options.namespace);
  let months = 0;
  const nextMonth = (): Promise<void> => perennial.advanceTestClock(clockId, boundaryAt(START, 'month', ++months));
  for (let turn = 0; turn < MONTHS_BEFORE; turn++) {
    await nextMonth();
    await idle.turn();
  }
  return {
    comparison: {
      name: 'boundary cycles/s ÷ a workflow that does nothing with as many activities',
      unit: 'cycles/s',
      ours: {
        name: 'boundaries',
        run: async () => {
          const startedAt = performance.now();
          for (let turn = 0; turn < MONTHS_PER_ROUND; turn++) await nextMonth();
          return perSecond(ACCOUNTS * MONTHS_PER_ROUND, startedAt);
        },
      },
      baseline: {
        name: 'idle workflows',
        run: async () => {
          const startedAt = performance.now();
          for (let turn = 0; turn < MONTHS_PER_ROUND; turn++) await idle.turn();
          return perSecond(ACCOUNTS * MONTHS_PER_ROUND, startedAt);
        },
      },
      atLeast: 0.7,
    },
    count: async () => {
      const { rows } = await pool.query<{ paid: number }>(
        `select count(*)::int as paid from invoices where account_id like 'boundary-%' and purpose = 'cycle' and status = 'paid'`,
      );
      const paid = rows[0]?.paid ?? 0;
      return paid === ACCOUNTS * months
        ? []
        : [`${String(ACCOUNTS * months)} boundaries brought ${String(paid)} paid invoices`];
    },
    stop: idle.stop,
  };
}

async function signUp(perennial: Perennial, accountId: string, testClockId: string): Promise<void> {
  await perennial.signUp({ accountId, ownerId: accountId, catalog: 'codspeed', testClockId });
  await perennial.addPaymentMethod(accountId, 'pm_card_visa');
  await perennial.execute(accountId, { type: 'subscribe', plan: 'pro', interval: 'month', seats: 3 });
}

async function startIdle(
  address: string,
  namespace: string,
): Promise<{ turn: () => Promise<void>; stop: () => Promise<void> }> {
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
  const handles = await Promise.all(
    Array.from({ length: ACCOUNTS }, (_, index) =>
      client.workflow.start(idleWorkflow, { workflowId: `idle-${String(index)}`, taskQueue: TASK_QUEUE, args: [] }),
    ),
  );
  return {
    turn: async () => {
      await Promise.all(handles.map((handle) => handle.executeUpdate(go, { args: [ACTIVITIES_PER_BOUNDARY] })));
    },
    stop: async () => {
      await Promise.all(handles.map((handle) => handle.terminate()));
      await connection.close();
      worker.shutdown();
      await running;
      await native.close();
    },
  };
}
