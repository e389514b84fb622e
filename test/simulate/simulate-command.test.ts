import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Ajv } from 'ajv';
import { afterAll, describe, expect, inject, it } from 'vitest';

import type { ScenarioDocument } from '../../tools/simulate/scenario-document.ts';
import { SCENARIO_DOCUMENT_SCHEMA } from './scenario-document-schema.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TIMEOUT_MS = 120_000;

const directory = join(mkdtempSync(join(tmpdir(), 'simulate-')), 'my scenarios');
mkdirSync(directory);
afterAll(() => {
  rmSync(join(directory, '..'), { recursive: true, force: true });
});

function written(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

const HEAD = 'catalog: codspeed\nstart: 2027-01-01T00:00:00Z\nsteps:\n  - signup: { account: acme, owner: alice }\n';
const good = written(
  'good.yaml',
  `name: a month of two seats\n${HEAD}  - paymentMethod: { card: visa }
  - subscribe: { plan: pro, interval: month, seats: 2 }
  - run: { sender: alice, visibility: private, minutes: 5 }
  - at: 2027-02-01T00:00:00Z
  - expect: { invoices: [{ total: 4000 }, { total: 4000 }] }
`,
);
const failing = written(
  'failing.yaml',
  `name: what was promised is not kept\n${HEAD}  - expect: { phase: active }
  - addSeats: { count: 1 }
  - addSeats: { count: -1 }
  - expectRefusal: { code: no_seat, step: { addSeats: { count: 1 } } }
  - expect: { phase: free }
`,
);
const malformed = written('malformed.yaml', 'name: [');
const unknownStep = written('unknown-step.yaml', `name: a step too far\n${HEAD}  - fly: { to: the moon }\n`);

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As a shell runs it, on the stack that all tests share. */
function simulate(args: readonly string[], extraEnv: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { temporalAddress, namespace, databaseUrl, stripe } = inject('stack');
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    DATABASE_URL: databaseUrl,
    STRIPE_API_KEY: stripe.apiKey,
    STRIPE_API_BASE: stripe.apiBase ?? '',
    ...extraEnv,
  };
  const command = ['--import', 'tsx', 'tools/simulate/main.ts', ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { cwd: ROOT, env }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

function documentsOf({ stdout }: Ended): readonly ScenarioDocument[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ScenarioDocument);
}

describe('simulate, as a program calls it', () => {
  it(
    'given --json and four files, then standard output has one document per file and line, in order, and the exit code is 2',
    async () => {
      const ended = await simulate([good, malformed, failing, unknownStep, '--json']);
      const documents = documentsOf(ended);
      const validate = new Ajv().compile(SCENARIO_DOCUMENT_SCHEMA);
      for (const document of documents) expect(validate(document) ? [] : validate.errors).toEqual([]);
      expect(documents.map(({ name, ok }) => [name, ok])).toEqual([
        ['a month of two seats', true],
        [malformed, false],
        ['what was promised is not kept', false],
        [unknownStep, false],
      ]);
      expect(documents.map(({ error }) => error?.code)).toEqual([
        undefined,
        'invalid_scenario',
        undefined,
        'unknown_step',
      ]);
      expect(documents[3]?.error?.message).toContain(`${unknownStep}:6:5: steps.1.fly: there is no step "fly"`);
      expect(documents[2]?.steps).toMatchObject([
        { step: 'signup', ok: true, at: '2027-01-01T00:00:00Z' },
        { step: 'expect', ok: false, mismatch: 'phase: expected "active", found "free"' },
        { step: 'addSeats', ok: false, refusal: { code: 'not_subscribed' } },
        { step: 'addSeats', ok: false, refusal: { code: 'invalid_request' } },
        { step: 'expectRefusal', ok: false, refusal: { code: 'not_subscribed' } },
        { step: 'expect', ok: true },
      ]);
      expect(documents[0]?.accounts['acme']?.invoices.map(({ number, total }) => [number, total])).toEqual([
        ['acme-0001', 4000],
        ['acme-0002', 4000],
      ]);
      expect(ended.exitCode).toBe(2);
    },
    TIMEOUT_MS,
  );

  it(
    'given scenarios that go as expected, then the story is told and the exit code is 0',
    async () => {
      const ended = await simulate([good]);
      expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
      expect(ended.stdout).toContain('✓ subscribe  plan pro, interval month, seats 2');
      expect(ended.stdout).toContain(
        'acme · active · pro by the month · Feb 1, 2027 – Mar 1, 2027 · 2 seats, 1 used, 0 leaving',
      );
      expect(ended.stdout).toContain('acme-0002  Feb 1, 2027  cycle  $40.00  paid');
      expect(ended.stdout).toContain('✓ ok · 6 of 6 steps');
    },
    TIMEOUT_MS,
  );

  it(
    'given a scenario that does not, then it is said what and where, and the exit code is 1',
    async () => {
      const ended = await simulate([failing]);
      expect(ended.exitCode).toBe(1);
      expect(ended.stdout).toContain('phase: expected "active", found "free"');
      expect(ended.stdout).toContain('at line 6, column 5');
      expect(ended.stdout).toContain('✗ failed · 6 of 6 steps, 4 of them not as expected');
    },
    TIMEOUT_MS,
  );
});

describe('simulate, called wrongly', () => {
  it(
    'given no file, an unknown option or a file that is not there, then the exit code is 2 and it says so',
    async () => {
      const [none, strange, missing] = await Promise.all([
        simulate([]),
        simulate(['--fast', good]),
        simulate(['nowhere.yaml', '--json']),
      ]);
      expect(none).toMatchObject({ exitCode: 2, stdout: '' });
      expect(none.stderr).toContain('Name at least one scenario.');
      expect(strange).toMatchObject({ exitCode: 2, stdout: '' });
      expect(strange.stderr).toContain('--fast');
      expect(missing.exitCode).toBe(2);
      expect(documentsOf(missing)).toEqual([
        {
          name: 'nowhere.yaml',
          ok: false,
          seconds: 0,
          steps: [],
          accounts: {},
          error: { code: 'invalid_scenario', message: 'nowhere.yaml: there is no such file.' },
        },
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'given --help, then the usage is told and the exit code is 0',
    async () => {
      const ended = await simulate(['--help']);
      expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
      expect(ended.stdout).toContain('Usage: npm run -s simulate -- FILE… [--json] [--timers]');
    },
    TIMEOUT_MS,
  );

  it(
    'given PERENNIAL_URL, then it is refused clearly, and given an empty one it is as if it were not there',
    async () => {
      const [refused, empty] = await Promise.all([
        simulate([good, '--json'], { PERENNIAL_URL: 'https://billing.example' }),
        simulate([malformed, '--json'], { PERENNIAL_URL: '' }),
      ]);
      expect(refused.exitCode).toBe(2);
      expect(documentsOf(refused)[0]?.error?.message).toContain('PERENNIAL_URL');
      expect(documentsOf(empty)[0]?.error?.code).toBe('invalid_scenario');
    },
    TIMEOUT_MS,
  );
});
