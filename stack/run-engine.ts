import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

import type { Settings } from '../settings/settings.ts';
import type { StackPart } from './part.ts';
import { type ConnectOptions, Perennial } from '../client/perennial.ts';
import { migrate } from '../db/migrate.ts';
import { installRuntime, type RuntimeOptions } from '../workers/runtime.ts';
import { startWorker } from '../workers/worker.ts';
import { startTracing } from '../telemetry/tracing.ts';
import { openAppLogin } from './postgres/app-login.ts';
import { freePorts } from './process/ports.ts';
import { hasDemoAccounts, publishCatalogs, signUpDemoAccounts } from './demo/demo-accounts.ts';
import type { Stack } from './part.ts';
import { serveApi, type ServedApi } from './serve-api.ts';

/** What runs on a stack that is up. */
export interface Engine {
  readonly parts: readonly StackPart[];
  readonly apiUrl: string;
  /** The database for programs that run beside it, as the login that the engine itself has. */
  readonly databaseUrl: string;
  /** What to try next, a line each. */
  readonly hints: readonly string[];
  /** Lets running work finish. Called before the stack is stopped. */
  readonly stop: () => Promise<void>;
}

export interface EngineContext {
  readonly settings: Settings;
  readonly report: (line: string) => void;
  /** Where the kept stack has its data; logs are in `logs`. */
  readonly directory: string;
  /** Where the pages are, once they are built; null where they could not be. */
  readonly pages: Promise<string | null>;
}

/**
 * The seam between the infrastructure and the product: all that `npm start` runs on top of a stack begins here.
 * Migrates, starts the worker, publishes the catalogs, gives an empty installation its demo accounts, and serves the API.
 */
export async function runEngine(stack: Stack, context: EngineContext): Promise<Engine> {
  const { settings, report, directory, pages } = context;
  const [metricsPort = 0] =
    settings.telemetry.metricsPort === null ? await freePorts(1) : [settings.telemetry.metricsPort];
  const metricsAddress = `127.0.0.1:${String(metricsPort)}`;
  logWarningsTo(join(directory, 'logs', 'worker.log'), report, metricsAddress);
  const { otlpEndpoint } = settings.telemetry;
  const tracing = otlpEndpoint === null ? null : startTracing(otlpEndpoint);
  const options: ConnectOptions = {
    temporalAddress: stack.temporal.address,
    namespace: stack.temporal.namespace,
    databaseUrl: await prepareDatabase(stack, settings, report),
    stripe: stack.stripe,
    ...(settings.taskQueue === null ? {} : { taskQueue: settings.taskQueue }),
  };
  const worker = await startWorker({
    ...options,
    allowPrivateWebhooks: true,
    ...(settings.mail === null ? {} : { mail: settings.mail }),
    ...(tracing === null ? {} : { tracing }),
  });
  let api: ServedApi;
  try {
    await welcome(options, report);
    api = await serveApi(options, {
      ...{ settings, directory, metricsAddress, pagesDirectory: await pages },
      temporal: { uiUrl: stack.temporal.uiUrl, namespace: stack.temporal.namespace },
    });
  } catch (error) {
    await worker.stop();
    throw error;
  }
  return {
    parts: [{ name: 'Worker', where: 'in this process', startedByUs: true }, ...api.parts],
    apiUrl: api.url,
    databaseUrl: options.databaseUrl,
    hints: [
      `Sign in to the pages for operators (valid for 10 minutes): ${api.signInUrl}`,
      'npm run -s perennial -- sign-in                                     # another such link',
      'npm run -s perennial -- portal demo-codspeed --as linus --role admin  # the pages as a customer sees them',
      `curl -H "Authorization: Bearer $(cat '${api.keyFile}')" ${api.url}/v1/accounts`,
      'npm run -s perennial -- status demo-codspeed',
      'npm run -s perennial -- seats add demo-codspeed 2',
      'npm run -s simulate -- scenarios/02-qodo-overage-to-the-cap.yaml',
    ],
    stop: async () => {
      await api.close();
      await worker.stop();
      await tracing?.stop();
    },
  };
}

/** Our own Postgres is used as production should: the engine owns no table. Of somebody else's we use the logins that we are given. */
async function prepareDatabase(
  { databaseUrl }: Stack,
  settings: Settings,
  report: (line: string) => void,
): Promise<string> {
  await migrate(settings.databaseOwnerUrl ?? databaseUrl, report);
  return settings.databaseUrl === null ? openAppLogin(databaseUrl) : databaseUrl;
}

async function welcome(options: ConnectOptions, report: (line: string) => void): Promise<void> {
  const perennial = await Perennial.connect(options);
  try {
    await publishCatalogs(perennial);
    const accounts = await perennial.accounts();
    // Also when an earlier start was interrupted half-way: signing the demo accounts up again adds what is missing.
    if (accounts.some(({ accountId }) => !accountId.startsWith('demo-')) || (await hasDemoAccounts(perennial))) return;
    if (accounts.length === 0) report('Signing up the demo accounts.');
    await signUpDemoAccounts(options);
  } finally {
    await perennial.close();
  }
}

/** The terminal hears of the first only: what goes wrong is retried, and most passes by itself. */
function logWarningsTo(logFile: string, report: (line: string) => void, metricsAddress: string): void {
  let isFirst = true;
  const write: RuntimeOptions['write'] = ({ level, message, meta, timestampNanos }) => {
    const at = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
    appendFileSync(logFile, `${at} ${level} ${message} ${inspect(meta, { depth: 4 })}\n`, { mode: 0o600 });
    if (isFirst) report(`The worker warns: ${message}. More of it in ${logFile}`);
    isFirst = false;
  };
  installRuntime('WARN', { write, metricsAddress });
}
