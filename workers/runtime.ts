import { DefaultLogger, type LogLevel, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

export type { LogLevel };

let installed: LogLevel | null = null;

/**
 * Sets what Temporal's workers of this process write to standard error. There is one runtime in a process, made once: the first level
 * that is asked for stays.
 */
export function installRuntime(level: LogLevel): void {
  if (installed !== null) return;
  installed = level;
  const filter = makeTelemetryFilterString({ core: level, other: 'ERROR' });
  Runtime.install({
    logger: new DefaultLogger(level),
    telemetryOptions: { logging: { filter, forward: {} } },
    // Who starts a worker decides when it ends (main.ts, tools/); the runtime would take the signals for itself.
    shutdownSignals: [],
  });
}
