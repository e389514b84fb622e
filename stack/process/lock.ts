import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock file. `born` tells a process from a later one with the same number. */
interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly born: string;
  readonly host: string;
  readonly since: string;
}

/** Somebody else, and alive, holds the lock. */
export class LockHeld extends Error {
  readonly code = 'LOCK_HELD';
  readonly pid: number;
  readonly since: string;

  constructor(path: string, pid: number, since: string) {
    super(`${path} is held by process ${String(pid)} since ${since}.`);
    this.name = 'LockHeld';
    this.pid = pid;
    this.since = since;
  }
}

export interface Lock {
  readonly release: () => void;
}

const HEARTBEAT_MS = 2000;
// A holder on another machine (or in another container) cannot be looked at; its heartbeat can.
const SILENT_MS = 15_000;

/**
 * Takes the lock file at `path`, or throws {@link LockHeld}. A lock whose holder has died, even by kill -9 or with
 * the machine, is taken over.
 */
export function takeLock(path: string): Lock {
  const mine: Holder = {
    id: randomUUID(),
    pid: process.pid,
    born: bornOf(process.pid) ?? '',
    host: hostname(),
    since: new Date().toISOString(),
  };
  const draft = `${path}.${mine.id}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o644 });
  try {
    // A link appears whole or not at all, so nobody ever reads half a lock.
    while (!tryLink(draft, path)) {
      const holder = readHolder(path);
      if (holder === null) continue; // Released just now.
      if (isAlive(holder, path)) throw new LockHeld(path, holder.pid, holder.since);
      setAside(path, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return keep(path, mine);
}

/** Whether a living process holds the lock at `path`. */
export function isLockHeld(path: string): boolean {
  const holder = readHolder(path);
  return holder !== null && isAlive(holder, path);
}

function keep(path: string, mine: Holder): Lock {
  const heartbeat = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      // Somebody removed the directory; the stack will notice in its own way.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    release: () => {
      clearInterval(heartbeat);
      if (readHolder(path)?.id === mine.id) rmSync(path, { force: true });
    },
  };
}

/** Moves a dead holder's lock away. If another was quicker and its lock was moved instead, that one is put back. */
function setAside(path: string, dead: Holder): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Another was quicker.
  }
  if (readHolder(aside)?.id !== dead.id) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): Holder | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  try {
    return JSON.parse(text) as Holder;
  } catch {
    // Not written by us, or spoiled with the disk: nobody alive stands behind it.
    return { id: text, pid: 0, born: 'unknown', host: hostname(), since: 'unknown' };
  }
}

function isAlive(holder: Holder, path: string): boolean {
  if (holder.host !== hostname()) {
    const beatAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - beatAtMs < SILENT_MS;
  }
  return bornOf(holder.pid) === holder.born;
}

/** When a process began, in the system's own words; `null` when there is no such process. */
export function bornOf(pid: number): string | null {
  try {
    // Field 22 of proc_pid_stat(5), counted after the command name, which may itself contain blanks and brackets.
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie (Z) holds nothing any more.
    return afterName[0] === 'Z' ? null : (afterName[19] ?? null);
  } catch {
    if (process.platform === 'linux') return null;
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
    return started === '' ? null : started;
  } catch {
    return null;
  }
}
