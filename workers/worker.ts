import { Client } from '@temporalio/client';
import { OpenTelemetryActivityInboundInterceptor, makeWorkflowExporter } from '@temporalio/interceptors-opentelemetry';
import {
  type ActivityInterceptorsFactory,
  NativeConnection,
  Worker,
  type WorkerOptions as TemporalWorkerOptions,
} from '@temporalio/worker';

import { createActivities } from '../activities/create-activities.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { DEFAULT_TASK_QUEUE } from '../settings/settings.ts';
import { createStripeClient } from '../stripe/stripe-client.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { heartbeatWhileRunning } from './polling/heartbeat.ts';
import { type MailSettings, startMailCourier } from './outgoing/mail-courier.ts';
import { startWebhookCourier } from './outgoing/webhook-courier.ts';
import { installRuntime, type LogLevel } from './runtime.ts';
import { startStripeInbox } from './stripe-inbox.ts';
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
  /** What Temporal's worker writes to standard error. Default `WARN`. One for all workers of a process: the first that is given. */
  readonly logLevel?: LogLevel;
  /** Where it serves Temporal's own metrics, as `host:port`. One for all workers of a process, like the log level. */
  readonly metricsAddress?: string;
  /** Where notices are mailed from; absent: they are not. */
  readonly mail?: MailSettings;
  /** Deliver webhooks to any address, also without TLS: for the local stack and tests. Default false. */
  readonly allowPrivateWebhooks?: boolean;
  /** The process's traces, where there are any: commands are followed through the workflow into its activities. */
  readonly tracing?: Tracing;
}

export interface RunningWorker {
  /** Takes nothing new, lets running activities finish, then ends; what is left is done by the next worker. May be called twice. */
  stop: () => Promise<void>;
  /** Resolves when it has stopped; rejects when it ended by itself. */
  readonly ended: Promise<void>;
}

/**
 * Activities at once. With a place free, Temporal hands an activity out in the answer to the workflow that wants it, which saves
 * the way through its queues; with 20 places and 20 accounts at their boundary there was none free.
 */
const CONCURRENT_ACTIVITIES = 40;
/** Connections for them. Half as many: one that waits for Stripe holds none. */
const ACTIVITY_CONNECTIONS = 20;
/** For what the process does beside them: the inbox, and what goes out. */
const OTHER_CONNECTIONS = 6;

/** Where an account's queue waits for Stripe, it hears soon that nobody answers; the activity itself repeats, for seconds. */
const HASTY = { timeoutMs: 4_000, maxNetworkRetries: 0 };

/** Starts a worker in this process. It returns when it polls. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  installRuntime(options.logLevel ?? 'WARN', { metricsAddress: options.metricsAddress ?? null });
  const connection = await NativeConnection.connect({ address: options.temporalAddress });
  const db = openDatabase(options.databaseUrl, ACTIVITY_CONNECTIONS);
  const otherDb = openDatabase(options.databaseUrl, OTHER_CONNECTIONS);
  const close = async (): Promise<void> => {
    await connection.close();
    await Promise.all([db.destroy(), otherDb.destroy()]);
  };
  const worker = await createWorker(options, connection, db).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const inbox = startStripeInbox({
    db: otherDb,
    stripe: createStripeClient(options.stripe),
    temporal: new Client({ connection, namespace: options.namespace }),
    taskQueue: options.taskQueue ?? DEFAULT_TASK_QUEUE,
  });
  const allowPrivate = options.allowPrivateWebhooks ?? false;
  const { mail } = options;
  const couriers = [
    startWebhookCourier({ db: otherDb, allowPrivate, isMailed: mail !== undefined }),
    ...(mail === undefined ? [] : [startMailCourier({ db: otherDb, mail })]),
  ];
  const ended = worker
    .run()
    .finally(() => Promise.all([inbox, ...couriers].map((each) => each.stop())))
    .finally(close);
  ended.catch(() => undefined); // For callers who look at it only when they stop.
  return {
    ended,
    stop: () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      return ended;
    },
  };
}

async function createWorker(options: WorkerOptions, connection: NativeConnection, db: Database): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue ?? DEFAULT_TASK_QUEUE,
    workflowBundle: await workflowBundle({ isTraced: options.tracing !== undefined }),
    activities: createActivities(
      db,
      createStripeClient(options.stripe),
      createStripeClient({ ...options.stripe, ...HASTY }),
    ),
    ...traced(options.tracing, [heartbeatWhileRunning]),
    maxCachedWorkflows: options.maxCachedWorkflows ?? 500,
    maxConcurrentActivityTaskExecutions: CONCURRENT_ACTIVITIES,
    // An account's workflow is asked again by another worker this soon after its own has died.
    stickyQueueScheduleToStartTimeout: '5 seconds',
    shutdownGraceTime: '10 seconds',
    shutdownForceTime: '30 seconds',
  });
}

/** Spans of workflows leave their sandbox through a sink, where replays are left out; those of activities begin around them. */
function traced(
  tracing: Tracing | undefined,
  activity: readonly ActivityInterceptorsFactory[],
): Pick<TemporalWorkerOptions, 'interceptors' | 'sinks'> {
  if (tracing === undefined) return { interceptors: { activity: [...activity] } };
  const follow: ActivityInterceptorsFactory = (context) => ({
    inbound: new OpenTelemetryActivityInboundInterceptor(context),
  });
  return {
    interceptors: { activity: [follow, ...activity] },
    sinks: { exporter: makeWorkflowExporter(tracing.spanProcessor, tracing.resource) },
  };
}
