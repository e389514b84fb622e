import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { isLiveKey, readSettings, type Settings } from '../settings/settings.ts';
import { startPostgres } from './postgres/start-postgres.ts';
import type { Child } from './process/child.ts';
import { type Lock, LockHeld, takeLock } from './process/lock.ts';
import { pickPort } from './process/ports.ts';
import type { PartContext, Stack, StackPart } from './part.ts';
import { provideStripe } from './provide-stripe.ts';
import { provideTemporal } from './provide-temporal.ts';
import { Teardown } from './teardown.ts';

/**
 * `ephemeral`: on free ports, in memory and in a temporary directory, for tests and simulations. `kept`: on the usual
 * ports where they are free, with its data in `directory`.
 */
export type StackKind = { readonly kind: 'ephemeral' } | { readonly kind: 'kept'; readonly directory: string };

export interface StackContext {
  /** Default: the environment's. */
  readonly settings?: Settings;
  /** Told what takes long; default standard error, because standard output may be a document. */
  readonly report?: (line: string) => void;
  /** Aborting it ends what was started so far, and {@link startStack} rejects. */
  readonly signal?: AbortSignal;
}

const USUAL_POSTGRES_PORT = 54329;

/** Another `npm start` has this directory. */
export class StackRunning extends Error {
  readonly code = 'STACK_RUNNING';

  constructor(directory: string, holder: LockHeld) {
    super(
      `A stack is already running in ${directory}: process ${holder.pid}, since ${holder.since}. Use that one, ` +
        'stop it with Ctrl-C, or set PERENNIAL_DIRECTORY to another directory for a second.',
    );
    this.name = 'StackRunning';
  }
}

/**
 * Brings up Postgres, Temporal and the Stripe sandbox, except what settings put in their place. Nothing is left behind
 * when that fails. Everything ends with this process, whatever ends it.
 */
export async function startStack(options: StackKind, context: StackContext = {}): Promise<Stack> {
  const { settings = readSettings(process.env), report = reportToStandardError, signal } = context;
  refuseLiveKey(settings);
  const keptIn = options.kind === 'kept' ? options.directory : null;
  const teardown = new Teardown();
  if (keptIn !== null) prepareDirectory(keptIn, teardown);
  const { broken, watch } = watchFor(teardown);
  const part: PartContext = {
    watch,
    settings,
    report,
    keptIn,
    teardown,
    logFile: (name) => (keptIn === null ? null : join(keptIn, 'logs', `${name}.log`)),
  };
  try {
    const stack = await orAborted(bringUp(part), signal);
    return { ...stack, broken, stop: () => teardown.run() };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function bringUp(context: PartContext): Promise<Omit<Stack, 'stop' | 'broken'>> {
  const database = provideDatabase(context);
  // What Temporal keeps, it keeps in our Postgres, where there is one.
  const keepsItsData = context.keptIn !== null && context.settings.databaseUrl === null;
  const [postgres, temporal, stripe] = await Promise.all([
    database,
    provideTemporal(context, keepsItsData ? database.then(({ url }) => url) : null),
    provideStripe(context),
  ]);
  const { part, ...stripeAccess } = stripe;
  return {
    temporal: temporal.access,
    databaseUrl: postgres.url,
    stripe: stripeAccess,
    parts: [postgres.part, ...temporal.parts, part],
  };
}

async function provideDatabase(context: PartContext): Promise<{ url: string; part: StackPart }> {
  const { settings, keptIn, teardown, logFile } = context;
  if (settings.databaseUrl !== null) {
    return { url: settings.databaseUrl, part: describeDatabase(settings.databaseUrl, false) };
  }
  const postgres = await startPostgres({
    keptIn,
    logFile: logFile('postgres'),
    pickPort: () =>
      pickPort({
        purpose: 'Postgres',
        chosen: settings.ports.postgres,
        variable: 'PERENNIAL_POSTGRES_PORT',
        usual: keptIn === null ? null : USUAL_POSTGRES_PORT,
      }),
    onStarted: (child) => {
      teardown.add('last', () => child.stop(30_000));
    },
  });
  context.watch(postgres.child);
  return { url: postgres.url, part: describeDatabase(postgres.url, true) };
}

function describeDatabase(databaseUrl: string, startedByUs: boolean): StackPart {
  const url = new URL(databaseUrl);
  if (url.password !== '') url.password = '…';
  return { name: 'Postgres', where: decodeURI(url.href), startedByUs };
}

/** The stack is for trying out: its demo accounts, tests and simulations would move real money. */
function refuseLiveKey(settings: Settings): void {
  if (isLiveKey(settings.stripe.apiKey ?? '')) {
    throw new Error('STRIPE_API_KEY is a live key. The local stack takes test keys only (sk_test_… or rk_test_…).');
  }
}

function prepareDirectory(directory: string, teardown: Teardown): void {
  const isNew = mkdirSync(join(directory, 'logs'), { recursive: true }) !== undefined;
  // Postgres' account has to pass, but not to list; what is secret in here has modes of its own.
  if (isNew && process.getuid?.() === 0) chmodSync(directory, 0o711);
  let lock: Lock;
  try {
    lock = takeLock(join(directory, 'stack.lock'));
  } catch (error) {
    throw error instanceof LockHeld ? new StackRunning(directory, error) : error;
  }
  teardown.add('afterwards', () => {
    lock.release();
    return Promise.resolve();
  });
}

function watchFor(teardown: Teardown): Pick<Stack, 'broken'> & Pick<PartContext, 'watch'> {
  const listeners: ((sentence: string) => void)[] = [];
  const broken = new Promise<string>((resolve) => listeners.push(resolve));
  const watch = (child: Child): void => {
    void child.ended.then((how) => {
      if (teardown.hasBegun) return;
      const sentence = `${child.name} has ended (${String(how)}). Its last words:\n${child.lastLines()}`;
      for (const tell of listeners) tell(sentence);
    });
  };
  return { broken, watch };
}

function reportToStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  work.catch(() => undefined); // After an abort nobody waits for it any more.
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      const abort = (): void => {
        // With a code: whoever pressed Ctrl-C need not see where.
        reject(Object.assign(new Error('The start was interrupted.'), { code: 'interrupted' }));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
    }),
  ]);
}
