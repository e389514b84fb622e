import { join } from 'node:path';
import { startChild, waitUntilReady, type Child } from '../process/child.ts';
import { accepts } from '../process/ports.ts';
import { searchAttributeFlags } from './search-attributes.ts';
import type { ServerBinary } from './server-binary.ts';

const HOST = '127.0.0.1';
const READY_WITHIN_MS = 60_000;

/** Where the server's own data goes. */
export type TemporalStore =
  | { readonly kind: 'memory' }
  /** Our own server keeps it in Postgres where there is one, the official `temporal` in a file of `directory`. */
  | { readonly kind: 'kept'; readonly postgresUrl: string | null; readonly directory: string };

export interface TemporalOptions {
  readonly port: number;
  /** `null`: no UI. */
  readonly uiPort: number | null;
  readonly namespace: string;
  readonly store: TemporalStore;
  readonly logFile: string | null;
  /** Called as soon as there is a process to end, also of a try that comes to nothing. */
  readonly onStarted?: (child: Child) => void;
}

export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string | null;
  readonly child: Child;
}

/**
 * Starts a server and waits until it answers. Its namespace is still to be prepared (`prepareNamespace`).
 * Throws `ChildFailed` with the server's last words.
 */
export async function startTemporalServer(binary: ServerBinary, options: TemporalOptions): Promise<TemporalServer> {
  let isListening = false;
  const child = startChild({
    name: 'Temporal',
    command: binary.path,
    ...(binary.kind === 'own' ? ownCommandLine(options) : cliCommandLine(options)),
    logFile: options.logFile,
    onLine: (line) => {
      if (line.startsWith('{"listening":')) isListening = true;
    },
  });
  options.onStarted?.(child);
  const isReady = (): Promise<boolean> =>
    binary.kind === 'own' ? Promise.resolve(isListening) : accepts(options.port);
  await waitUntilReady(child, isReady, READY_WITHIN_MS);
  return {
    address: `${HOST}:${String(options.port)}`,
    uiUrl: options.uiPort === null ? null : `http://${HOST}:${String(options.uiPort)}`,
    child,
  };
}

function ownCommandLine(options: TemporalOptions): Pick<Parameters<typeof startChild>[0], 'args' | 'env'> {
  const { store } = options;
  const args = ['--end-with-stdin', '--ip', HOST, '--port', String(options.port), '--namespace', options.namespace];
  args.push('--ui-port', String(options.uiPort ?? 0), ...searchAttributeFlags());
  if (store.kind === 'memory') return { args: [...args, '--db', 'memory'] };
  if (store.postgresUrl === null)
    return { args: [...args, '--db', 'file', '--db-file', join(store.directory, 'temporal.db')] };
  // In the environment, because command lines are shown in process lists.
  return { args: [...args, '--db', 'postgres'], env: { TEMPORAL_POSTGRES_DSN: store.postgresUrl } };
}

/** The official `temporal server start-dev`, with the same dynamic configuration as main.go, where the reasons are. */
function cliCommandLine(options: TemporalOptions): Pick<Parameters<typeof startChild>[0], 'args' | 'tether'> {
  const dynamicConfig = [
    'frontend.WorkflowTimeSkippingEnabled=true',
    'system.workflowTimeSkippingEnabled=true', // The gate's name in other server versions.
    'history.workflowIdReuseMinimalInterval="0s"',
    'history.timerProcessorMaxTimeShift="20ms"',
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
  ];
  const args = ['server', 'start-dev', '--ip', HOST, '--port', String(options.port), '--namespace', options.namespace];
  args.push(...searchAttributeFlags());
  args.push('--log-level', 'error', ...dynamicConfig.flatMap((setting) => ['--dynamic-config-value', setting]));
  if (options.uiPort === null) args.push('--headless');
  else args.push('--ui-port', String(options.uiPort));
  if (options.store.kind === 'kept') args.push('--db-filename', join(options.store.directory, 'temporal-cli.db'));
  return { args, tether: { signal: 'TERM', graceSeconds: 5 } };
}
