import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startChild } from '../process/child.ts';
import { LockHeld, takeLock, type Lock } from '../process/lock.ts';
import { BuildProgress } from './build-progress.ts';
import { cacheDirectory } from './cache-directory.ts';
import { NoTemporalServer } from './server-binary.ts';

const SOURCE_DIRECTORY = fileURLToPath(new URL('.', import.meta.url));
const MODULE_FETCHED = 'go: downloading ';

export interface BuildOptions {
  readonly report: (line: string) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly directory?: string;
}

/**
 * Where the built server is, or would be. The name holds a hash of the sources and the platform, so a change builds
 * anew. Go's own version is left out: a finished binary must be found also where Go is not installed (any more).
 */
export function builtServerPath(directory = cacheDirectory()): string {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const file of sourceFiles()) hash.update(`\n${file}\n`).update(readFileSync(join(SOURCE_DIRECTORY, file)));
  return join(directory, `temporal-server-${hash.digest('hex').slice(0, 16)}`);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile(); // A directory may be "executable" too.
  } catch {
    return false;
  }
}

/**
 * Builds the server once for this user and answers its path. Takes minutes the first time and shows how far it is.
 * Of two that come at once one builds and the other waits. An interrupted build leaves nothing under the final name,
 * and goes on from Go's own cache the next time. Throws {@link NoTemporalServer} where it cannot be built.
 */
export async function buildServer(options: BuildOptions): Promise<string> {
  const { report, env = process.env, directory = cacheDirectory(env) } = options;
  const target = builtServerPath(directory);
  if (isExecutable(target)) return target;
  await requireGo(env);
  mkdirSync(directory, { recursive: true });
  const lock = await takeTurn(target, report);
  if (lock === null) return target;
  const draft = `${target}.${String(process.pid)}.building`;
  try {
    if (isExecutable(target)) return target; // Finished between our look and our turn.
    await compile(draft, target, { report, env });
    renameSync(draft, target);
    return target;
  } finally {
    rmSync(draft, { force: true });
    rmSync(progressFile(target), { force: true });
    lock.release();
  }
}

async function requireGo(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    await promisify(execFile)('go', ['version'], { env: { ...env } });
  } catch {
    throw new NoTemporalServer('There is no Temporal server on this machine, and no Go toolchain to build one with.');
  }
}

/** The right to build, or `null` when another process has meanwhile built what we want. */
async function takeTurn(target: string, report: (line: string) => void): Promise<Lock | null> {
  let said = '';
  for (;;) {
    try {
      return takeLock(`${target}.lock`);
    } catch (error) {
      if (!(error instanceof LockHeld)) throw error;
      const line = `Another process (${String(error.pid)}) is building the Temporal server; waiting. ${readProgress(target)}`;
      if (line !== said) report((said = line));
    }
    await sleep(500);
    if (isExecutable(target)) return null;
  }
}

async function compile(
  draft: string,
  target: string,
  options: Required<Pick<BuildOptions, 'report' | 'env'>>,
): Promise<void> {
  options.report(
    'Building the Temporal server from its official Go modules: once per user, about 8 minutes on 2 cores, ' +
      "1.7 GB of downloads in Go's cache. Interrupting is safe; it goes on from where it was.",
  );
  const progress = new BuildProgress(options.report, (line) => {
    writeFileSync(progressFile(target), line);
  });
  const packages = new Set<string>();
  let fetched = 0;
  await runGo('fetching modules', ['list', '-deps', '.'], options.env, (line) => {
    if (line.startsWith(MODULE_FETCHED)) progress.fetching(++fetched, requiredModules());
    else if (!line.startsWith('go: ')) packages.add(line);
  });
  let compiled = 0;
  const flags = ['-v', '-buildvcs=false', '-trimpath', '-ldflags', '-s -w', '-o', draft];
  await runGo('compiling', ['build', ...flags, '.'], options.env, (line) => {
    if (packages.has(line)) progress.compiling(++compiled, packages.size);
  });
  progress.done();
}

async function runGo(
  step: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  onLine: (line: string) => void,
): Promise<void> {
  const said: string[] = [];
  const go = startChild({
    name: 'go',
    command: 'go',
    args,
    cwd: SOURCE_DIRECTORY,
    // Flags and workspaces of the user's other projects do not belong here. No C compiler is needed.
    env: {
      ...env,
      GOFLAGS: '-mod=readonly',
      GOWORK: 'off',
      CGO_ENABLED: '0',
      GOTOOLCHAIN: env['GOTOOLCHAIN'] ?? 'auto',
    },
    tether: { signal: 'TERM', graceSeconds: 2 },
    onLine: (line) => {
      if (line.startsWith('go: ') && !line.startsWith(MODULE_FETCHED)) said.push(line);
      onLine(line);
    },
  });
  const code = await go.ended;
  if (code === 0) return;
  const why = said.length > 0 ? said.slice(-8).join('\n') : go.lastLines();
  throw new NoTemporalServer(`The Temporal server could not be built (${step}, exit ${String(code)}):\n${why}`);
}

/** An upper bound of the modules to fetch: those go.mod requires, of which only the imported ones are needed. */
function requiredModules(): number {
  return readFileSync(join(SOURCE_DIRECTORY, 'go.mod'), 'utf8').match(/^\t\S+ v\S+/gm)?.length ?? 0;
}

function sourceFiles(): string[] {
  return readdirSync(SOURCE_DIRECTORY)
    .filter((file) => file.endsWith('.go') || file === 'go.mod' || file === 'go.sum')
    .sort();
}

function progressFile(target: string): string {
  return `${target}.progress`;
}

function readProgress(target: string): string {
  try {
    return readFileSync(progressFile(target), 'utf8');
  } catch {
    return '';
  }
}
