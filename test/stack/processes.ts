import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** All processes under one, however deep; without itself. */
export function descendants(pid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const parentOf = new Map(rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]));
  const isBelow = (child: number): boolean => {
    const parent = parentOf.get(child) ?? 0;
    return parent !== 0 && (parent === pid || isBelow(parent));
  };
  // The ps that was asked is itself a child of this process.
  return [...parentOf.keys()].filter((child) => isBelow(child) && isRunning(child));
}

export function isRunning(pid: number): boolean {
  try {
    const state = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return !state.startsWith('Z');
  } catch {
    return false;
  }
}

/** Waits until all of them have ended and answers those that have not. */
export async function survivors(pids: readonly number[], withinMs: number): Promise<number[]> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const left = pids.filter((pid) => isRunning(pid));
    if (left.length === 0 || Date.now() > giveUpAt) return left;
    await sleep(100);
  }
}
