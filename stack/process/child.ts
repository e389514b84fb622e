import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { tethered, type Tether } from './tether.ts';

export interface ChildOptions {
  /** What people call it, in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Run as this account; only root may. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** For a program that does not end by itself when its standard input does. */
  readonly tether?: Tether;
  /** Appended to; without it only the last lines are remembered. */
  readonly logFile?: string | null;
  readonly onLine?: (line: string) => void;
}

/** A process of ours. It ends when we do, whatever ends us: it lives on the pipe to its standard input. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves with the exit code (or the signal's name) once the process has gone. */
  readonly ended: Promise<number | string>;
  readonly hasEnded: () => boolean;
  /** The last lines it wrote, for a message that says why it failed. */
  readonly lastLines: () => string;
  /** Asks it to end, waits, and kills it after `graceMs`. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

const REMEMBERED_LINES = 20;

export function startChild(options: ChildOptions): Child {
  const { name, account } = options;
  const { file, args, env } = options.tether
    ? tethered(options.tether, options.command, options.args)
    : { file: options.command, args: [...options.args], env: {} };
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C reaches only us, and we end the parts in order.
    detached: true,
    env: { ...process.env, ...options.env, ...env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  const lines = rememberLines(child, options);
  let endedWith: number | string | null = null;
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => {
      lines.push(error.message);
      resolve((endedWith = error.message));
    });
    child.once('close', (code, signal) => {
      resolve((endedWith = code ?? signal ?? 'unknown'));
    });
  });
  child.stdin.on('error', () => undefined); // It went before we closed the pipe: nothing to do.
  return {
    name,
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => endedWith !== null,
    lastLines: () => lines.join('\n'),
    stop: async (graceMs = 10_000) => {
      child.stdin.end();
      await Promise.race([ended, sleep(graceMs, undefined, { ref: false })]);
      if (endedWith === null) killGroup(child);
      await ended;
    },
  };
}

/** Waits until `isReady` holds; throws with the program's last lines when it ends first or takes too long. */
export async function waitUntilReady(child: Child, isReady: () => Promise<boolean>, limitMs: number): Promise<void> {
  const giveUpAt = Date.now() + limitMs;
  for (;;) {
    if (child.hasEnded()) {
      const how = String(await child.ended);
      throw new ChildFailed(child.name, `${child.name} ended at its start (${how}).`, child.lastLines());
    }
    if (await isReady()) return;
    if (Date.now() > giveUpAt) {
      await child.stop(1000);
      const seconds = String(Math.round(limitMs / 1000));
      throw new ChildFailed(child.name, `${child.name} was not ready within ${seconds} seconds.`, child.lastLines());
    }
    await sleep(30);
  }
}

/** A part of the stack could not be started; `lastLines` is what it said. */
export class ChildFailed extends Error {
  readonly code = 'STACK_PART_FAILED';
  readonly part: string;
  readonly lastLines: string;

  constructor(part: string, summary: string, lastLines: string) {
    super(lastLines === '' ? summary : `${summary} Its last words:\n${lastLines}`);
    this.name = 'ChildFailed';
    this.part = part;
    this.lastLines = lastLines;
  }

  /** Somebody took the port between our asking for a free one and the program's binding it: worth another try. */
  get isPortTaken(): boolean {
    return /address already in use|EADDRINUSE|port \d+ is in use|could not create any TCP\/IP sockets/i.test(
      this.lastLines,
    );
  }
}

function rememberLines(child: ChildProcess, options: ChildOptions): string[] {
  const lines: string[] = [];
  const log = options.logFile ? createWriteStream(options.logFile, { flags: 'a', mode: 0o600 }) : null;
  log?.on('error', () => undefined); // A full disk must not end the stack.
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    stream?.on('data', (chunk: Buffer) => {
      log?.write(chunk);
      const parts = (rest + decoder.write(chunk)).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        if (lines.length > REMEMBERED_LINES) lines.shift();
        options.onLine?.(line);
      }
    });
    stream?.on('close', () => {
      if (rest !== '') lines.push(rest);
    });
  }
  child.once('close', () => log?.end());
  return lines;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
