import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { CatalogMigrations } from '../../client/operations/catalog-migrations.ts';
import { storeStripeEvent } from '../../db/stripe/stripe-inbox.ts';
import { codspeedPriced } from './codspeed-priced.ts';
import { type Engine, instant, openEngine, refusalCode, signUpOnClock, subscribedToPro } from './engine-under-test.ts';
import { workflowOf } from './lives.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const NOW = '2027-01-31T09:00:00Z';
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const lose = async (accountId: string): Promise<void> => {
  await workflowOf(engine, accountId).terminate('by hand');
};

const statusOf = async (accountId: string): Promise<string> =>
  (await workflowOf(engine, accountId).describe()).status.name;

/** The clock goes on, and no workflow of the account hears of it, as on the wall. */
async function timePasses(clockId: string, to: string): Promise<void> {
  await engine
    .db('testClocks')
    .where({ clockId })
    .update({ nowAt: instant(to) });
}

describe('an open account whose workflow is missing', () => {
  it('CAL-3 given one that was terminated, when boundaries have passed and a command comes, then they are worked off with their own dates, and then the command', async () => {
    const { accountId, clockId } = await subscribedToPro(engine, { now: NOW, seats: 2, interval: 'month' });
    await lose(accountId);
    await timePasses(clockId, '2027-04-15T00:00:00Z');
    const { effectiveAt, result } = await engine.perennial.execute(accountId, { type: 'addSeats', count: 1 });
    expect([effectiveAt, result]).toMatchObject(['2027-04-15T00:00:00Z', { seats: { quantity: 3 } }]);
    const { invoices } = await engine.perennial.status(accountId);
    expect(invoices.map(({ issuedAt, status }) => [issuedAt, status])).toEqual([
      ['2027-01-31T09:00:00Z', 'paid'],
      ['2027-02-28T09:00:00Z', 'paid'],
      ['2027-03-31T09:00:00Z', 'paid'],
    ]);
    expect(await statusOf(accountId)).toBe('RUNNING');
    expect(await engine.perennial.reconciliations.ofAccount(accountId)).toEqual([]);
  });

  it('given one on the wall’s clock whose history is gone, then a command, a newcomer and a repeat find it as it was', async () => {
    const accountId = engine.name('deleted');
    await engine.perennial.signUp({
      accountId,
      ownerId: `owner of ${accountId}`,
      catalog: 'codspeed',
      clockOffsetSeconds: 60,
    });
    const first = await engine.perennial.execute(
      accountId,
      { type: 'addMember', memberId: 'ann' },
      { commandId: 'once' },
    );
    await engine.temporal.workflowService.deleteWorkflowExecution({
      ...{ namespace: engine.options.namespace, workflowExecution: { workflowId: `account/${accountId}` } },
    });
    await vi.waitFor(() => expect(statusOf(accountId)).rejects.toThrow(), { timeout: 20_000 });
    expect(
      await engine.perennial.execute(accountId, { type: 'addMember', memberId: 'ann' }, { commandId: 'once' }),
    ).toEqual(first);
    await lose(accountId);
    expect(await engine.perennial.checkAccess(accountId, { kind: 'dashboard', member: { id: 'bob' } })).toMatchObject({
      allowed: true,
      member: 'bob',
    });
    const { members } = await engine.perennial.status(accountId);
    expect(members.map(({ member }) => member)).toEqual(['ann', 'bob']);
  });

  it('given many commands at once, then one run answers them all', async () => {
    const { accountId } = await subscribedToPro(engine, { now: NOW, seats: 1, interval: 'month' });
    await lose(accountId);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => engine.perennial.execute(accountId, { type: 'addSeats', count: 1 })),
    );
    expect(answers).toHaveLength(12);
    expect((await engine.perennial.status(accountId)).seats?.quantity).toBe(13);
  });

  it('given a command on its way, when the run is terminated before it answers, then it is done once', async () => {
    const { accountId } = await subscribedToPro(engine, { now: NOW, seats: 1, interval: 'month' });
    await engine.worker.stop();
    const answer = engine.perennial.execute(accountId, { type: 'addSeats', count: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await lose(accountId);
    await engine.worker.start();
    expect((await answer).result).toMatchObject({ seats: { quantity: 2 } });
    expect((await engine.perennial.status(accountId)).seats?.quantity).toBe(2);
  });

  it('CAL-3 given a test clock that is moved, then its account catches up, whether it had a run or not', async () => {
    const account = await subscribedToPro(engine, { now: NOW, seats: 1, interval: 'month' });
    await lose(account.accountId);
    await account.advance('2027-04-01T00:00:00Z');
    const { invoices } = await engine.perennial.status(account.accountId);
    expect(invoices.map(({ issuedAt }) => issuedAt)).toEqual([NOW, '2027-02-28T09:00:00Z', '2027-03-31T09:00:00Z']);
  });

  it('INV-6 given what happened at Stripe, when its webhook is worked off, then the account hears of it', async () => {
    const account = await subscribedToPro(engine, { now: NOW, seats: 1, interval: 'month' });
    const { accountId } = account;
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    await account.advance('2027-03-01T00:00:00Z');
    await lose(accountId);
    const [open] = await engine.db('invoices').where({ accountId, status: 'open' });
    const stripe = engine.options.stripe;
    const pay = await fetch(`${stripe.apiBase ?? ''}/v1/invoices/${open?.stripeInvoiceId ?? ''}/pay`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stripe.apiKey}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'paid_out_of_band=true',
    });
    expect(pay.status).toBe(200);
    await storeStripeEvent(engine.db, {
      ...{ eventId: `evt_${accountId}`, type: 'invoice.paid', objectId: open?.stripeInvoiceId ?? '' },
    });
    await vi.waitFor(
      async () => {
        expect((await engine.perennial.status(accountId)).phase).toBe('active');
      },
      {
        timeout: 20_000,
        interval: 100,
      },
    );
    expect(await statusOf(accountId)).toBe('RUNNING');
  });

  it('CAT-2 given a move of all accounts to another version, then one whose run is missing moves, too', async () => {
    const present = await signUpOnClock(engine, { catalog: 'codspeed', now: NOW, stem: 'present' });
    const missing = await signUpOnClock(engine, { catalog: 'codspeed', now: NOW, stem: 'missing' });
    const closed = await signUpOnClock(engine, { catalog: 'codspeed', now: NOW, stem: 'closed' });
    await engine.perennial.execute(closed.accountId, { type: 'close' });
    await lose(missing.accountId);
    const { version } = await engine.perennial.publishCatalog(codspeedPriced({ month: 5_000, year: 60_000 }));
    const { catalogMigrations } = engine.perennial;
    const { migrationId } = await catalogMigrations.start({ catalog: 'codspeed', actor: 'ann' });
    const found = (): ReturnType<CatalogMigrations['get']> => catalogMigrations.get('codspeed', migrationId);
    await vi.waitFor(
      async () => {
        expect((await found()).status).toBe('done');
      },
      { timeout: 30_000, interval: 200 },
    );
    for (const { accountId } of [present, missing]) {
      await vi.waitFor(
        async () => {
          expect((await engine.db('accounts').where({ accountId }).first())?.catalogVersion).toBe(version);
        },
        { timeout: 20_000, interval: 100 },
      );
    }
    expect(await statusOf(missing.accountId)).toBe('RUNNING');
    expect(await statusOf(closed.accountId)).toBe('COMPLETED');
  });

  it('AUD-1 given an account that nobody signed up, then a command says so, and begins nothing', async () => {
    const nobody = engine.name('nobody');
    expect(await refusalCode(engine.perennial.execute(nobody, { type: 'addSeats', count: 1 }))).toBe('unknown_account');
    await expect(statusOf(nobody)).rejects.toThrow();
  });

  it('TRI-6 given a closed account, then its workflow stays ended', async () => {
    const { accountId } = await signUpOnClock(engine, { catalog: 'codspeed', now: NOW });
    await engine.perennial.execute(accountId, { type: 'close' });
    await vi.waitFor(
      async () => {
        expect(await statusOf(accountId)).toBe('COMPLETED');
      },
      { timeout: 20_000 },
    );
    expect(await refusalCode(engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }))).toBe(
      'account_closed',
    );
    expect(await statusOf(accountId)).toBe('COMPLETED');
  });
});

