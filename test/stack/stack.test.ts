import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';

import { readSettings } from '../../settings/settings.ts';
import { nodeProgram } from '../../stack/process/node-program.ts';
import { freePorts } from '../../stack/process/ports.ts';
import { announce } from '../../stack/announce.ts';
import type { Stack } from '../../stack/part.ts';
import { startStack } from '../../stack/stack.ts';
import { descendants, survivors } from './processes.ts';

const scratch = mkdtempSync(join(tmpdir(), 'perennial test '));
// Else, for root, Postgres' account could not get at it, and its data would go to /var/lib and stay there.
chmodSync(scratch, 0o711);
const settings = readSettings({});
const shared = inject('stack');
const quiet = { settings, report: () => undefined };
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

async function query(databaseUrl: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function startSleeper(stack: Stack, workflowId: string): Promise<void> {
  const connection = await Connection.connect({ address: stack.temporal.address });
  await new Client({ connection }).workflow.start('sleeper', { workflowId, taskQueue: 'nobody' });
  await connection.close();
}

async function statusOf(stack: Stack, workflowId: string): Promise<string> {
  const connection = await Connection.connect({ address: stack.temporal.address });
  const { status } = await new Client({ connection }).workflow.getHandle(workflowId).describe();
  await connection.close();
  return status.name;
}

async function listen(port: number): Promise<Server | null> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return null; // Somebody else already has it, which serves as well.
  }
}

// Its servers have their data already when `npm start` is tried in it below, which spares half a minute.
const directory = join(scratch, 'a kept one', '.perennial');

async function expectTheApi(shown: string): Promise<void> {
  const url = /http:\/\/127\.0\.0\.1:\d+(?=\/docs)/.exec(shown)?.[0] ?? '';
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready', away: [] });
  const keyFile = join(directory, 'operator-key');
  expect(shown).toContain(keyFile);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  const secret = readFileSync(keyFile, 'utf8').trim();
  expect(shown).not.toContain(secret);
  const authorization = `Bearer ${secret}`;
  const listed = (await (await fetch(`${url}/v1/accounts`, { headers: { authorization } })).json()) as {
    items: readonly { accountId: string }[];
  };
  expect(listed.items.map(({ accountId }) => accountId)).toEqual([
    // Past due first.
    ...['demo-past-due', 'demo-clock', 'demo-codspeed', 'demo-qodo', 'demo-trial'],
  ]);
  expect((await fetch(`${url}/v1/accounts`)).status).toBe(401);
  expect(readFileSync(join(directory, 'logs', 'api.log'), 'utf8')).not.toContain(secret);
  // Stripe's events are signed with a secret that only the API knows: one that is not is turned away.
  const unsigned = await fetch(`${url}/webhooks/stripe`, { method: 'POST', body: '{}' });
  expect(unsigned.status).toBe(400);
}

