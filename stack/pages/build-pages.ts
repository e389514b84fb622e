import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { startChild } from '../process/child.ts';
import { type Lock, LockHeld, takeLock } from '../process/lock.ts';
import { nodeProgram } from '../process/node-program.ts';

export interface BuildOptions {
  /** Told that something is built, and how long it took: it is seconds that somebody waits. */
  readonly report: (line: string) => void;
  /** Where web/ is, and dist/ will be. Default: this project. */
  readonly project?: string;
}

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const RUN_VITE = fileURLToPath(new URL('./run-vite.ts', import.meta.url));
const NOT_SOURCES: ReadonlySet<string> = new Set(['node_modules', 'dist', '.vite']);
const LOOK_AGAIN_MS = 200;

/** The pages could not be built; the message has the last lines of the build. */
export class PagesNotBuilt extends Error {
  readonly code = 'PAGES_NOT_BUILT';

  constructor(lastLines: string) {
    super(`The pages could not be built. The last words of the build:\n${lastLines}`);
    this.name = 'PagesNotBuilt';
  }
}

/**
 * Where the pages are, built anew if what they are built from has changed since. Several processes may ask at once: one builds, the others
 * wait for it. Who serves the directory meanwhile sees the old pages or the new ones, and an interruption leaves the old ones.
 * @throws PagesNotBuilt
 */
export async function buildPages({ report, project = PROJECT }: BuildOptions): Promise<string> {
  const pages = join(project, 'dist', 'web');
  const stamp = `${pages}.digest`;
  const isFresh = (): boolean => existsSync(join(pages, 'index.html')) && readStamp(stamp) === digestOf(project);
  if (isFresh()) return pages;
  mkdirSync(dirname(pages), { recursive: true });
  const lock = await waitForLock(`${pages}.lock`);
  try {
    if (isFresh()) return pages;
    const startedAtMs = Date.now();
    report('Building the pages …');
    const digest = digestOf(project);
    await buildInto(pages, project);
    writeFileSync(stamp, digest);
    report(`The pages are built (${((Date.now() - startedAtMs) / 1000).toFixed(1)} s).`);
    return pages;
  } finally {
    lock.release();
  }
}

/** In a process of its own: vite builds for `production` only where no environment says otherwise, and its memory is gone afterwards. */
async function buildInto(pages: string, project: string): Promise<void> {
  const draft = `${pages}.${randomUUID()}`;
  try {
    const child = startChild({
      name: 'the build of the pages',
      command: process.execPath,
      args: nodeProgram(RUN_VITE, project, draft),
      env: { NODE_ENV: 'production', VITEST: undefined },
      cwd: project,
      tether: { signal: 'TERM', graceSeconds: 5 },
    });
    const how = await child.ended;
    if (how !== 0) throw new PagesNotBuilt(child.lastLines());
    const old = `${draft}.old`;
    if (existsSync(pages)) renameSync(pages, old);
    renameSync(draft, pages);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function waitForLock(path: string): Promise<Lock> {
  for (;;) {
    try {
      return takeLock(path);
    } catch (error) {
      if (!(error instanceof LockHeld)) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

/** Of everything that the pages are made of: their sources, what is installed, the API's types, and how they are built. */
function digestOf(project: string): string {
  const hash = createHash('sha256');
  const files = [...filesIn(join(project, 'web')), join(project, 'package-lock.json')];
  const types = join(project, 'client', 'http', 'generated', 'openapi.ts');
  for (const file of [...files, types, RUN_VITE]) {
    if (!existsSync(file)) continue;
    hash
      .update(`${relative(project, file)}\n`)
      .update(readFileSync(file))
      .update('\n');
  }
  return hash.digest('hex');
}

function filesIn(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true }).filter(({ name }) => !NOT_SOURCES.has(name));
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesIn(path) : [path];
    });
}

function readStamp(stamp: string): string | null {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : null;
}