describe('a workflow that somebody asks Temporal to cancel', () => {
  it('CAL-3 given one click in its UI, then the account goes on: commands, and boundaries by its clock', async () => {
    const account = await subscribedToPro(engine, { now: NOW, seats: 1, interval: 'month' });
    await workflowOf(engine, account.accountId).cancel();
    await engine.perennial.execute(account.accountId, { type: 'addSeats', count: 1 });
    await account.advance('2027-03-01T00:00:00Z');
    const { invoices, seats } = await engine.perennial.status(account.accountId);
    expect([invoices.length, seats?.quantity, await statusOf(account.accountId)]).toEqual([2, 2, 'RUNNING']);
  });

  it('CAL-3 given one on the wall’s clock that is renewed afterwards, then it goes on as well', async () => {
    const accountId = engine.name('canceled');
    await engine.perennial.signUp({ accountId, ownerId: `owner of ${accountId}`, catalog: 'qodo' });
    const before = (await workflowOf(engine, accountId).describe()).runId;
    await workflowOf(engine, accountId).cancel();
    await workflowOf(engine, accountId).signal('renewRun');
    await vi.waitFor(
      async () => {
        expect((await workflowOf(engine, accountId).describe()).runId).not.toBe(before);
      },
      {
        timeout: 20_000,
        interval: 100,
      },
    );
    await engine.perennial.execute(accountId, { type: 'addMember', memberId: 'ann' });
    expect(await statusOf(accountId)).toBe('RUNNING');
  });
});
