import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { perennial } from '../../client/cli/program.ts';
import { dumpDatabase } from '../engine/database-dump.ts';
import { type Engine, openEngine } from '../engine/engine-under-test.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A start takes a second, and several on a busy machine. */
const PROCESSES_TIMEOUT_MS = 150_000;

interface Ran {
  readonly exitCode: number | null;
  readonly out: string;
  readonly error: string;
}

let engine: Engine;
let env: Readonly<Record<string, string>>;
let directory: string;

beforeAll(async () => {
  engine = await openEngine();
  directory = await mkdtemp(join(tmpdir(), 'perennial cli '));
  const { temporalAddress, namespace, databaseUrl, taskQueue = '' } = engine.options;
  env = {
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    DATABASE_URL: databaseUrl,
    PERENNIAL_TASK_QUEUE: taskQueue,
    PERENNIAL_DIRECTORY: directory,
  };
});

afterAll(async () => {
  await engine.close();
  await rm(directory, { recursive: true });
});

/** The command as a person starts it: a process of its own. */
async function asProcess(args: readonly string[], variables: Readonly<Record<string, string>> = env): Promise<Ran> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'client/cli/main.ts', ...args], {
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

/** The same command in this process, where a start costs nothing. */
async function here(args: readonly string[], variables: Readonly<Record<string, string>> = env): Promise<Ran> {
  const ran = { out: '', error: '' };
  const exitCode = await perennial(args, {
    env: variables,
    print: (text) => void (ran.out += text),
    printError: (text) => void (ran.error += text),
    isColorful: false,
  });
  return { exitCode, ...ran };
}

/** The one document on standard output, of a command that must succeed. */
async function json(...args: readonly string[]): Promise<unknown> {
  const { exitCode, out, error } = await here([...args, '--json']);
  expect({ exitCode, error }, out).toEqual({ exitCode: 0, error: '' });
  return JSON.parse(out) as unknown;
}

async function words(...args: readonly string[]): Promise<string> {
  const { exitCode, out, error } = await here(args);
  expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
  return out;
}

const signedUpOnClock = async (
  catalog: string,
  now = '2027-01-01T00:00:00Z',
): Promise<{ account: string; clock: string }> => {
  const account = engine.name(catalog);
  const clock = `clock-of-${account}`;
  await words('clock', 'create', clock, now);
  await words('signup', account, '--owner', `owner-of-${account}`, '--catalog', catalog, '--test-clock', clock);
  return { account, clock };
};

describe('the way of a new customer, commands that are processes', () => {
  it(
    'SBI-3 given a signup, a card and a yearly plan, when a seat is added half-way, then status and invoices tell it to people and to programs',
    async () => {
      const account = engine.name('walker');
      const done = async (...args: string[]): Promise<string> => {
        const { exitCode, out, error } = await asProcess(args);
        expect({ exitCode, error }, out).toEqual({ exitCode: 0, error: '' });
        return out;
      };
      await words('clock', 'create', `clock-${account}`, '2027-01-01T00:00:00Z');
      expect(
        await done(
          'signup',
          account,
          '--owner',
          `o-${account}`,
          '--catalog',
          'codspeed',
          '--test-clock',
          `clock-${account}`,
        ),
      ).toBe(`${account} is signed up for codspeed and free.\n`);
      expect(await done('card', account, 'visa')).toBe(`${account} pays by visa ending in 4242.\n`);
      expect(await done('subscribe', account, '--plan', 'pro', '--interval', 'year', '--seats', '10')).toContain(
        `Invoice ${account}-0001: $1,800.00 usd, paid.`,
      );
      await words('clock', 'advance', `clock-${account}`, '2027-07-02T12:00:00Z');
      expect(await words('seats', 'preview', account, '1')).toContain('Due now: $90.00 usd');
      expect(await words('seats', 'add', account, '1', '--preview')).toContain('Due now: $90.00 usd');
      expect(await done('seats', 'add', account, '1')).toContain(`Invoice ${account}-0002: $90.00 usd, paid.`);
      const page = await words('status', account);
      expect(page).toContain(`${account} · active · codspeed`);
      expect(page).toContain('11 seats: 0 used, 11 free, 0 awaiting removal');
      expect(page).toContain('2028-01-01 00:00:00 UTC, ends in 182 days');
      const document = JSON.parse(await done('status', account, '--json')) as unknown;
      expect(document).toMatchObject({
        ...{
          accountId: account,
          phase: 'active',
          plan: 'pro',
          interval: 'year',
          seats: { quantity: 11, used: 0, free: 11 },
        },
        invoices: [
          { total: 180_000, status: 'paid' },
          { total: 9000, status: 'paid' },
        ],
      });
      expect(document).toEqual(await engine.perennial.status(account));
    },
    PROCESSES_TIMEOUT_MS,
  );
});

describe('every command, as one JSON document', () => {
  it('given an account with seats, when each command is asked with --json, then it prints one document of its shape', async () => {
    const { account, clock } = await signedUpOnClock('codspeed');
    expect(await json('card', account, 'visa')).toMatchObject({ result: { brand: 'visa', last4: '4242' } });
    const subscribed = await json('subscribe', account, '--plan', 'pro', '--seats', '2', '--command-id', 'first');
    expect(subscribed).toMatchObject({
      commandId: 'first',
      effectiveAt: '2027-01-01T00:00:00Z',
      result: { plan: 'pro', seats: 2 },
    });
    expect(await json('subscribe', account, '--plan', 'pro', '--seats', '2', '--command-id', 'first')).toEqual(
      subscribed,
    );
    expect(await json('seats', 'add', account, '1')).toMatchObject({ result: { bought: 1, takenBack: 0 } });
    expect(await json('seats', 'preview', account, '1')).toMatchObject({
      dueNowCents: 0,
      nextInvoice: { status: 'draft' },
    });
    expect(await json('seats', 'remove', account, '1')).toMatchObject({ result: { endsAt: '2027-02-01T00:00:00Z' } });
    expect(await json('run', account, '--sender', 'ann')).toEqual({ allowed: true, member: 'ann' });
    expect(await json('run', account, '--sender', 'ann', '--minutes', '0.5')).toMatchObject({
      metered: { included: 0.5, overage: 0 },
    });
    expect(await json('run', account, '--visibility', 'public')).toEqual({ allowed: true, member: null });
    expect(await json('members', 'list', account)).toMatchObject({ members: [{ member: 'ann', state: 'enabled' }] });
    expect(await json('members', 'disable', account, 'ann')).toMatchObject({ result: { changed: true } });
    expect(await json('members', 'enable', account, 'ann')).toMatchObject({ result: { changed: true } });
    expect(await json('allocation', 'on', account, '--ceiling', '9')).toMatchObject({
      result: { enabled: true, ceiling: 9 },
    });
    expect(await json('allocation', 'off', account)).toMatchObject({ result: { enabled: false } });
    expect(await json('cap', account, 'macro_minutes', '5000')).toMatchObject({ result: { capCents: 5000 } });
    expect(await json('cap', account, 'macro_minutes', 'none')).toMatchObject({ result: { capCents: null } });
    expect(await json('change-plan', account, '--plan', 'free', '--keep', 'ann')).toMatchObject({
      result: { effective: 'cycle_end' },
    });
    expect(await json('resume', account)).toMatchObject({ result: { resumed: 'free' } });
    expect(await json('cancel', account)).toMatchObject({ result: { effective: 'cycle_end' } });
    expect(await json('resume', account)).toMatchObject({ result: { resumed: 'free' } });
    expect(await json('upcoming', account)).toMatchObject({ invoice: { purpose: 'cycle', status: 'draft' } });
    expect(await json('invoices', account)).toMatchObject({ invoices: [{ number: `${account}-0001`, total: 4000 }] });
    expect(await json('invoices', account, `${account}-0001`)).toMatchObject({
      lines: [{ kind: 'seats', amount: 4000 }],
    });
    expect(await json('accounts', '--limit', '500')).toMatchObject({
      accounts: expect.arrayContaining([{ accountId: account, catalog: 'codspeed', phase: 'active', plan: 'pro' }]),
    });
    const now = '2027-02-02T00:00:00Z';
    expect(await json('clock', 'advance', clock, now)).toEqual({ clockId: clock, now });
  });

  it('given an account with credits, when it is used and its trial extended with --json, then it prints one document of its shape', async () => {
    const { account } = await signedUpOnClock('qodo');
    expect(await json('use', account, 'review', '--id', 'e1', '--member', 'ann')).toEqual({
      ...{ id: 'e1', meter: 'credits', included: 0, overage: 0, trial: 139 },
    });
    expect(await json('trial', 'extend', account, '7')).toMatchObject({
      result: { trialEndsAt: '2027-01-22T00:00:00Z' },
    });
  });

  it('given a trial, when the page is read, then it counts down, and what is used is free', async () => {
    const { account, clock } = await signedUpOnClock('qodo');
    await words('use', account, 'review', '--quantity', '10');
    await words('clock', 'advance', clock, '2027-01-11T00:00:00Z');
    const page = await words('status', account);
    expect(page).toContain('ends 2027-01-15 00:00:00 UTC, in 4 days');
    expect(page).toContain('1,390 credits used in the trial, free of charge');
    expect(page).toContain('notice for');
  });

  it('CRE-6 given credits in overage, when the page is read, then the gauge, the cost, the cap and the upcoming invoice are there', async () => {
    const { account } = await signedUpOnClock('qodo');
    await words('card', account, 'visa');
    await words('subscribe', account, '--plan', 'pro-teams', '--pack', 'small', '--cap', '1500', '--start-now');
    expect(await words('use', account, 'review', '--quantity', '19', '--id', 'e1')).toBe(
      'Recorded review as event e1: 2,500 credits included, 141 credits overage.\n',
    );
    const page = await words('status', account);
    expect(page).toContain('2,500 credits used of 2,500 included, renews 2027-02-01 00:00:00 UTC');
    expect(page).toContain('141 credits, $1.69 of the cap of $15.00');
    expect(page).toContain('Upcoming invoice: $31.69 usd on 2027-02-01 00:00:00 UTC');
  });

  it('INV-5 given a renewal that failed, when the page is read, then it says past due and shows the open invoice and the next try', async () => {
    const { account, clock } = await signedUpOnClock('codspeed');
    await words('card', account, 'visa');
    await words('subscribe', account, '--plan', 'pro');
    await words('card', account, 'declines_after_attach');
    await words('clock', 'advance', clock, '2027-02-01T12:00:00Z');
    const page = await words('status', account);
    expect(page).toContain('past due');
    expect(page).toMatch(/Open invoices\n.*\n.*-0002 .*\$20\.00/);
    expect(page).toContain('retry 1 of invoice');
  });
});

describe('AUD-1 bad input: a code, a sentence, what to do, and nothing written', () => {
  let account: string;
  let clock: string;
  let credits: string;
  beforeAll(async () => {
    ({ account, clock } = await signedUpOnClock('codspeed', '2027-03-01T00:00:00Z'));
    await words('card', account, 'visa');
    await words('subscribe', account, '--plan', 'pro', '--seats', '2');
    ({ account: credits } = await signedUpOnClock('qodo'));
    await words('card', credits, 'visa');
  });

  const CASES: readonly (readonly [what: string, code: string, args: () => readonly string[]])[] = [
    ['an unknown account', 'unknown_account', () => ['status', 'nobody']],
    ['a command for an unknown account', 'unknown_account', () => ['seats', 'add', 'nobody', '1']],
    ['an unknown catalog', 'unknown_catalog', () => ['signup', 'new', '--owner', 'new', '--catalog', 'acme-cloud']],
    [
      'a second signup',
      'account_exists',
      () => ['signup', account, '--owner', `owner-of-${account}`, '--catalog', 'codspeed'],
    ],
    [
      'a signup of a taken name',
      'account_exists',
      () => ['signup', account, '--owner', 'mallory', '--catalog', 'codspeed'],
    ],
    [
      'a second account of one owner',
      'account_exists',
      () => ['signup', 'new', '--owner', `owner-of-${account}`, '--catalog', 'codspeed'],
    ],
    [
      'an unknown test clock',
      'unknown_test_clock',
      () => ['signup', 'new', '--owner', 'new', '--catalog', 'qodo', '--test-clock', 'none'],
    ],
    ['an unknown plan', 'unknown_plan', () => ['subscribe', credits, '--plan', 'gold']],
    ['a plan of a contract', 'plan_not_self_serve', () => ['subscribe', credits, '--plan', 'enterprise']],
    [
      'CRE-17 an interval that is not offered',
      'interval_not_offered',
      () => ['subscribe', credits, '--plan', 'pro-teams', '--interval', 'year'],
    ],
    [
      'an interval that is none',
      'invalid_request',
      () => ['subscribe', credits, '--plan', 'pro-teams', '--interval', 'week'],
    ],
    [
      'a cap with a fraction, when subscribing',
      'invalid_request',
      () => ['subscribe', credits, '--plan', 'pro-teams', '--cap', '12.5'],
    ],
    ['a cap with a fraction', 'invalid_request', () => ['cap', account, 'macro_minutes', '12.5']],
    ['a negative cap', 'invalid_request', () => ['cap', account, 'macro_minutes', '-1']],
    ['a cap in words', 'invalid_request', () => ['cap', account, 'macro_minutes', 'plenty']],
    ['an unknown meter', 'unknown_meter', () => ['cap', account, 'credits', '100']],
    ['a negative count', 'invalid_request', () => ['seats', 'add', account, '-1']],
    ['a count of zero', 'invalid_request', () => ['seats', 'add', account, '0']],
    ['a fractional count', 'invalid_request', () => ['seats', 'add', account, '1.5']],
    ['a count that no account has', 'invalid_request', () => ['seats', 'add', account, '99999999999999999999']],
    ['a negative preview', 'invalid_request', () => ['seats', 'preview', account, '-3']],
    ['SBI-6 more seats than are free', 'seats_in_use', () => ['seats', 'remove', account, '3']],
    ['no seats at all', 'invalid_request', () => ['seats', 'remove', account]],
    ['an unknown member', 'unknown_member', () => ['members', 'enable', account, 'nobody']],
    ["an unknown member's seat", 'unknown_member', () => ['seats', 'remove', account, '--member', 'nobody']],
    ['a card that is none', 'invalid_request', () => ['card', account, 'gold']],
    ['a payment method that Stripe does not know', 'invalid_request', () => ['card', account, 'pm_of_nobody']],
    ['a card that is declined', 'card_declined', () => ['card', account, 'declined']],
    ['an unknown feature', 'unknown_feature', () => ['use', credits, 'teleport']],
    ['a negative quantity', 'invalid_request', () => ['use', credits, 'review', '--quantity', '-1']],
    ['a date that is none', 'invalid_request', () => ['use', credits, 'review', '--at', '2027-02-30T00:00:00Z']],
    ['an event of the future', 'event_in_future', () => ['use', credits, 'review', '--at', '2027-01-02T00:00:00Z']],
    ['a strange visibility', 'invalid_request', () => ['run', account, '--sender', 'ann', '--visibility', 'secret']],
    ['a date before the clock', 'date_before_clock', () => ['clock', 'advance', clock, '2027-02-28T23:59:59Z']],
    ['another clock of the same name', 'invalid_request', () => ['clock', 'create', clock, '2028-01-01T00:00:00Z']],
    ['an unknown invoice', 'unknown_invoice', () => ['invoices', account, 'nope']],
    ['days for a trial that never was', 'trial_over', () => ['trial', 'extend', account, '7']],
    ['a limit of no accounts', 'invalid_request', () => ['accounts', '--limit', '-1']],
  ];

  // What Stripe is asked, and answers, is remembered even where the answer is no: a request that was sent is never forgotten.
  const asksStripe = new Set(['pm_of_nobody', 'declined']);

  it.each(CASES)('AUD-1 given %s, then %s, with what to do, and nothing is written', async (_what, code, args) => {
    const before = await dumpDatabase(engine.db);
    const told = await here([...args(), '--json']);
    expect({ exitCode: told.exitCode, error: told.error }, told.out).toEqual({ exitCode: 1, error: '' });
    expect(JSON.parse(told.out)).toEqual({
      error: {
        code,
        message: expect.stringMatching(/\w.*\.?$/),
        solve: expect.stringMatching(/\.$/),
        field: expect.toSatisfy(isTextOrNull),
      },
    });
    const { exitCode, out, error } = await here(args());
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(error).toMatch(new RegExp(`^${code}: .+\\n.+\\n$`));
    const { stripeRequests: _asked, stripe_requests: _sent, ...written } = await dumpDatabase(engine.db);
    const { stripeRequests: _asked2, stripe_requests: _sent2, ...unwritten } = before;
    expect(written).toEqual(unwritten);
    if (!args().some((arg) => asksStripe.has(arg))) expect(await dumpDatabase(engine.db)).toEqual(before);
  });

  it('AUD-1 given all that was refused, when the account is asked for something sensible, then it works as before', async () => {
    expect(await json('seats', 'add', account, '1')).toMatchObject({ result: { bought: 1 } });
  });
});

const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

describe('repeats', () => {
  it('TRI-6 given a signup with an id, when it is repeated under that id, then it gets the first answer, and another under it is a conflict', async () => {
    const account = engine.name('again');
    const signup = ['signup', account, '--owner', account, '--catalog', 'qodo', '--command-id', 'order-1'];
    const first = await json(...signup);
    expect(await json(...signup)).toEqual(first);
    const other = await here([
      'signup',
      account,
      '--owner',
      'somebody',
      '--catalog',
      'qodo',
      '--command-id',
      'order-1',
      '--json',
    ]);
    expect(other.exitCode).toBe(1);
    expect(JSON.parse(other.out)).toMatchObject({ error: { code: 'idempotency_conflict', field: 'commandId' } });
  });

  it('AUD-2 given somebody who asks, when a command is applied, then the audit log has the name', async () => {
    const { account } = await signedUpOnClock('codspeed');
    await words('allocation', 'on', account, '--actor', 'ann');
    await words('allocation', 'off', account);
    const { audit } = await engine.perennial.status(account);
    expect(audit.slice(-2).map(({ actor }) => actor)).toEqual(['ann', 'cli']);
  });
});

describe('exit codes', () => {
  it('given a command line that cannot be understood, then 2, in words or as a document', async () => {
    const missing = await asProcess(['seats', 'add', 'acme']);
    expect(missing).toMatchObject({ exitCode: 2, out: '' });
    expect(missing.error).toContain("missing required argument 'count'");
    const unknown = await asProcess(['frobnicate', '--json']);
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
      expect(await here(args)).toMatchObject({ exitCode: 2, out: '' });
    }
  });

  it('given --help, then 0, and every command is there', async () => {
    const { exitCode, out } = await asProcess(['--help'], {});
    expect(exitCode).toBe(0);
    for (const name of ['signup', 'status', 'subscribe', 'seats', 'members', 'cap', 'use', 'simulate'])
      expect(out).toContain(`\n  ${name} `);
  });

  it('given no stack, then 3, and it says to start one or which variable to set', async () => {
    const { exitCode, out, error } = await asProcess(['status', 'acme'], { PERENNIAL_DIRECTORY: directory });
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' });
    expect(error).toMatch(/^STACK_UNREACHABLE: .*TEMPORAL_ADDRESS is not set\.\nRun `npm start`/);
  });

  it('given a database that does not answer, then 3 and one document, without a word of the driver', async () => {
    const nowhere = { ...env, DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:1/perennial' };
    const { exitCode, out, error } = await asProcess(['status', 'acme', '--json'], nowhere);
    expect({ exitCode, error }).toEqual({ exitCode: 3, error: '' });
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'DATABASE_UNREACHABLE', solve: expect.stringContaining('npm start') },
    });
    expect(out).not.toContain('secret');
  });

  it('given an address where no Temporal is, then 3', async () => {
    const { exitCode, error } = await here(['cancel', 'acme'], { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(exitCode).toBe(3);
    expect(error).toMatch(/^TEMPORAL_UNREACHABLE: No Temporal server answers at 127\.0\.0\.1:1/);
  });

  it('given no worker, then 3 within the time, and asking again under the same id later gets the answer', async () => {
    const { account } = await signedUpOnClock('codspeed');
    await engine.worker.stop();
    const asked = await here(['allocation', 'on', account, '--command-id', 'later', '--wait', '1']);
    await engine.worker.start();
    expect(asked.exitCode).toBe(3);
    expect(asked.error).toMatch(/^NO_ANSWER: .*\n.*--command-id later/);
    expect(await json('allocation', 'on', account, '--command-id', 'later')).toMatchObject({
      result: { enabled: true },
    });
    const { audit } = await engine.perennial.status(account);
    expect(audit.filter(({ action }) => action === 'automatic_allocation.set')).toHaveLength(1);
  });

  it('given a setting that is wrong, then 2, and it is named', async () => {
    const { exitCode, error } = await here(['accounts'], { ...env, TEMPORAL_ADDRESS: 'https://127.0.0.1' });
    expect(exitCode).toBe(2);
    expect(error).toContain('TEMPORAL_ADDRESS');
  });

  it('given a stack that runs in this directory, when nothing is set, then its stack.json is used', async () => {
    const { temporalAddress, namespace, databaseUrl, stripe, taskQueue } = engine.options;
    const temporal = { address: temporalAddress, namespace, uiUrl: null };
    const file = join(directory, 'stack.json');
    await writeFile(file, JSON.stringify({ temporal, databaseUrl, stripe, taskQueue }));
    try {
      const { exitCode } = await here(['accounts'], { PERENNIAL_DIRECTORY: directory });
      expect(exitCode).toBe(0);
    } finally {
      await rm(file);
    }
  });
});

