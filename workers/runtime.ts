import { DefaultLogger, type LogLevel, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

export type { LogLevel };
export type LogWriter = ConstructorParameters<typeof DefaultLogger>[1];

let installed: LogLevel | null = null;

/**
 * Sets what Temporal's workers of this process write, to standard error or elsewhere. There is one runtime in a process, made once: what
 * is asked for first stays.
 */
export function installRuntime(level: LogLevel, write?: LogWriter): void {
  if (installed !== null) return;
  installed = level;
  const filter = makeTelemetryFilterString({ core: level, other: 'ERROR' });
  Runtime.install({
    logger: new DefaultLogger(level, write),
    telemetryOptions: { logging: { filter, forward: {} } },
    // Who starts a worker decides when it ends (main.ts, tools/); the runtime would take the signals for itself.
    shutdownSignals: [],
  });
}