describe('a kept stack', () => {
  it('given usual ports in use and a blank in the path, when started twice, then it finds its data on other ports', async () => {
    const occupied = await Promise.all([54329, 7233, 8233, 12111].map((port) => listen(port)));
    const before = descendants(process.pid);
    const first = await startStack({ kind: 'kept', directory }, quiet);
    await query(first.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await startSleeper(first, 'account/acme');

    const second = startStack({ kind: 'kept', directory }, quiet);
    await expect(second).rejects.toThrow(`A stack is already running in ${directory}: process ${String(process.pid)}`);
    const takeBack = announce(directory, first, { taskQueue: null, apiUrl: null, databaseUrl: first.databaseUrl });
    expect(statSync(join(directory, 'stack.json')).mode & 0o777).toBe(0o600);
    takeBack();
    expect(first.parts.map(({ where }) => where).join()).not.toMatch(/:(54329|7233|8233|12111)\b/);
    expect(first.parts[0]?.where).not.toContain(new URL(first.databaseUrl).password);
    await first.stop();
    expect(
      await survivors(
        descendants(process.pid).filter((pid) => !before.includes(pid)),
        5000,
      ),
    ).toEqual([]);

    const again = await startStack({ kind: 'kept', directory }, quiet);
    expect(await query(again.databaseUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await statusOf(again, 'account/acme')).toBe('RUNNING');
    expect(existsSync(join(directory, 'stripe-sandbox.jsonl'))).toBe(true);
    await again.stop();
    for (const server of occupied) server?.close();
  }, 120_000);

  it('given kill -9 of its owner, when started again, then everything had ended and what was committed is there', async () => {
    const script = join(scratch, 'owner.mts');
    const stackModule = new URL('../../stack/stack.ts', import.meta.url).href;
    writeFileSync(
      script,
      `import { startStack } from ${JSON.stringify(stackModule)};
       const stack = await startStack({ kind: 'kept', directory: process.argv[2] });
       console.log(JSON.stringify(stack));
       setInterval(() => undefined, 1000);`,
    );
    const owner = spawn(process.execPath, nodeProgram(script, directory), { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
    const stack = JSON.parse(line) as Stack;
    await query(stack.databaseUrl, 'CREATE TABLE acknowledged AS SELECT 7 AS answer');
    await startSleeper(stack, 'account/killed');
    const children = descendants(owner.pid ?? 0);
    expect(children.length).toBeGreaterThan(5);
    owner.kill('SIGKILL');
    expect(await survivors(children, 20_000)).toEqual([]);

    const again = await startStack({ kind: 'kept', directory }, quiet);
    expect(await query(again.databaseUrl, 'SELECT answer FROM acknowledged')).toEqual([{ answer: 7 }]);
    expect(await statusOf(again, 'account/killed')).toBe('RUNNING');
    await again.stop();
  }, 120_000);
});

describe('a stack', () => {
  it('given another on the machine, when an ephemeral one is started, then both work and its traces vanish', async () => {
    const before = descendants(process.pid);
    const stack = await startStack({ kind: 'ephemeral' }, quiet);
    expect(stack.temporal).toMatchObject({ canSkipTime: true, namespace: 'default' });
    expect(stack.temporal.address).not.toBe(shared.temporalAddress);
    const [row] = await query(stack.databaseUrl, 'SHOW data_directory');
    const { data_directory: dataDirectory } = row as { data_directory: string };
    expect(await query(shared.databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await fetch(`${stack.stripe.apiBase ?? ''}/v1/customers`)).status).toBe(401);
    await stack.stop();
    await stack.stop();
    expect(
      await survivors(
        descendants(process.pid).filter((pid) => !before.includes(pid)),
        5000,
      ),
    ).toEqual([]);
    expect(existsSync(dataDirectory)).toBe(false);
  });

  it('given settings for every part, when started, then nothing is started and the table says so', async () => {
    const before = descendants(process.pid);
    const stack = await startStack(
      { kind: 'ephemeral' },
      {
        settings: readSettings({
          TEMPORAL_ADDRESS: shared.temporalAddress,
          DATABASE_URL: shared.databaseUrl,
          STRIPE_API_KEY: 'sk_test_mine',
          STRIPE_API_BASE: shared.stripe.apiBase ?? '',
        }),
      },
    );
    expect(descendants(process.pid).filter((pid) => !before.includes(pid))).toEqual([]);
    expect(stack.parts.map(({ name, startedByUs }) => [name, startedByUs])).toEqual([
      ['Postgres', false],
      ['Temporal', false],
      ['Stripe', false],
    ]);
    expect(stack.stripe).toMatchObject({ apiKey: 'sk_test_mine', apiBase: shared.stripe.apiBase });
    await stack.stop();
  });

  it.each(['PERENNIAL_POSTGRES_PORT', 'PERENNIAL_TEMPORAL_PORT', 'PERENNIAL_SANDBOX_PORT'])(
    'given a chosen port in use (%s), when started, then it is said and nothing is left running',
    async (variable) => {
      const before = descendants(process.pid);
      const [port = 0] = await freePorts(1);
      const taken = await listen(port);
      const start = startStack(
        { kind: 'ephemeral' },
        { ...quiet, settings: readSettings({ [variable]: String(port) }) },
      );
      await expect(start).rejects.toThrow(`by ${variable}, is in use`);
      expect(
        await survivors(
          descendants(process.pid).filter((pid) => !before.includes(pid)),
          30_000,
        ),
      ).toEqual([]);
      taken?.close();
    },
  );

  it('given a live key, when started, then it is refused before anything runs', async () => {
    const live = readSettings({ STRIPE_API_KEY: 'sk_live_abc' });
    await expect(startStack({ kind: 'ephemeral' }, { settings: live })).rejects.toThrow('live key');
  });
});

describe('npm start', () => {
  it('given a wrong setting, when started, then it is named and nothing is written', async () => {
    const start = spawn(process.execPath, nodeProgram('stack/start.ts'), {
      env: { ...process.env, PERENNIAL_DIRECTORY: join(scratch, 'none'), TEMPORAL_ADDRESS: 'http://temporal' },
    });
    let said = '';
    start.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await once(start, 'close')).toEqual([1, null]);
    expect(said).toMatch(/TEMPORAL_ADDRESS: "http:\/\/temporal" is not host:port/);
    expect(said).not.toContain('at ');
    expect(existsSync(join(scratch, 'none'))).toBe(false);
  });

  it('given a database from before the first release, when started, then it is said what to do, and nothing is left running', async () => {
    const databaseUrl = new URL(shared.databaseUrl);
    databaseUrl.pathname = `/of_before_${String(process.pid)}`;
    await query(shared.databaseUrl, `create database ${databaseUrl.pathname.slice(1)}`);
    await query(databaseUrl.href, 'create table migrations (name text primary key, digest text not null)');
    await query(databaseUrl.href, "insert into migrations values ('0001_accounts.sql', 'a')");
    const start = spawn(process.execPath, nodeProgram('stack/start.ts'), {
      env: {
        ...process.env,
        PERENNIAL_DIRECTORY: join(scratch, 'of before'),
        TEMPORAL_ADDRESS: shared.temporalAddress,
        DATABASE_URL: databaseUrl.href,
        STRIPE_API_KEY: shared.stripe.apiKey,
        STRIPE_API_BASE: shared.stripe.apiBase ?? '',
      },
    });
    let said = '';
    start.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await once(start, 'close')).toEqual([1, null]);
    expect(said).toMatch(/Start with a fresh database.*move the directory \.perennial\/ aside/);
    expect(said).not.toMatch(/^ +at /m);
  });

  it('given Ctrl-C, when it was up, then the table was shown and it ends with 0 and without children', async () => {
    const start = spawn(process.execPath, nodeProgram('stack/start.ts'), {
      env: { ...process.env, PERENNIAL_DIRECTORY: directory, npm_lifecycle_event: undefined },
    });
    onTestFinished(() => {
      start.kill('SIGKILL');
    });
    let shown = '';
    start.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    await expect.poll(() => shown, { timeout: 100_000 }).toContain('Ctrl-C ends everything');
    for (const part of ['Postgres', 'Temporal', 'Temporal UI', 'Stripe sandbox', 'Worker'])
      expect(shown).toContain(part);
    expect(JSON.parse(readFileSync(join(directory, 'stack.json'), 'utf8'))).toMatchObject({
      temporal: { namespace: 'default' },
    });
    await expectTheApi(shown);
    const children = descendants(start.pid ?? 0);
    start.kill('SIGINT');
    expect(await once(start, 'close')).toEqual([0, null]);
    expect(await survivors(children, 1000)).toEqual([]);
    expect(existsSync(join(directory, 'stack.json'))).toBe(false);
    expect(existsSync(join(directory, 'stack.lock'))).toBe(false);
  }, 120_000);
});