describe('reconcile', () => {
  it('AUD-3 given sound books, and then a total that was changed, when they are compared, then people and programs are told what differs', async () => {
    const { account } = await signedUpOnClock('codspeed');
    await words('card', account, 'visa');
    await words('subscribe', account, '--plan', 'pro', '--seats', '2');
    expect(await words('reconcile', account)).toBe(`The books of ${account} agree.\n`);
    await engine.db.transaction(async (trx) => {
      await trx.raw('set local session_replication_role = replica');
      await trx('invoices').where({ accountId: account }).increment('total', 1);
    });
    const ofOne = (await json('reconcile', account)) as { agrees: boolean; differences: { kind: string }[] };
    expect(ofOne.agrees).toBe(false);
    expect(ofOne.differences.map(({ kind }) => kind)).toEqual(['total_is_not_its_lines', 'total_differs_at_stripe']);
    const ofAll = await words('reconcile');
    expect(ofAll).toContain('2 differences');
    expect(ofAll).toContain(`invoice ${account}-0001: total, in minor units; expected`);
    const begun = (await json('reconcile', '--start')) as { reconciliationId: string };
    expect(await json('reconcile', '--report', begun.reconciliationId)).toMatchObject({ startedBy: 'cli' });
    expect((await here(['reconcile', '--report', 'none'])).error).toContain('unknown_reconciliation');
  });
});

