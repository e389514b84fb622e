import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'vitest';

import { perennial } from '../../cli/program.ts';
import { type Engine, openEngine } from '../engine/engine-under-test.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Ran {
  readonly exitCode: number | null;
  readonly out: string;
  readonly error: string;
}

type Variables = Readonly<Record<string, string>>;

/** The command line, on an engine of its own. */
export interface CliUnderTest {
  readonly engine: Engine;
  /** What leads it to its engine. */
  readonly env: Variables;
  /** A directory that is its own. */
  readonly directory: string;
  /** The command as a person starts it: a process of its own. */
  asProcess: (args: readonly string[], variables?: Variables) => Promise<Ran>;
  /** The same command in this process, where a start costs nothing. */
  here: (args: readonly string[], variables?: Variables) => Promise<Ran>;
  /** The one document on standard output, of a command that must succeed. */
  json: (...args: readonly string[]) => Promise<unknown>;
  words: (...args: readonly string[]) => Promise<string>;
  signedUpOnClock: (catalog: string, now?: string) => Promise<{ readonly account: string; readonly clock: string }>;
  close: () => Promise<void>;
}

export async function openCli(): Promise<CliUnderTest> {
  const engine = await openEngine();
  const directory = await mkdtemp(join(tmpdir(), 'perennial cli '));
  const { temporalAddress, namespace, databaseUrl, taskQueue = '' } = engine.options;
  const env = {
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    DATABASE_URL: databaseUrl,
    PERENNIAL_TASK_QUEUE: taskQueue,
    PERENNIAL_DIRECTORY: directory,
  };
  const here: CliUnderTest['here'] = (args, variables = env) => runHere(args, variables);
  const json: CliUnderTest['json'] = async (...args) => {
    const { exitCode, out, error } = await here([...args, '--json']);
    expect({ exitCode, error }, out).toEqual({ exitCode: 0, error: '' });
    return JSON.parse(out) as unknown;
  };
  const words: CliUnderTest['words'] = async (...args) => {
    const { exitCode, out, error } = await here(args);
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
    return out;
  };
  return {
    ...{ engine, env, directory, here, json, words },
    asProcess: (args, variables = env) => runAsProcess(args, variables),
    signedUpOnClock: async (catalog, now = '2027-01-01T00:00:00Z') => {
      const account = engine.name(catalog);
      const clock = `clock-of-${account}`;
      await words('clock', 'create', clock, now);
      await words('signup', account, '--owner', `owner-of-${account}`, '--catalog', catalog, '--test-clock', clock);
      return { account, clock };
    },
    close: async () => {
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
}

async function runAsProcess(args: readonly string[], variables: Variables): Promise<Ran> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
  });
  const ran = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (ran.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ran.error += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, ...ran };
}

async function runHere(args: readonly string[], variables: Variables): Promise<Ran> {
  const ran = { out: '', error: '' };
  const exitCode = await perennial(args, {
    env: variables,
    print: (text) => void (ran.out += text),
    printError: (text) => void (ran.error += text),
    isColorful: false,
  });
  return { exitCode, ...ran };
}
