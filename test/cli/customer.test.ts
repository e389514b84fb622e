import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type CliUnderTest, openCli } from './cli-under-test.ts';

/** A start takes a second, and several on a busy machine. */
const PROCESSES_TIMEOUT_MS = 150_000;

let cli: CliUnderTest;
beforeAll(async () => {
  cli = await openCli();
});
afterAll(() => cli.close());

describe('the way of a new customer, commands that are processes', () => {
  it(
    'SBI-3 given a signup, a card and a yearly plan, when a seat is added half-way, then status and invoices tell it to people and to programs',
    async () => {
      const account = cli.engine.name('walker');
      const done = async (...args: string[]): Promise<string> => {
        const { exitCode, out, error } = await cli.asProcess(args);
        expect({ exitCode, error }, out).toEqual({ exitCode: 0, error: '' });
        return out;
      };
      await cli.words('clock', 'create', `clock-${account}`, '2027-01-01T00:00:00Z');
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
        `Invoice ${account}-0001: $1,800.00 USD, paid.`,
      );
      await cli.words('clock', 'advance', `clock-${account}`, '2027-07-02T12:00:00Z');
      expect(await cli.words('seats', 'preview', account, '1')).toContain('Due now: $90.00 USD');
      expect(await cli.words('seats', 'add', account, '1', '--preview')).toContain('Due now: $90.00 USD');
      expect(await done('seats', 'add', account, '1')).toContain(`Invoice ${account}-0002: $90.00 USD, paid.`);
      const page = await cli.words('status', account);
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
      expect(document).toEqual(await cli.engine.perennial.status(account));
    },
    PROCESSES_TIMEOUT_MS,
  );
});

