import { DefaultLogger, type LogLevel, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

export type { LogLevel };
export type LogWriter = ConstructorParameters<typeof DefaultLogger>[1];

let isInstalled = false;

export interface RuntimeOptions {
  /** Where what Temporal's workers have to say goes; default standard error. */
  readonly write?: LogWriter;
  /** Where the runtime serves its metrics in Prometheus' format, as `host:port`; null: nowhere. */
  readonly metricsAddress: string | null;
}

/**
 * Sets what Temporal's workers of this process write and measure. There is one runtime in a process, made once: what is asked for first
 * stays.
 */
export function installRuntime(level: LogLevel, { write, metricsAddress }: RuntimeOptions): void {
  if (isInstalled) return;
  isInstalled = true;
  const filter = makeTelemetryFilterString({ core: level, other: 'ERROR' });
  Runtime.install({
    logger: new DefaultLogger(level, write),
    telemetryOptions: {
      logging: { filter, forward: {} },
      ...(metricsAddress === null ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
    // Who starts a worker decides when it ends (main.ts, tools/); the runtime would take the signals for itself.
    shutdownSignals: [],
  });
}
