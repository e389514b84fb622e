import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { inject } from 'vitest';

import { type Instant, parseInstant } from '../../billing/calendar/instant.ts';
import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { type ConnectOptions, Perennial } from '../../client/perennial.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { openAppLogin } from '../../stack/postgres/app-login.ts';
import { startWorker, type WorkerOptions } from '../../workers/worker.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A worker that can be stopped and started again, as a deployment or an outage does it. */
export interface WorkerSwitch {
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

/** One engine: a database and a task queue of its own on the shared servers, a worker in this process, a client. */
export interface Engine {
  readonly options: ConnectOptions;
  readonly perennial: Perennial;
  /** As the owner of the tables, who may more than the engine: what tests put wrong, the engine could not. */
  readonly db: Database;
  readonly temporal: Client;
  readonly worker: WorkerSwitch;
  /** Another client, with connections of its own. */
  connect: () => Promise<Perennial>;
  /** A name nobody else has: ids at Temporal and at Stripe are shared with other test files. */
  name: (stem: string) => string;
  close: () => Promise<void>;
}

/** `stripe`, `postgresUrl`: a sandbox, a server of its own, for tests that make things go wrong there. */
export async function openEngine({
  stripe,
  postgresUrl,
  ...workerOptions
}: Partial<Pick<WorkerOptions, 'stripe' | 'tracing' | 'mail'>> & {
  readonly postgresUrl?: string;
} = {}): Promise<Engine> {
  const stack = inject('stack');
  const mark = randomBytes(4).toString('hex');
  const ownerUrl = await createDatabase(postgresUrl ?? stack.databaseUrl, `engine_${mark}`);
  // As in production: nothing of the engine owns a table.
  const databaseUrl = await openAppLogin(ownerUrl);
  const options: ConnectOptions = {
    temporalAddress: stack.temporalAddress,
    namespace: stack.namespace,
    databaseUrl,
    stripe: stripe ?? stack.stripe,
    taskQueue: `engine-${mark}`,
  };
  const db = openDatabase(ownerUrl);
  const connection = await Connection.connect({ address: options.temporalAddress });
  const worker = workerSwitch({ ...options, allowPrivateWebhooks: true, ...workerOptions });
  const clients: Perennial[] = [];
  const connect = async (): Promise<Perennial> => {
    const client = await Perennial.connect(options);
    clients.push(client);
    return client;
  };
  const perennial = await connect();
  for (const name of ['qodo', 'codspeed']) await perennial.publishCatalog(readCatalog(name));
  await worker.start();
  let count = 0;
  return {
    ...{ options, perennial, db, worker, connect },
    temporal: new Client({ connection, namespace: options.namespace }),
    name: (stem) => `${stem}-${mark}-${String(++count)}`,
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await worker.stop();
      await connection.close();
      await db.destroy();
    },
  };
}

function readCatalog(name: string): ReturnType<typeof parseCatalogYaml> {
  return parseCatalogYaml(readFileSync(`${ROOT}catalogs/${name}.yaml`, 'utf8'), `${name}.yaml`);
}

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
  return url.href;
}

function workerSwitch(options: WorkerOptions): WorkerSwitch {
  let running: { stop: () => Promise<void> } | null = null;
  return {
    start: async () => {
      running ??= await startWorker(options);
    },
    stop: async () => {
      const stopping = running;
      running = null;
      await stopping?.stop();
    },
  };
}

/** A worker as a process of its own, which can be killed. `isProduction`: webhooks go to public addresses only. */
export async function startWorkerProcess(
  options: ConnectOptions,
  { isProduction = false }: { readonly isProduction?: boolean } = {},
): Promise<{ kill: (signal: NodeJS.Signals) => Promise<number | null> }> {
  const child = spawn(process.execPath, ['--import', 'tsx', `${ROOT}workers/main.ts`], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: options.temporalAddress,
      TEMPORAL_NAMESPACE: options.namespace,
      DATABASE_URL: options.databaseUrl,
      STRIPE_API_KEY: options.stripe.apiKey,
      STRIPE_API_BASE: options.stripe.apiBase ?? '',
      PERENNIAL_ALLOW_PRIVATE_WEBHOOKS: isProduction ? '' : 'true',
      PERENNIAL_TASK_QUEUE: options.taskQueue ?? '',
    },
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  await announcement(child);
  return {
    kill: async (signal) => {
      child.kill(signal);
      return (await ended)[0];
    },
  };
}

async function announcement(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('The worker has no standard output.');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('"polling"')) return;
  }
  throw new Error('The worker ended before it polled.');
}

export interface AccountOnClock {
  readonly accountId: string;
  readonly clockId: string;
  /** Moves the clock and waits until everything due by then is done. */
  advance: (to: string) => Promise<void>;
}

/** Signs an account up on a test clock of its own. */
export async function signUpOnClock(
  engine: Engine,
  input: { readonly catalog: 'qodo' | 'codspeed'; readonly now: string; readonly stem?: string },
): Promise<AccountOnClock> {
  const accountId = engine.name(input.stem ?? input.catalog);
  const clockId = `clock of ${accountId}`;
  await engine.perennial.createTestClock({ clockId, now: parseInstant(input.now) });
  await engine.perennial.signUp({
    accountId,
    ownerId: `owner of ${accountId}`,
    catalog: input.catalog,
    testClockId: clockId,
  });
  return {
    accountId,
    clockId,
    advance: (to) => engine.perennial.advanceTestClock(clockId, instant(to)),
  };
}

/** CodSpeed's Pro plan with a card that works. */
export async function subscribedToPro(
  engine: Engine,
  input: { readonly now: string; readonly seats: number; readonly interval: 'month' | 'year'; readonly stem?: string },
): Promise<AccountOnClock> {
  const account = await signUpOnClock(engine, { catalog: 'codspeed', ...input });
  await engine.perennial.addPaymentMethod(account.accountId, 'pm_card_visa');
  const { seats, interval } = input;
  await engine.perennial.execute(account.accountId, { type: 'subscribe', plan: 'pro', interval, seats });
  return account;
}

/** Qodo's Pro Teams, small pack, paid from its first day on. */
export async function subscribedToCredits(
  engine: Engine,
  input: { readonly now: string; readonly capCents: number; readonly stem?: string },
): Promise<AccountOnClock> {
  const account = await signUpOnClock(engine, { catalog: 'qodo', ...input });
  await engine.perennial.addPaymentMethod(account.accountId, 'pm_card_visa');
  const { capCents } = input;
  await engine.perennial.execute(account.accountId, {
    type: 'subscribe',
    plan: 'pro-teams',
    pack: 'small',
    capCents,
    startNow: true,
  });
  return account;
}

export function instant(text: string): Instant {
  return parseInstant(text);
}

/** The code a promise is refused with; fails when it is not. */
export async function refusalCode(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof Error && 'code' in error && error.name === 'Refusal') return String(error.code);
  throw error;
}
