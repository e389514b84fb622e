import { NativeConnection, Worker } from '@temporalio/worker';

import { createActivities } from '../activities/create-activities.ts';
import { openDatabase } from '../db/database.ts';
import { createStripeClient } from '../stripe/stripe-client.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface WorkerOptions {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  readonly stripe: { readonly apiKey: string; readonly apiBase: string | null };
  /** Default `perennial`. */
  readonly taskQueue?: string;
  /** Accounts kept in memory, about 1 MB each; others are replayed when something happens to them. Default 500. */
  readonly maxCachedWorkflows?: number;
}

export interface RunningWorker {
  /** Lets running activities finish, then ends; what is left is done by the next worker. */
  stop: () => Promise<void>;
}

export const DEFAULT_TASK_QUEUE = 'perennial';

/** Starts a worker in this process. It returns when it polls. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const connection = await NativeConnection.connect({ address: options.temporalAddress });
  const db = openDatabase(options.databaseUrl);
  const worker = await Worker.create({
    connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue ?? DEFAULT_TASK_QUEUE,
    workflowBundle: await workflowBundle(),
    activities: createActivities(db, createStripeClient(options.stripe)),
    maxCachedWorkflows: options.maxCachedWorkflows ?? 500,
    maxConcurrentActivityTaskExecutions: 20,
    shutdownGraceTime: '10 seconds',
    shutdownForceTime: '30 seconds',
  });
  const running = worker.run();
  return {
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await connection.close();
      await db.destroy();
    },
  };
}
