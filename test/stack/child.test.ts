import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, describe, expect, it } from 'vitest';

import { type ChildFailed, startChild, waitUntilReady } from '../../stack/process/child.ts';
import { isLockHeld, LockHeld, takeLock } from '../../stack/process/lock.ts';
import { nodeProgram } from '../../stack/process/node-program.ts';
import { freePorts, pickPort } from '../../stack/process/ports.ts';
import { isRunning, survivors } from './processes.ts';

const scratch = mkdtempSync(join(tmpdir(), 'perennial test '));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

/** A script that is run by another Node, so that it can be killed. */
async function runScript(
  name: string,
  text: string,
): Promise<{ pid: number; line: string; kill: () => Promise<void> }> {
  const file = join(scratch, `${name}.mts`);
  writeFileSync(file, text);
  const script = spawn(process.execPath, nodeProgram(file), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(script.stdout), 'line')) as [string];
  const kill = async (): Promise<void> => {
    script.kill('SIGKILL');
    await once(script, 'exit');
  };
  return { pid: script.pid ?? 0, line, kill };
}

const moduleUrl = (path: string): string => new URL(`../../${path}`, import.meta.url).href;

describe('children', () => {
  it('given a program on a tether, when we are killed with -9, then it ends and its directory is gone', async () => {
    const directory = join(scratch, 'to be removed');
    mkdirSync(directory);
    const owner = await runScript(
      'owner',
      `import { startChild } from ${JSON.stringify(moduleUrl('stack/process/child.ts'))};
       const child = startChild({ name: 'sleeper', command: '/bin/sh', args: ['-c', 'echo "$$"; exec sleep 100'],
         tether: { signal: 'TERM', graceSeconds: 2, removeDirectory: ${JSON.stringify(directory)} },
         onLine: (line) => console.log(line + ' ' + child.pid) });
       setInterval(() => undefined, 1000);`,
    );
    const pids = owner.line.split(' ').map(Number);
    expect(pids.filter((pid) => isRunning(pid))).toHaveLength(2);
    await owner.kill();
    expect(await survivors(pids, 10_000)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  it('given a program that ignores the signal, when it is stopped, then it is killed after its grace', async () => {
    const child = startChild({
      name: 'stubborn',
      command: '/bin/sh',
      args: ['-c', "trap '' TERM; echo ready; while :; do sleep 0.1; done"],
      tether: { signal: 'TERM', graceSeconds: 1 },
    });
    await waitUntilReady(child, () => Promise.resolve(child.lastLines() === 'ready'), 10_000);
    await child.stop();
    expect(child.hasEnded()).toBe(true);
    expect(await child.ended).toBe(137);
  });

  it('given a program that fails at its start, when waited for, then the error has its last words', async () => {
    const child = startChild({
      name: 'Loser',
      command: '/bin/sh',
      args: ['-c', 'echo "bind: address already in use" >&2; exit 3'],
    });
    const failure = await waitUntilReady(child, () => Promise.resolve(false), 10_000).catch(
      (error: unknown) => error as ChildFailed,
    );
    expect(failure).toMatchObject({ code: 'STACK_PART_FAILED', isPortTaken: true });
    expect(String(failure)).toContain('Loser ended at its start (3)');
  });

  it('given a program that does not exist, when started, then that is said', async () => {
    const child = startChild({ name: 'Nobody', command: '/nowhere/nobody', args: [] });
    await expect(waitUntilReady(child, () => Promise.resolve(false), 5000)).rejects.toThrow('ENOENT');
  });

  it('given a log file, when a program writes, then all of it arrives there', async () => {
    const logFile = join(scratch, 'child.log');
    const child = startChild({ name: 'writer', command: '/bin/sh', args: ['-c', 'seq 1 500; echo last >&2'], logFile });
    expect(await child.ended).toBe(0);
    await expect
      .poll(() => readFileSync(logFile, 'utf8').split('\n'))
      .toEqual(expect.arrayContaining(['1', '500', 'last']));
  });
});

describe('locks', () => {
  it('given a lock of a living process, when taken again, then it is refused with that process', () => {
    const path = join(scratch, 'held.lock');
    const lock = takeLock(path);
    expect(() => takeLock(path)).toThrow(LockHeld);
    expect(() => takeLock(path)).toThrow(String(process.pid));
    lock.release();
    expect(isLockHeld(path)).toBe(false);
    takeLock(path).release();
  });

  it('given a lock of a process killed with -9, when taken, then it is taken over', async () => {
    const path = join(scratch, 'orphan.lock');
    const holder = await runScript(
      'holder',
      `import { takeLock } from ${JSON.stringify(moduleUrl('stack/process/lock.ts'))};
       takeLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => undefined, 1000);`,
    );
    expect(isLockHeld(path)).toBe(true);
    expect(() => takeLock(path)).toThrow(String(holder.pid));
    await holder.kill();
    expect(isLockHeld(path)).toBe(false);
    takeLock(path).release();
  });

  it('given a dead lock under a living number, when taken, then the birth tells the two apart', () => {
    const path = join(scratch, 'reused.lock');
    takeLock(path);
    const held = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...held, born: 'long ago' }));
    takeLock(path).release();
  });

  it('given a spoiled lock file, when taken, then it is taken over', () => {
    const path = join(scratch, 'spoiled.lock');
    writeFileSync(path, '{"id":');
    takeLock(path).release();
  });
});

describe('ports', () => {
  it('given a usual port in use, when picked, then another is taken', async () => {
    const taken = createServer();
    const [usual = 0] = await freePorts(1);
    taken.listen(usual, '127.0.0.1');
    await once(taken, 'listening');
    const wish = { purpose: 'Postgres', variable: 'PERENNIAL_POSTGRES_PORT' };
    expect(await pickPort({ ...wish, chosen: null, usual })).not.toBe(usual);
    await expect(pickPort({ ...wish, chosen: usual, usual: null })).rejects.toThrow(
      `Port ${String(usual)}, chosen for Postgres by PERENNIAL_POSTGRES_PORT, is in use.`,
    );
    taken.close();
    await once(taken, 'close');
    expect(await pickPort({ ...wish, chosen: null, usual })).toBe(usual);
  });
});
