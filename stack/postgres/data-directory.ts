import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bornOf } from '../process/lock.ts';
import { type Account, canReach, unprivilegedAccount } from './account.ts';
import { findBinaries, type PostgresBinaries } from './binaries.ts';
import { endServerOf } from './orphan.ts';

/** A directory with an initialized database cluster, and what is needed to serve it. */
export interface DataDirectory {
  readonly path: string;
  readonly password: string;
  readonly account: Account | null;
  readonly binaries: PostgresBinaries;
  /** To be removed when the server has ended. */
  readonly disposable: string | null;
}

export const SUPERUSER = 'perennial';

const DRAFT_PREFIX = 'postgres-new-';
const DISPOSABLE_PREFIX = 'perennial-postgres-';
// Where root keeps data for an account that cannot get at the project's directory.
const SHARED_DATA = '/var/lib/perennial';

/** A fresh cluster under the system's temporary directory. */
export async function createDisposableData(): Promise<DataDirectory> {
  const account = unprivilegedAccount('');
  const binaries = findBinaries(account);
  const base = [tmpdir(), '/tmp', '/var/tmp'].find(
    (directory) => existsSync(directory) && canReach(account, directory),
  );
  if (base === undefined)
    throw new Error(`There is no temporary directory that ${account?.name ?? 'this user'} can read.`);
  await sweepDisposables(base);
  const disposable = mkdtempSync(join(base, DISPOSABLE_PREFIX));
  writeFileSync(join(disposable, 'owner'), `${process.pid} ${bornOf(process.pid) ?? ''}`);
  giveTo(account, disposable);
  const path = join(disposable, 'data');
  const password = newPassword();
  await initialize({ path, password, account, binaries, isDurable: false });
  return { path, password, account, binaries, disposable };
}

/**
 * The cluster of a project, made on the first start. `directory` is the project's `.perennial`: it gets `postgres/`
 * (a link to /var/lib/perennial where Postgres' account cannot get at the project) and `postgres-password`.
 * The caller holds the project's lock.
 */
export async function openKeptData(directory: string): Promise<DataDirectory> {
  const link = join(directory, 'postgres');
  const account = unprivilegedAccount(link);
  const binaries = findBinaries(account);
  const passwordFile = join(directory, 'postgres-password');
  if (existsSync(link)) {
    const path = realpathSync(link);
    requireSameMajor(path, binaries);
    return { path, password: readFileSync(passwordFile, 'utf8').trim(), account, binaries, disposable: null };
  }
  const isReachable = canReach(account, directory);
  const base = isReachable ? directory : SHARED_DATA;
  if (!isReachable) mkdirSync(base, { recursive: true, mode: 0o755 });
  else removeDrafts(directory);
  // Made under another name: an interrupted initdb must not look like a database.
  const draft = mkdtempSync(join(base, isReachable ? DRAFT_PREFIX : 'postgres-'));
  giveTo(account, draft);
  const password = newPassword();
  await initialize({ path: draft, password, account, binaries, isDurable: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (isReachable) renameSync(draft, link);
  else symlinkSync(draft, link);
  return { path: realpathSync(link), password, account, binaries, disposable: null };
}

/** Postgres reads PG… variables; those of the person's other databases must not reach ours. */
export function postgresEnvironment(): Record<string, string | undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('PG') || name.startsWith('LC_'));
  return { ...Object.fromEntries(names.map((name) => [name, undefined])), LANG: 'C', LC_ALL: 'C', TZ: 'UTC' };
}

interface Initialization {
  readonly path: string;
  readonly password: string;
  readonly account: Account | null;
  readonly binaries: PostgresBinaries;
  readonly isDurable: boolean;
}

async function initialize({ path, password, account, binaries, isDurable }: Initialization): Promise<void> {
  const secret = mkdtempSync(join(tmpdir(), 'perennial-secret-'));
  const passwordFile = join(secret, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveTo(account, secret);
  giveTo(account, passwordFile);
  const args = ['-D', path, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8'];
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions');
  if (!isDurable) args.push('--no-sync');
  try {
    await promisify(execFile)(binaries.initdb, args, {
      cwd: '/',
      env: { ...process.env, ...postgresEnvironment() },
      ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
    });
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    const why = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`Postgres could not create its data in ${path}:\n${why.trim()}`, { cause: error });
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
}

function requireSameMajor(path: string, binaries: PostgresBinaries): void {
  const made = readFileSync(join(path, 'PG_VERSION'), 'utf8').trim();
  const [major] = binaries.version.split('.');
  if (made === major) return;
  throw new Error(
    `The data in ${path} was made by Postgres ${made}, and this is Postgres ${binaries.version}. ` +
      'Move it away to begin anew, or dump it with the old version and restore it.',
  );
}

/** What was left behind where both we and the tether were killed, or we before the tether was tied. */
async function sweepDisposables(base: string): Promise<void> {
  for (const name of readdirSync(base).filter((entry) => entry.startsWith(DISPOSABLE_PREFIX))) {
    const directory = join(base, name);
    try {
      const [pid, born] = readFileSync(join(directory, 'owner'), 'utf8').split(' ');
      if (bornOf(Number(pid)) === born) continue;
      await endServerOf(join(directory, 'data'));
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // Another user's, or being removed just now by its tether.
    }
  }
}

function removeDrafts(directory: string): void {
  for (const name of readdirSync(directory).filter((entry) => entry.startsWith(DRAFT_PREFIX))) {
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}

function giveTo(account: Account | null, path: string): void {
  if (account === null) return;
  chownSync(path, account.uid, account.gid);
  chmodSync(path, path.endsWith('password') ? 0o600 : 0o700);
}

function newPassword(): string {
  return randomBytes(18).toString('base64url');
}
