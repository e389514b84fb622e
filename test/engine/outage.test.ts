import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  type AccountOnClock,
  type Engine,
  openEngine,
  signUpOnClock,
  startWorkerProcess,
  subscribedToPro,
} from './engine-under-test.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(async () => {
  await engine.close();
});

/** An account's invoices and audit without what is its own: names and ids. */
async function bookOf({ accountId }: AccountOnClock): Promise<unknown> {
  const { invoices, audit, phase, seats, cycle, notices } = await engine.perennial.status(accountId);
  const text = JSON.stringify({
    ...{ phase, seats, cycle, notices, audit },
    invoices: invoices.map(({ stripe, ...invoice }) => ({ ...invoice, stripe: stripe?.status ?? null })),
  });
  return JSON.parse(text.replaceAll(accountId, 'ACCOUNT')) as unknown;
}

/** The same account twice: a trial that becomes a paid plan, with use beyond what is included. */
async function twins(): Promise<readonly [AccountOnClock, AccountOnClock]> {
  const both = [];
  for (const stem of ['left', 'right']) {
    const account = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-31T09:30:00Z', stem });
    await engine.perennial.addPaymentMethod(account.accountId, 'pm_card_visa');
    await engine.perennial.execute(account.accountId, {
      type: 'subscribe',
      plan: 'pro-teams',
      capCents: 600,
      startNow: true,
    });
    await engine.perennial.recordUsage(account.accountId, { feature: 'review', credits: 2_900 });
    both.push(account);
  }
  return both as unknown as readonly [AccountOnClock, AccountOnClock];
}

describe('CAL-3: an outage leaves no mark on the books', () => {
  it('CAL-3 given no worker for 70 days, when it is back, then invoices, dates and order are those of a twin that never waited', async () => {
    const [disturbed, twin] = await twins();
    await twin.advance('2027-02-10T00:00:00Z');
    await engine.perennial.recordUsage(twin.accountId, { feature: 'ask', credits: 100 });
    await twin.advance('2027-04-11T09:30:00Z');
    await twin.advance('2027-04-12T09:30:00Z');
    await engine.worker.stop();
    const late = disturbed.advance('2027-02-10T00:00:00Z');
    // Usage does not need a worker.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await engine.perennial.recordUsage(disturbed.accountId, { feature: 'ask', credits: 100 });
    const later = disturbed.advance('2027-04-11T09:30:00Z');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await engine.worker.start();
    await Promise.all([late, later]);
    await disturbed.advance('2027-04-12T09:30:00Z');
    expect(await bookOf(disturbed)).toEqual(await bookOf(twin));
  });

  it('CAL-3 invariant 5 given a worker process that is killed in the middle of a year, when another goes on, then the twin’s books', async () => {
    const [disturbed, twin] = await twins();
    const end = '2028-02-01T00:00:00Z';
    await twin.advance(end);
    await engine.worker.stop();
    const victim = await startWorkerProcess(engine.options);
    const year = disturbed.advance(end);
    for (;;) {
      const { invoices } = await engine.perennial.status(disturbed.accountId);
      if (invoices.length >= 5) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await victim.kill('SIGKILL');
    const { length } = (await engine.perennial.status(disturbed.accountId)).invoices;
    expect(length).toBeLessThan(13);
    await engine.worker.start();
    await year;
    expect(await bookOf(disturbed)).toEqual(await bookOf(twin));
  }, 120_000);

  it('given SIGTERM, then the worker process ends by itself, with what it was doing done, and says so with 0', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    await engine.worker.stop();
    const polite = await startWorkerProcess(engine.options);
    const year = account.advance('2027-06-15T00:00:00Z');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await polite.kill('SIGTERM')).toBe(0);
    await engine.worker.start();
    await year;
    expect((await engine.perennial.status(account.accountId)).invoices.map((invoice) => invoice.status)).toEqual(
      Array(6).fill('paid'),
    );
  });
});