describe('simulate', () => {
  it('given malformed YAML, when it is played from here, then its own code, one document, and exit code 2', async () => {
    const file = join(directory, 'broken.yaml');
    await writeFile(file, 'name: broken\nsteps: [');
    const { exitCode, out } = await asProcess(['simulate', file, '--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'invalid_scenario' } });
  });
});

describe('keys', () => {
  it('given a key that is made, rotated and revoked, then its secret is shown once, and nonsense is refused by name', async () => {
    const made = (await json('keys', 'create', '--name', 'backend', '--scope', 'usage:write', 'access:check')) as {
      key: { keyId: string };
      secret: string;
    };
    expect(made.key).toMatchObject({ name: 'backend', scopes: ['usage:write', 'access:check'] });
    expect((await engine.perennial.keys.find(made.secret)).kind).toBe('live');
    const rotated = await words('keys', 'rotate', made.key.keyId, '--overlap-hours', '2');
    expect(rotated).toMatch(/perennial_[a-z0-9]{8}_[\w-]{43}/);
    expect(rotated).toContain(`${made.key.keyId} works for 2 hours more.`);
    expect(await words('keys', 'revoke', made.key.keyId)).toBe(`${made.key.keyId} is revoked.\n`);
    const listed = await here(['keys', 'list', '--json']);
    // Both were made in one second, in which they have no order.
    const { keys } = JSON.parse(listed.out) as { keys: { keyId: string; revokedAt: string | null }[] };
    expect(keys.filter(({ revokedAt }) => revokedAt !== null).map(({ keyId }) => keyId)).toEqual([made.key.keyId]);
    expect(keys).toHaveLength(2);
    expect(listed.out).not.toContain(made.secret.slice(-43));
    expect(await words('keys', 'list')).toContain('revoked 20');
    const wrong = await here(['keys', 'create', '--name', 'x', '--scope', 'root']);
    expect(wrong).toMatchObject({ exitCode: 1, out: '' });
    expect(wrong.error).toContain('invalid_request: scopes: expected usage:write');
  });

  it('given secrets of portal tokens, then those in the database are rotated, and those in settings are not', async () => {
    expect(await json('keys', 'rotate-portal-secret')).toEqual({ rotated: true });
    const secret = 'x'.repeat(32);
    const refused = await here(['keys', 'rotate-portal-secret'], { ...env, PERENNIAL_SECRET: secret });
    expect(refused.exitCode).toBe(1);
    expect(refused.error).toContain('PERENNIAL_SECRET');
    expect(refused.error).not.toContain(secret);
  });
});

describe('links to the pages', () => {
  const origin = 'https://billing.example';

  it('given an operator, when they ask for links, then each opens what it says, for as long as it says', async () => {
    const { keys, portalTokens, operatorSessions } = engine.perennial;
    const accountId = engine.name('linked');
    await json('signup', accountId, '--owner', accountId, '--catalog', 'codspeed');
    const placed = { ...env, PERENNIAL_PUBLIC_URL: origin };
    const portal = await here(['portal', accountId, '--as', accountId, '--role', 'admin', '--json'], placed);
    const { url } = JSON.parse(portal.out) as { url: string };
    expect(url.startsWith(`${origin}/portal/#token=`)).toBe(true);
    expect(await portalTokens.find(url.split('#token=')[1] ?? '')).toMatchObject({
      kind: 'live',
      claims: { accountId, memberId: accountId, role: 'admin' },
    });
    const { secret } = await keys.create({ name: 'me', scopes: ['operator'] });
    const signedIn = await here(['sign-in'], { ...placed, PERENNIAL_KEY: secret });
    expect(signedIn).toMatchObject({ exitCode: 0, error: '' });
    expect(signedIn.out).not.toContain(secret.slice(-43));
    const code = /#code=(\S+)/.exec(signedIn.out)?.[1] ?? '';
    expect(await operatorSessions.open('sign-in', code)).toMatchObject({ kind: 'live', sealed: { key: secret } });
  });

  it('given no place, no key, one without the scope, or nobody of that name, then it says what is missing', async () => {
    const { secret } = await engine.perennial.keys.create({ name: 'weak', scopes: ['accounts:read'] });
    const placed = { ...env, PERENNIAL_PUBLIC_URL: origin };
    expect((await here(['sign-in'])).error).toContain('PAGES_UNKNOWN');
    expect((await here(['sign-in'], placed)).error).toContain('NO_OPERATOR_KEY: There is no key');
    const weak = await here(['sign-in'], { ...placed, PERENNIAL_KEY: secret });
    expect(weak).toMatchObject({ exitCode: 2, out: '' });
    expect(weak.error).not.toContain(secret.slice(-43));
    expect((await here(['portal', 'nobody', '--as', 'x'], placed)).error).toContain('unknown_account');
    expect((await here(['portal', 'nobody', '--as', 'x', '--role', 'king'], placed)).error).toContain('role: expected');
  });
});
