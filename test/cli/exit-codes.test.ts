import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type CliUnderTest, openCli } from './cli-under-test.ts';

let cli: CliUnderTest;
beforeAll(async () => {
  cli = await openCli();
});
afterAll(() => cli.close());

describe('exit codes', () => {
  it('given a command line that cannot be understood, then 2, in words or as a document', async () => {
    const missing = await cli.asProcess(['seats', 'add', 'acme']);
    expect(missing).toMatchObject({ exitCode: 2, out: '' });
    expect(missing.error).toContain("missing required argument 'count'");
    const unknown = await cli.asProcess(['frobnicate', '--json']);
    expect(unknown).toMatchObject({ exitCode: 2, error: '' });
    expect(JSON.parse(unknown.out)).toMatchObject({
      error: { code: 'WRONG_USAGE', message: "unknown command 'frobnicate'" },
    });
    for (const args of [
      [],
      ['seats'],
      ['status', 'acme', 'extra'],
      ['signup', 'acme'],
      ['status', 'acme', '--colour'],
    ]) {
      expect(await cli.here(args)).toMatchObject({ exitCode: 2, out: '' });
    }
  });

  it('given --help, then 0, and every command is there', async () => {
    const { exitCode, out } = await cli.asProcess(['--help'], {});
    expect(exitCode).toBe(0);
    for (const name of ['signup', 'status', 'subscribe', 'seats', 'members', 'cap', 'use', 'simulate'])
      expect(out).toContain(`\n  ${name} `);
  });

  it('given no stack, then 3, and it says to start one or which variable to set', async () => {
    const { exitCode, out, error } = await cli.asProcess(['status', 'acme'], { PERENNIAL_DIRECTORY: cli.directory });
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' });
    expect(error).toMatch(/^STACK_UNREACHABLE: .*TEMPORAL_ADDRESS is not set\.\nRun `npm start`/);
  });

  it('given a database that does not answer, then 3 and one document, without a word of the driver', async () => {
    const nowhere = { ...cli.env, DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:1/perennial' };
    const { exitCode, out, error } = await cli.asProcess(['status', 'acme', '--json'], nowhere);
    expect({ exitCode, error }).toEqual({ exitCode: 3, error: '' });
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'DATABASE_UNREACHABLE', solve: expect.stringContaining('npm start') },
    });
    expect(out).not.toContain('secret');
  });

  it('given an address where no Temporal is, then 3', async () => {
    const { exitCode, error } = await cli.here(['cancel', 'acme'], { ...cli.env, TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(exitCode).toBe(3);
    expect(error).toMatch(/^TEMPORAL_UNREACHABLE: No Temporal server answers at 127\.0\.0\.1:1/);
  });

  it('given no worker, then 3 within the time, and asking again under the same id later gets the answer', async () => {
    const { account } = await cli.signedUpOnClock('codspeed');
    await cli.engine.worker.stop();
    const asked = await cli.here(['allocation', 'on', account, '--command-id', 'later', '--wait', '1']);
    await cli.engine.worker.start();
    expect(asked.exitCode).toBe(3);
    expect(asked.error).toMatch(/^NO_ANSWER: .*\n.*--command-id later/);
    expect(await cli.json('allocation', 'on', account, '--command-id', 'later')).toMatchObject({
      result: { enabled: true },
    });
    const { audit } = await cli.engine.perennial.status(account);
    expect(audit.filter(({ action }) => action === 'automatic_allocation.set')).toHaveLength(1);
  });

  it('given a setting that is wrong, then 2, and it is named', async () => {
    const { exitCode, error } = await cli.here(['accounts'], { ...cli.env, TEMPORAL_ADDRESS: 'https://127.0.0.1' });
    expect(exitCode).toBe(2);
    expect(error).toContain('TEMPORAL_ADDRESS');
  });

  it('given a stack that runs in this directory, when nothing is set, then its stack.json is used', async () => {
    const { temporalAddress, namespace, databaseUrl, stripe, taskQueue } = cli.engine.options;
    const temporal = { address: temporalAddress, namespace, uiUrl: null };
    const file = join(cli.directory, 'stack.json');
    await writeFile(file, JSON.stringify({ temporal, databaseUrl, stripe, taskQueue }));
    try {
      const { exitCode } = await cli.here(['accounts'], { PERENNIAL_DIRECTORY: cli.directory });
      expect(exitCode).toBe(0);
    } finally {
      await rm(file);
    }
  });
});

describe('simulate', () => {
  it('given malformed YAML, when it is played from here, then its own code, one document, and exit code 2', async () => {
    const file = join(cli.directory, 'broken.yaml');
    await writeFile(file, 'name: broken\nsteps: [');
    const { exitCode, out } = await cli.asProcess(['simulate', file, '--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'invalid_scenario' } });
  });
});
