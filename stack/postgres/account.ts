import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** A system account Postgres runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/**
 * Postgres refuses to run as root. For root this answers the account to use instead: `owner`'s where data exists,
 * else `postgres`, else `nobody`, which every system has; no account is ever created. `null` = run as ourselves.
 */
export function unprivilegedAccount(dataDirectory: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(dataDirectory, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: `user ${owner.uid}` };
  const account = lookUp('postgres') ?? lookUp('nobody');
  if (account === null) {
    throw new Error(
      'Postgres does not run as root, and there is no account "postgres" or "nobody" to run it as. ' +
        'Create one (useradd --system postgres), start as an ordinary user, or set DATABASE_URL.',
    );
  }
  return account;
}

/** Whether that account can read a file, or work in a directory: every directory above it has to let it pass, too. */
export function canReach(account: Account | null, path: string): boolean {
  if (account === null) return true;
  // Only the system itself can tell for sure: groups, access lists and mount options count as well.
  const { status } = spawnSync(
    '/bin/sh',
    ['-c', 'if [ -d "$1" ]; then [ -x "$1" ]; else [ -r "$1" ]; fi', 'sh', path],
    {
      cwd: '/',
      uid: account.uid,
      gid: account.gid,
      stdio: 'ignore',
    },
  );
  return status === 0;
}

function lookUp(name: string): Account | null {
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g'), name };
  } catch {
    return null;
  }
}
