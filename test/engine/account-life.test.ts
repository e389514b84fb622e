import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { addDays } from '../../billing/calendar/instant.ts';
import type { Perennial } from '../../client/perennial.ts';
import { type Engine, instant, openEngine, refusalCode, signUpOnClock, subscribedToPro } from './engine-under-test.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(async () => {
  await engine.close();
});

const status = (accountId: string): ReturnType<Engine['perennial']['status']> => engine.perennial.status(accountId);

/** What Stripe itself says of our invoices, which are `open` there until somebody closes them. */
async function stripeStates(accountId: string): Promise<readonly (string | undefined)[]> {
  const answer = await fetch(`${engine.options.stripe.apiBase ?? ''}/_sandbox/state`);
  const { invoices } = (await answer.json()) as { invoices: { status: string; metadata: Record<string, string> }[] };
  const ours = invoices.filter((invoice) => invoice.metadata['perennial_account'] === accountId);
  return ours
    .sort((a, b) => ((a.metadata['perennial_number'] ?? '') < (b.metadata['perennial_number'] ?? '') ? -1 : 1))
    .map((invoice) => invoice.status);
}

describe('CAL-2: boundaries', () => {
  it('CAL-2 given an anchor on the 31st, when 14 months pass over a leap February, then each boundary is the anchor’s', async () => {
    const account = await subscribedToPro(engine, { now: '2027-12-31T12:00:00Z', seats: 1, interval: 'month' });
    await account.advance('2029-02-28T12:00:00Z');
    const { invoices, cycle } = await status(account.accountId);
    expect(invoices.map((invoice) => invoice.issuedAt.slice(0, 10))).toEqual([
      ...[
        '2027-12-31',
        '2028-01-31',
        '2028-02-29',
        '2028-03-31',
        '2028-04-30',
        '2028-05-31',
        '2028-06-30',
        '2028-07-31',
      ],
      ...['2028-08-31', '2028-09-30', '2028-10-31', '2028-11-30', '2028-12-31', '2029-01-31', '2029-02-28'],
    ]);
    expect(invoices.every((invoice) => invoice.total === 2_000 && invoice.status === 'paid')).toBe(true);
    expect(cycle).toEqual({ start: '2029-02-28T12:00:00Z', end: '2029-03-31T12:00:00Z' });
  });
});

describe('SBI: yearly seats on the engine', () => {
  it('SBI-4 given no worker, when five yearly additions wait together, then one invoice has a line for each', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'year' });
    await account.advance('2027-07-02T12:00:00Z');
    await engine.worker.stop();
    const waiting = [1, 2, 1, 3, 1].map((count) =>
      engine.perennial.execute(account.accountId, { type: 'addSeats', count }),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    await engine.worker.start();
    const answers = await Promise.all(waiting);
    expect(answers.map((answer) => answer.result['bought']).sort()).toEqual([1, 1, 1, 2, 3]);
    const { invoices, seats } = await status(account.accountId);
    expect(seats?.quantity).toBe(9);
    expect(invoices.map((invoice) => invoice.purpose)).toEqual(['start', 'seats']);
    expect(invoices[1]?.lines.map((line) => line.quantity).sort()).toEqual([1, 1, 1, 2, 3]);
    // Half a year is left: 180.00 × 8 seats ÷ 2.
    expect([invoices[1]?.total, invoices[1]?.status]).toEqual([72_000, 'paid']);
  });

  it('SBI-11 given a yearly addition that is not paid, then it is refused, its seat is gone, and the invoice is void on both sides', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'year' });
    const { accountId } = account;
    const ask = (id: string): Promise<unknown> =>
      engine.perennial.checkAccess(accountId, { kind: 'run', sender: { id }, visibility: 'private' });
    await ask('ann');
    await ask('bob');
    await engine.perennial.execute(accountId, { type: 'setAutomaticAllocation', enabled: true });
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    const add = engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }, { commandId: 'unpaid' });
    expect(await refusalCode(add)).toBe('payment_failed');
    expect(await refusalCode(ask('eve'))).toBe('payment_failed');
    // The stored answer is the refusal from now on (invariant 6).
    const again = engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }, { commandId: 'unpaid' });
    expect(await refusalCode(again)).toBe('payment_failed');
    await account.advance('2027-01-02T00:00:00Z');
    const { invoices, seats, phase, members } = await status(accountId);
    expect(invoices.map((invoice) => [invoice.status, invoice.stripe?.status])).toEqual([
      ['paid', 'paid'],
      ['void', 'void'],
      ['void', 'void'],
    ]);
    expect(await stripeStates(accountId)).toEqual(['paid', 'void', 'void']);
    expect(seats).toEqual({ quantity: 2, used: 2, free: 0, awaitingRemoval: 0 });
    expect(phase).toBe('active');
    expect(members.map((member) => member.state)).toEqual(['enabled', 'enabled', 'disabled']);
    await ask('ann');
  });

  it('MON-6 given a yearly seat added in the last hours of the year, then its few cents wait, with their line, for the renewal', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'year' });
    await account.advance('2027-12-31T12:00:00Z');
    await engine.perennial.execute(account.accountId, { type: 'addSeats', count: 1 });
    const small = (await status(account.accountId)).invoices[1];
    expect([small?.status, small?.total, small?.lines.length, small?.lines[0]?.kind]).toEqual([
      'carried',
      25,
      1,
      'proration',
    ]);
    await account.advance('2028-01-01T00:00:00Z');
    const renewal = (await status(account.accountId)).invoices[2];
    expect(renewal?.lines.map((line) => [line.kind, line.amount]).sort()).toEqual([
      ['carried', 25],
      ['seats', 36_000],
    ]);
    expect(renewal?.total).toBe(36_025);
  });
});

