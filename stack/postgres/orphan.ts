import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { bornOf } from '../process/lock.ts';

const FAST_SHUTDOWN_MS = 10_000;

/**
 * Deals with what a kill -9 of everything at once leaves in a data directory that is ours alone: a server nobody holds
 * any more is shut down, and a pid file whose number now belongs to another program, which Postgres would take for a
 * running server, is removed.
 */
export async function endServerOf(dataDirectory: string): Promise<void> {
  const pid = readServerPid(dataDirectory);
  if (pid === null || bornOf(pid) === null) return; // Postgres itself passes over a dead server's file.
  if (!commandLine(pid).includes(dataDirectory)) {
    rmSync(join(dataDirectory, 'postmaster.pid'), { force: true });
    return;
  }
  const giveUpAt = Date.now() + FAST_SHUTDOWN_MS;
  while (bornOf(pid) !== null) {
    try {
      process.kill(pid, Date.now() < giveUpAt ? 'SIGINT' : 'SIGQUIT');
    } catch {
      return; // Gone between our look and our signal.
    }
    await sleep(100);
  }
}

/** The process that says it serves a data directory, from the first line of its postmaster.pid. */
function readServerPid(dataDirectory: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8'), 10);
    return Number.isNaN(pid) ? null : pid;
  } catch {
    return null;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    if (process.platform === 'linux') return '';
  }
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return '';
  }
}
