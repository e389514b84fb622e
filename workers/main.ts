import { DEFAULT_TASK_QUEUE, readSettings, SettingsError } from '../settings/settings.ts';
import { startTracing } from '../telemetry/tracing.ts';
import type { LogLevel } from './runtime.ts';
import { startWorker, type WorkerOptions } from './worker.ts';

/** Usage: DATABASE_URL=… TEMPORAL_ADDRESS=… STRIPE_API_KEY=… node --import tsx workers/main.ts */

const LOG_LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/** A worker of its own needs to be told where everything is: it starts nothing. @throws SettingsError naming what is missing. */
function workerOptions(env: NodeJS.ProcessEnv): WorkerOptions {
  const { temporal, databaseUrl, stripe, taskQueue, telemetry, allowPrivateWebhooks, mail } = readSettings(env);
  const missing = [
    ...(temporal.address === null ? ['TEMPORAL_ADDRESS'] : []),
    ...(databaseUrl === null ? ['DATABASE_URL'] : []),
    ...(stripe.apiKey === null ? ['STRIPE_API_KEY'] : []),
  ];
  if (temporal.address === null || databaseUrl === null || stripe.apiKey === null) {
    throw new SettingsError(missing.map((name) => `${name} is not set; a worker needs it.`));
  }
  return {
    temporalAddress: temporal.address,
    namespace: temporal.namespace,
    databaseUrl,
    stripe: { apiKey: stripe.apiKey, apiBase: stripe.apiBase },
    allowPrivateWebhooks,
    ...(mail === null ? {} : { mail }),
    logLevel: logLevelOf(env['PERENNIAL_LOG_LEVEL']),
    ...(taskQueue === null ? {} : { taskQueue }),
    ...(telemetry.metricsPort === null ? {} : { metricsAddress: `127.0.0.1:${String(telemetry.metricsPort)}` }),
    ...(telemetry.otlpEndpoint === null ? {} : { tracing: startTracing(telemetry.otlpEndpoint) }),
  };
}

function logLevelOf(value: string | undefined): LogLevel {
  if (value === undefined || value === '') return 'WARN';
  const level = LOG_LEVELS.find((candidate) => candidate === value.toUpperCase());
  if (level === undefined)
    throw new SettingsError([`PERENNIAL_LOG_LEVEL: "${value}" is not one of ${LOG_LEVELS.join(', ')}.`]);
  return level;
}

async function main(): Promise<void> {
  const options = workerOptions(process.env);
  const worker = await startWorker(options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // Activities that run may finish; the promise that says how it ended is awaited below.
      worker.stop().catch(() => undefined);
    });
  }
  process.stdout.write(`${JSON.stringify({ polling: options.taskQueue ?? DEFAULT_TASK_QUEUE, pid: process.pid })}\n`);
  await worker.ended;
  await options.tracing?.stop();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof SettingsError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