describe('SEA: bursts', () => {
  it('SEA-2 SEA-7 given one newcomer, when 32 runs ask at once, then one member and one added seat', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    const { accountId } = account;
    await engine.perennial.checkAccess(accountId, { kind: 'run', sender: { id: 'ann' }, visibility: 'private' });
    await engine.perennial.execute(accountId, { type: 'setAutomaticAllocation', enabled: true });
    const clients: readonly Perennial[] = [
      engine.perennial,
      await engine.connect(),
      await engine.connect(),
      await engine.connect(),
    ];
    const runs = Array.from({ length: 32 }, (_, run) =>
      clients[run % clients.length]!.checkAccess(accountId, {
        kind: 'run',
        sender: { id: 'bob' },
        visibility: 'private',
      }),
    );
    const startedAtMs = performance.now();
    for (const answer of await Promise.all(runs)) expect(answer).toMatchObject({ allowed: true, member: 'bob' });
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    const { members, seats } = await status(accountId);
    expect(members.map((member) => member.member)).toEqual(['ann', 'bob']);
    expect(seats).toEqual({ quantity: 2, used: 2, free: 0, awaitingRemoval: 0 });
  });

  it('SEA-8 given one free seat, when twenty newcomers come at once, then exactly one gets it', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    const { accountId } = account;
    const runs = Array.from({ length: 20 }, (_, index) =>
      engine.perennial
        .checkAccess(accountId, { kind: 'run', sender: { id: `p${String(index)}` }, visibility: 'private' })
        .then(
          () => 'allowed',
          (error: unknown) => (error as { code: string }).code,
        ),
    );
    const answers = (await Promise.all(runs)).sort();
    expect(answers).toEqual(['allowed', ...(Array(19).fill('no_seat') as string[])]);
    const { members, seats } = await status(accountId);
    expect(members.filter((member) => member.state === 'enabled')).toHaveLength(1);
    expect(seats).toEqual({ quantity: 1, used: 1, free: 0, awaitingRemoval: 0 });
  });
});

describe('INV-5 and INV-6: dunning', () => {
  it('INV-5 given a card that fails at the renewal, then it is tried after 1, 3, 5 and 7 days, and Free rules begin; INV-6 paying late restores', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 7, interval: 'month' });
    const { accountId } = account;
    for (let id = 1; id <= 7; id++) {
      await engine.perennial.checkAccess(accountId, {
        kind: 'run',
        sender: { id: `p${String(id)}` },
        visibility: 'private',
      });
    }
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    const due = instant('2027-02-01T00:00:00Z');
    for (const [day, tries, phase] of [
      [0, 1, 'past_due'],
      [1, 2, 'past_due'],
      [2, 2, 'past_due'],
      [3, 3, 'past_due'],
      [5, 4, 'past_due'],
      [7, 5, 'free'],
    ] as const) {
      await account.advance(addDays(due, day));
      const invoice = (await engine.db('invoices').where({ accountId, periodStart: due }).first()) as {
        attempts: number;
      };
      expect([day, invoice.attempts, (await status(accountId)).phase]).toEqual([day, tries, phase]);
    }
    expect((await status(accountId)).members.filter((member) => member.state === 'enabled')).toHaveLength(5);
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_visa');
    const restored = await status(accountId);
    expect(restored.phase).toBe('active');
    expect(restored.members.every((member) => member.state === 'enabled')).toBe(true);
    expect(restored.seats?.quantity).toBe(7);
    expect(restored.cycle).toEqual({ start: '2027-02-01T00:00:00Z', end: '2027-03-01T00:00:00Z' });
    expect(await stripeStates(accountId)).toEqual(['paid', 'paid']);
  });

  it('INV-5 given nobody ever pays, then after the days of recovery the advance is void on both sides and the account rests on Free', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month' });
    await engine.perennial.addPaymentMethod(account.accountId, 'pm_card_chargeCustomerFail');
    await account.advance('2027-04-02T00:00:00Z');
    const { invoices, phase, plan, next } = await status(account.accountId);
    expect([phase, plan, next]).toEqual(['free', 'free', []]);
    expect(invoices.map((invoice) => [invoice.status, invoice.stripe?.status])).toEqual([
      ['paid', 'paid'],
      ['void', 'void'],
    ]);
    expect(await stripeStates(account.accountId)).toEqual(['paid', 'void']);
  });

  it('TRI-5 INV-5 given a first invoice that is never paid, then it is void on both sides and use stays blocked', async () => {
    const account = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z' });
    const { accountId } = account;
    await account.advance('2027-01-20T00:00:00Z');
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    await engine.perennial.execute(accountId, { type: 'subscribe', plan: 'pro-teams' });
    expect(await refusalCode(engine.perennial.recordUsage(accountId, { feature: 'ask' }))).toBe('payment_failed');
    await account.advance('2027-02-21T00:00:00Z');
    expect((await status(accountId)).invoices.map((invoice) => invoice.status)).toEqual(['void']);
    expect(await stripeStates(accountId)).toEqual(['void']);
  });
});
