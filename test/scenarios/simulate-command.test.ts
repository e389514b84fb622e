import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import type { ScenarioDocument } from '../../simulate/scenario-document.ts';
import { type ApiUnderTest, openApi } from '../server/api-under-test.ts';
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

/** Every kind of step that asks something of an account. */
const whole = written(
  'whole.yaml',
  `name: a team with a catalog of its own
start: 2027-01-01T00:00:00Z
catalog:
  name: example
  entity: workspace
  currency: usd
  trial: { days: 14 }
  afterTrial: blocked
  meters: { credits: { unit: credit } }
  features: { review: { meter: credits, quantity: 139 } }
  plans:
    pro-teams:
      selfServe: true
      packs:
        small: { month: 3000, included: { credits: 2500 } }
        big: { month: 6000, included: { credits: 5000 } }
      caps: { credits: { required: true, defaultCents: 5000 } }
steps:
  - signup: { account: acme, owner: alice }
  - extendTrial: { days: 1 }
  - use: { feature: review, member: bob, id: one }
  - paymentMethod: { card: visa }
  - subscribe: { plan: pro-teams, interval: month, pack: small, startNow: true }
  - hold: { id: job, feature: review, expiresIn: 10m }
  - capture: { id: job, credits: 100 }
  - reverse: { id: job }
  - hold: { id: other, credits: 5 }
  - release: { id: other }
  - use: { feature: review, quantity: 20, id: many }
  - expectRefusal: { code: spending_cap_reached, step: { use: { feature: review, quantity: 100 } } }
  - setCap: { meter: credits, cents: 10000 }
  - changePlan: { pack: big }
  - openDashboard: { member: { id: '17', login: carl } }
  - cancel:
  - resume:
  - advance: 40d
  - expect: { phase: active, pack: big }
  - close: { account: acme }
  - expectRefusal: { code: account_closed, step: { use: { feature: review } } }
`,
);
const outage = written(
  'outage.yaml',
  `name: nobody is there\n${HEAD}  - outage: { from: 2027-01-02T00:00:00Z, to: 2027-01-03T00:00:00Z }\n`,
);

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
  const command = ['--import', 'tsx', 'simulate/main.ts', ...args];
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
    'given PERENNIAL_URL without a key, that is no address, or with --timers, then it is refused clearly; an empty one is none',
    async () => {
      const url = 'https://billing.example';
      const ended = await Promise.all([
        simulate([good, '--json'], { PERENNIAL_URL: url }),
        simulate([good, '--json'], { PERENNIAL_URL: 'billing.example', PERENNIAL_KEY: 'key' }),
        simulate([good, '--json', '--timers'], { PERENNIAL_URL: url, PERENNIAL_KEY: 'key' }),
        simulate([malformed, '--json'], { PERENNIAL_URL: '' }),
      ]);
      const errors = ended.map((each) => documentsOf(each)[0]?.error);
      expect(ended.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2]);
      expect(errors.map((error) => error?.code)).toEqual([
        ...Array<string>(3).fill('invalid_request'),
        'invalid_scenario',
      ]);
      expect(errors.map((error) => error?.message)).toEqual([
        expect.stringContaining('PERENNIAL_KEY'),
        expect.stringContaining('PERENNIAL_URL'),
        expect.stringContaining('--timers'),
        expect.any(String),
      ]);
    },
    TIMEOUT_MS,
  );
});

describe('simulate, on a running installation', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await openApi();
  });
  afterAll(async () => {
    await api.close();
  });

  /** Nothing but the address and a key: what is played goes over HTTP. */
  const remotely = (args: readonly string[], key = api.key) =>
    simulate(args, {
      ...{ TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '', DATABASE_URL: '', STRIPE_API_KEY: '', STRIPE_API_BASE: '' },
      PERENNIAL_URL: `${api.url}/`,
      PERENNIAL_KEY: key,
    });

  it(
    'given scenarios, when they are played there, then what they say is what they say when they are played here',
    async () => {
      const played = ['13-enterprise-contract', '16-a-newer-price-list'].map((name) => `scenarios/${name}.yaml`);
      const files = [good, failing, whole, ...played, '--json'];
      const ended = await remotely(files);
      const there = documentsOf(ended);
      const here = documentsOf(await simulate(files));
      const validate = new Ajv().compile(SCENARIO_DOCUMENT_SCHEMA);
      for (const document of there) expect(validate(document) ? [] : validate.errors).toEqual([]);
      expect(there.map(({ ok }) => ok)).toEqual([true, false, true, true, true]);
      expect(there.map(comparable)).toEqual(here.map(comparable));
      expect(ended.exitCode).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    'given an outage, when it is played there, then that step is refused and says why',
    async () => {
      const [document] = documentsOf(await remotely([outage, '--json']));
      expect(document?.steps.at(-1)).toMatchObject({ step: 'outage', ok: false, refusal: { code: 'invalid_request' } });
      expect(document?.steps.at(-1)?.refusal?.message).toContain('cannot be stopped');
    },
    TIMEOUT_MS,
  );

  it(
    'given a key that is not known, then nothing is played, and it is said',
    async () => {
      const ended = await remotely([good, '--json'], 'nonsense');
      expect(documentsOf(ended)[0]).toMatchObject({ ok: false, steps: [], error: { code: 'unauthorized' } });
      expect(ended.exitCode).toBe(1);
      expect(ended.stderr).toContain(api.url);
    },
    TIMEOUT_MS,
  );
});

/** All but what is another each time: how long it took, Stripe's ids, who asked, which is a key there, and how a number is called wrong. */
function comparable({ seconds: _seconds, ...document }: ScenarioDocument): unknown {
  return JSON.parse(
    JSON.stringify(document, (name, value: unknown) => {
      if (name === 'actor' || name === 'id') return typeof value;
      const isOfForm = name === 'refusal' && (value as { code: string } | undefined)?.code === 'invalid_request';
      return isOfForm ? { code: 'invalid_request' } : value;
    }),
  );
}
