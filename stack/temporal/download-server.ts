import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../process/child.ts';
import { nodeProgram } from '../process/node-program.ts';
import { isExecutable } from './build-server.ts';
import { cacheDirectory } from './cache-directory.ts';

// Where the SDK downloads from. Asked first, because the SDK itself would wait long where there is no internet.
const DOWNLOAD_SITE = 'https://temporal.download/';
const REACHABLE_WITHIN_MS = 2500;
const DOWNLOADED_WITHIN_MS = 180_000;

/** What an earlier download left, or `null`. */
export function downloadedServerPath(directory = downloadDirectory()): string | null {
  try {
    const name = readdirSync(directory).find(
      (file) => /^temporal-[\w.-]+$/.test(file) && !file.includes('downloading'),
    );
    const path = name === undefined ? null : join(directory, name);
    return path !== null && isExecutable(path) ? path : null;
  } catch {
    return null;
  }
}

/**
 * Lets the SDK download the official dev server (the way its tests do) into the user's cache, or answers `null`
 * within three seconds where the internet cannot be reached.
 */
export async function downloadServer(report: (line: string) => void): Promise<string | null> {
  if (!(await isReachable(DOWNLOAD_SITE, REACHABLE_WITHIN_MS))) return null;
  const directory = downloadDirectory();
  mkdirSync(directory, { recursive: true });
  report('Downloading the Temporal dev server (about 50 MB, once per user).');
  // In a process of its own: a download under way inside the SDK cannot be given up.
  const download = startChild({
    name: 'the download of the Temporal dev server',
    command: process.execPath,
    args: nodeProgram(fileURLToPath(new URL('sdk-download.ts', import.meta.url)), directory),
    tether: { signal: 'TERM', graceSeconds: 1 },
  });
  const giveUp = setTimeout(() => void download.stop(2000), DOWNLOADED_WITHIN_MS);
  const code = await download.ended;
  clearTimeout(giveUp);
  if (code !== 0) report(`The download failed: ${download.lastLines()}`);
  return code === 0 ? downloadedServerPath(directory) : null;
}

export async function isReachable(url: string, withinMs: number): Promise<boolean> {
  try {
    await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(withinMs) });
    return true;
  } catch {
    return false;
  }
}

function downloadDirectory(): string {
  return join(cacheDirectory(), 'temporal-cli');
}