describe('every command, as one JSON document', () => {
  it('given an account with seats, when each command is asked with --json, then it prints one document of its shape', async () => {
    const { account, clock } = await cli.signedUpOnClock('codspeed');
    expect(await cli.json('card', account, 'visa')).toMatchObject({ result: { brand: 'visa', last4: '4242' } });
    const subscribed = await cli.json('subscribe', account, '--plan', 'pro', '--seats', '2', '--command-id', 'first');
    expect(subscribed).toMatchObject({
      commandId: 'first',
      effectiveAt: '2027-01-01T00:00:00Z',
      result: { plan: 'pro', seats: 2 },
    });
    expect(await cli.json('subscribe', account, '--plan', 'pro', '--seats', '2', '--command-id', 'first')).toEqual(
      subscribed,
    );
    expect(await cli.json('seats', 'add', account, '1')).toMatchObject({ result: { bought: 1, takenBack: 0 } });
    expect(await cli.json('seats', 'preview', account, '1')).toMatchObject({
      dueNowCents: 0,
      nextInvoice: { status: 'draft' },
    });
    expect(await cli.json('seats', 'remove', account, '1')).toMatchObject({
      result: { endsAt: '2027-02-01T00:00:00Z' },
    });
    expect(await cli.json('run', account, '--sender', 'ann')).toEqual({ allowed: true, member: 'ann' });
    expect(await cli.json('run', account, '--sender', 'ann', '--minutes', '0.5')).toMatchObject({
      metered: { included: 0.5, overage: 0 },
    });
    expect(await cli.json('run', account, '--visibility', 'public')).toEqual({ allowed: true, member: null });
    expect(await cli.json('members', 'list', account)).toMatchObject({
      members: [{ member: 'ann', state: 'enabled' }],
    });
    expect(await cli.json('members', 'disable', account, 'ann')).toMatchObject({ result: { changed: true } });
    expect(await cli.json('members', 'enable', account, 'ann')).toMatchObject({ result: { changed: true } });
    expect(await cli.json('allocation', 'on', account, '--ceiling', '9')).toMatchObject({
      result: { enabled: true, ceiling: 9 },
    });
    expect(await cli.json('allocation', 'off', account)).toMatchObject({ result: { enabled: false } });
    expect(await cli.json('cap', account, 'macro_minutes', '5000')).toMatchObject({ result: { capCents: 5000 } });
    expect(await cli.json('cap', account, 'macro_minutes', 'none')).toMatchObject({ result: { capCents: null } });
    expect(await cli.json('change-plan', account, '--plan', 'free', '--keep', 'ann')).toMatchObject({
      result: { effective: 'cycle_end' },
    });
    expect(await cli.json('resume', account)).toMatchObject({ result: { resumed: 'free' } });
    expect(await cli.json('cancel', account)).toMatchObject({ result: { effective: 'cycle_end' } });
    expect(await cli.json('resume', account)).toMatchObject({ result: { resumed: 'free' } });
    expect(await cli.json('upcoming', account)).toMatchObject({ invoice: { purpose: 'cycle', status: 'draft' } });
    expect(await cli.json('invoices', account)).toMatchObject({
      invoices: [{ number: `${account}-0001`, total: 4000 }],
    });
    expect(await cli.json('invoices', account, `${account}-0001`)).toMatchObject({
      lines: [{ kind: 'seats', amount: 4000 }],
    });
    expect(await cli.json('accounts', '--limit', '500')).toMatchObject({
      accounts: expect.arrayContaining([{ accountId: account, catalog: 'codspeed', phase: 'active', plan: 'pro' }]),
    });
    const now = '2027-02-02T00:00:00Z';
    expect(await cli.json('clock', 'advance', clock, now)).toEqual({ clockId: clock, now });
  });

  it('given an account with credits, when it is used and its trial extended with --json, then it prints one document of its shape', async () => {
    const { account } = await cli.signedUpOnClock('qodo');
    expect(await cli.json('use', account, 'review', '--id', 'e1', '--member', 'ann')).toEqual({
      ...{ id: 'e1', meter: 'credits', included: 0, overage: 0, trial: 139 },
    });
    expect(await cli.json('trial', 'extend', account, '7')).toMatchObject({
      result: { trialEndsAt: '2027-01-22T00:00:00Z' },
    });
  });

  it('given a trial, when the page is read, then it counts down, and what is used is free', async () => {
    const { account, clock } = await cli.signedUpOnClock('qodo');
    await cli.words('use', account, 'review', '--quantity', '10');
    await cli.words('clock', 'advance', clock, '2027-01-11T00:00:00Z');
    const page = await cli.words('status', account);
    expect(page).toContain('ends 2027-01-15 00:00:00 UTC, in 4 days');
    expect(page).toContain('1,390 credits used in the trial, free of charge');
    expect(page).toContain('notice for');
  });

  it('CRE-6 given credits in overage, when the page is read, then the gauge, the cost, the cap and the upcoming invoice are there', async () => {
    const { account } = await cli.signedUpOnClock('qodo');
    await cli.words('card', account, 'visa');
    await cli.words('subscribe', account, '--plan', 'pro-teams', '--pack', 'small', '--cap', '1500', '--start-now');
    expect(await cli.words('use', account, 'review', '--quantity', '19', '--id', 'e1')).toBe(
      'Recorded review as event e1: 2,500 credits included, 141 credits overage.\n',
    );
    const page = await cli.words('status', account);
    expect(page).toContain('2,500 credits used of 2,500 included, renews 2027-02-01 00:00:00 UTC');
    expect(page).toContain('141 credits, $1.69 of the cap of $15.00');
    expect(page).toContain('Upcoming invoice: $31.69 USD on 2027-02-01 00:00:00 UTC');
  });

  it('INV-5 given a renewal that failed, when the page is read, then it says past due and shows the open invoice and the next try', async () => {
    const { account, clock } = await cli.signedUpOnClock('codspeed');
    await cli.words('card', account, 'visa');
    await cli.words('subscribe', account, '--plan', 'pro');
    await cli.words('card', account, 'declines_after_attach');
    await cli.words('clock', 'advance', clock, '2027-02-01T12:00:00Z');
    const page = await cli.words('status', account);
    expect(page).toContain('past due');
    expect(page).toMatch(/Open invoices\n.*\n.*-0002 .*\$20\.00/);
    expect(page).toContain('retry 1 of invoice');
  });
});

describe('repeats', () => {
  it('TRI-6 given a signup with an id, when it is repeated under that id, then it gets the first answer, and another under it is a conflict', async () => {
    const account = cli.engine.name('again');
    const signup = ['signup', account, '--owner', account, '--catalog', 'qodo', '--command-id', 'order-1'];
    const first = await cli.json(...signup);
    expect(await cli.json(...signup)).toEqual(first);
    const other = await cli.here([
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
    const { account } = await cli.signedUpOnClock('codspeed');
    await cli.words('allocation', 'on', account, '--actor', 'ann');
    await cli.words('allocation', 'off', account);
    const { audit } = await cli.engine.perennial.status(account);
    expect(audit.slice(-2).map(({ actor }) => actor)).toEqual(['ann', 'cli']);
  });
});
