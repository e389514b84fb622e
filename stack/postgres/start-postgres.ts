import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ChildFailed, startChild, waitUntilReady, type Child } from '../process/child.ts';
import {
  createDisposableData,
  openKeptData,
  postgresEnvironment,
  SUPERUSER,
  type DataDirectory,
} from './data-directory.ts';
import { endServerOf } from './orphan.ts';

const HOST = '127.0.0.1';
const DATABASE = 'perennial';
const READY_WITHIN_MS = 60_000;
const SHUTDOWN_SECONDS = 15;

export interface PostgresOptions {
  /** `null`: fresh, as fast as can be, gone at the end. Else the project's `.perennial`, whose lock the caller holds. */
  readonly keptIn: string | null;
  /** Asked for each try: somebody may take a free port before Postgres has it. */
  readonly pickPort: () => Promise<number>;
  readonly logFile: string | null;
  /** Called as soon as there is a process to end, also of tries that come to nothing. */
  readonly onStarted?: (child: Child) => void;
}

export interface Postgres {
  /** `postgres://…` of the database `perennial`, with password. */
  readonly url: string;
  readonly port: number;
  readonly child: Child;
}

/** Starts Postgres on the loopback interface and creates the database. Throws with Postgres' own last words. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const data = options.keptIn === null ? await createDisposableData() : await openKeptData(options.keptIn);
    if (options.keptIn !== null) await endServerOf(data.path);
    try {
      return await serve(data, await options.pickPort(), options);
    } catch (error) {
      const willPass = error instanceof ChildFailed && (error.isPortTaken || isStillLettingGo(error));
      if (!willPass || Date.now() > giveUpAt) throw error;
      await sleep(300);
    }
  }
}

async function serve(data: DataDirectory, port: number, options: PostgresOptions): Promise<Postgres> {
  const child = startChild({
    name: 'Postgres',
    command: data.binaries.postgres,
    args: ['-D', data.path, '-p', String(port), ...serverSettings(data)],
    env: postgresEnvironment(),
    cwd: '/',
    ...(data.account === null ? {} : { account: data.account }),
    tether: {
      signal: 'INT',
      graceSeconds: SHUTDOWN_SECONDS,
      ...(data.disposable === null ? {} : { removeDirectory: data.disposable }),
    },
    logFile: options.logFile,
  });
  options.onStarted?.(child);
  const address = { host: HOST, port, user: SUPERUSER, password: data.password };
  await waitUntilReady(child, () => answers(address), READY_WITHIN_MS);
  await createDatabase(address);
  return { url: `postgres://${SUPERUSER}:${data.password}@${HOST}:${port}/${DATABASE}`, port, child };
}

function serverSettings(data: DataDirectory): string[] {
  const settings: Record<string, string> = {
    listen_addresses: HOST,
    unix_socket_directories: '', // The path may be longer than a socket's name can be.
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
  };
  // Only where nothing outlives the process anyway: a crash of the machine would spoil such data.
  const disposable = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', wal_level: 'minimal' };
  if (data.disposable !== null) Object.assign(settings, disposable, { max_wal_senders: '0' });
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function answers(address: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client({ ...address, database: 'postgres', connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    // 57P03: starting up. Anything else that Postgres itself says will not pass by waiting.
    if (error instanceof pg.DatabaseError && error.code !== '57P03') throw error;
    return false;
  }
}

async function createDatabase(address: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...address, database: 'postgres' });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** Processes of a server that was killed end on their own, within a moment. */
function isStillLettingGo(error: ChildFailed): boolean {
  return /pre-existing shared memory block|lock file "postmaster.pid" already exists/.test(error.lastLines);
}
