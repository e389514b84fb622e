import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { AccountActivities } from '../../activities/account-activities.ts';
import { createActivities } from '../../activities/create-activities.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { createStripeClient } from '../../stripe/stripe-client.ts';
import { type SandboxProcess, startSandbox } from '../stripe/sandbox-process.ts';
import { dumpDatabase } from './database-dump.ts';
import { DirectAccount } from './direct-account.ts';
import { type Engine, instant, openEngine } from './engine-under-test.ts';

const START = instant('2027-01-31T10:00:00Z');

let engine: Engine;
/** Its own: what goes wrong here must not go wrong for other test files. */
let sandbox: SandboxProcess;

beforeAll(async () => {
  [engine, sandbox] = await Promise.all([openEngine(), startSandbox()]);
});

afterAll(async () => {
  await Promise.all([engine.close(), sandbox.stop()]);
});

/** Impatient, and without repeats of its own: here the tests repeat. */
const impatientStripe = (): Stripe =>
  createStripeClient({ apiKey: 'sk_test_perennial', apiBase: sandbox.baseUrl, timeoutMs: 500, maxNetworkRetries: 0 });

const activitiesOn = (db: Database, stripe = impatientStripe()): AccountActivities => createActivities(db, stripe);

async function newAccount(activities: AccountActivities, catalog: 'qodo' | 'codspeed'): Promise<DirectAccount> {
  const accountId = engine.name('direct');
  await engine.perennial.createTestClock({ clockId: accountId, now: START });
  const account = new DirectAccount(activities, { accountId, testClockId: accountId, now: START });
  await account.command({ type: 'signUp', ownerId: accountId, catalog });
  return account;
}

interface StripeInvoice {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly customer: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface AtStripe {
  readonly invoices: readonly StripeInvoice[];
  readonly chargedCents: readonly number[];
  readonly customers: number;
}

/** What Stripe has of an account. */
async function atStripe(accountId: string): Promise<AtStripe> {
  const state = (await sandbox.control('GET', '/state')) as {
    customers: { id: string; metadata: Record<string, string> }[];
    invoices: StripeInvoice[];
    charges: { customer: string; amount: number; status: string }[];
  };
  const customers = state.customers.filter((customer) => customer.metadata['perennial_account'] === accountId);
  const ids = new Set(customers.map((customer) => customer.id));
  return {
    invoices: state.invoices.filter((invoice) => invoice.metadata['perennial_account'] === accountId),
    chargedCents: state.charges
      .filter((each) => ids.has(each.customer) && each.status === 'succeeded')
      .map((each) => each.amount),
    customers: customers.length,
  };
}

/** Invariant 2: what we issued and collected is what Stripe has, one to one. */
async function expectBooksToAgree(accountId: string): Promise<void> {
  const { invoices } = await engine.perennial.status(accountId);
  const stripe = await atStripe(accountId);
  const ours = invoices.filter((invoice) => invoice.stripe !== null);
  expect(stripe.invoices.map(({ id, status, total }) => ({ id, status, total })).sort(byId)).toEqual(
    ours.map((invoice) => ({ id: invoice.stripe?.id, status: invoice.status, total: invoice.total })).sort(byId),
  );
  expect([...stripe.chargedCents].sort()).toEqual(
    invoices
      .filter((each) => each.status === 'paid' && each.total > 0)
      .map((each) => each.total)
      .sort(),
  );
  expect(stripe.customers).toBeLessThanOrEqual(1);
}

const byId = (a: { id: string | undefined }, b: { id: string | undefined }): number =>
  (a.id ?? '') < (b.id ?? '') ? -1 : 1;

/** A life with all kinds of dues: a trial, a renewal, a decline with its retries, seats paid at once, one that cannot be paid for. */
async function liveALife(activities: AccountActivities): Promise<readonly DirectAccount[]> {
  const qodo = await newAccount(activities, 'qodo');
  await qodo.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' });
  await qodo.command({ type: 'subscribe', plan: 'pro-teams' });
  await qodo.advance(instant('2027-02-20T00:00:00Z'));
  await qodo.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_chargeCustomerFail' });
  await qodo.advance(instant('2027-03-16T11:00:00Z'));
  await qodo.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' });
  const yearly = await newAccount(activities, 'codspeed');
  await yearly.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' });
  await yearly.command({ type: 'subscribe', plan: 'pro', interval: 'year', seats: 3 });
  await yearly.advance(instant('2027-06-01T00:00:00Z'));
  await yearly.command({ type: 'addSeats', count: 2 });
  await yearly.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_chargeCustomerFail' });
  await yearly.command({ type: 'addSeats', count: 1 });
  return [qodo, yearly];
}

describe('invariant 9: re-running anything changes nothing', () => {
  it('INV-1 INV-4 invariants 4, 5 and 9 given every activity is called twice, then the second call writes nothing and answers the same', async () => {
    const plain = activitiesOn(engine.db, sandbox.client());
    const called = new Set<string>();
    const twice = new Proxy(plain, {
      get:
        (target, name: keyof AccountActivities) =>
        async (...args: never[]) => {
          const act = target[name] as (...all: never[]) => Promise<unknown>;
          const first = await act(...args);
          const before = await dumpDatabase(engine.db);
          expect(await act(...args), name).toEqual(first);
          expect(await dumpDatabase(engine.db), name).toEqual(before);
          called.add(name);
          return first;
        },
    });
    const accounts = await liveALife(twice);
    for (const { accountId } of accounts) await plain.readAccount(accountId);
    expect([...called].sort()).toEqual([
      'applyCommands',
      'attachPaymentMethod',
      'closeAtStripe',
      'collectInvoice',
      'workOffDue',
    ]);
    for (const { accountId } of accounts) await expectBooksToAgree(accountId);
  });

  it('INV-1 invariants 4 and 5 given four workers race for every activity, then one invoice, one charge and one answer', async () => {
    const pools = Array.from({ length: 4 }, () => openDatabase(engine.options.databaseUrl, 3));
    const racers = pools.map((pool) => activitiesOn(pool, sandbox.client()));
    const raced = new Proxy(racers[0]!, {
      get:
        (_target, name: keyof AccountActivities) =>
        async (...args: never[]) => {
          const runs = await Promise.allSettled(
            racers.map((racer) => (racer[name] as (...all: never[]) => Promise<unknown>)(...args)),
          );
          // Who loses a race may fail, as long as a repeat succeeds: that is what Temporal does.
          const last = await (racers[0]![name] as (...all: never[]) => Promise<unknown>)(...args);
          expect(runs.filter((run) => run.status === 'fulfilled').length).toBeGreaterThan(0);
          return last;
        },
    });
    const accounts = await liveALife(raced);
    for (const { accountId } of accounts) await expectBooksToAgree(accountId);
    const { invoices, seats } = await engine.perennial.status(accounts[1]!.accountId);
    expect(seats?.quantity).toBe(5);
    expect(invoices.map((each) => [each.purpose, each.status])).toEqual([
      ['start', 'paid'],
      ['seats', 'paid'],
      ['seats', 'void'],
    ]);
    expect(invoices.map((each) => each.number?.slice(-4))).toEqual(['0001', '0002', '0003']);
    await Promise.all(pools.map((pool) => pool.destroy()));
  });
});

describe('INV-4: killed between Stripe and Postgres', () => {
  const faults = [
    { kind: 'reset_before' },
    { kind: 'reset_after' },
    { kind: 'server_error_before' },
    { kind: 'server_error_after' },
    { kind: 'hang_after' },
    { kind: 'rate_limit' },
    { kind: 'conflict' },
  ];
  /** Of a charged invoice: paying it finalizes it. */
  const acts = ['create', 'lines', 'pay'];

  it('INV-4 invariants 2 and 5 given each request to Stripe fails in each way, then one invoice, one charge, and the books agree', async () => {
    const stormy = faults.flatMap((fault) => acts.map((act) => ({ fault, act })));
    await eachOf(stormy, 4, async ({ fault, act }) => {
      const activities = activitiesOn(engine.db);
      const account = await newAccount(activities, 'codspeed');
      await account.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' });
      await account.command({ type: 'subscribe', plan: 'pro', seats: 3 }, { collect: false });
      await sandbox.fault({ ...fault, method: 'POST', key: `${account.accountId}.*:${act}` });
      const tries = await untilItSucceeds(() => account.workOff(account.nextDue!));
      const label = `${fault.kind} at ${act}, ${String(tries)} tries`;
      expect((await atStripe(account.accountId)).chargedCents, label).toEqual([6_000]);
      expect((await engine.perennial.status(account.accountId)).phase, label).toBe('active');
      await expectBooksToAgree(account.accountId);
    });
    expect(await sandbox.control('GET', '/faults')).toEqual({ faults: [] });
  });

  it('INV-4 given the process dies before any of its writes, when another goes on, then one customer, one invoice, one charge', async () => {
    let isDead = true;
    let deadly = 0;
    for (; isDead && deadly < 40; deadly++) {
      const account = await newAccount(activitiesOn(engine.db), 'codspeed');
      await account.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' });
      await account.command({ type: 'subscribe', plan: 'pro', seats: 2 }, { collect: false });
      const due = account.nextDue!;
      const mortal = openMortalDatabase(deadly);
      const run = activitiesOn(mortal.db, sandbox.client()).collectInvoice(account.accountId, due);
      isDead = await run.then(
        () => false,
        () => true,
      );
      expect(isDead).toBe(mortal.isDead());
      await mortal.db.destroy();
      await account.workOff(due);
      expect((await atStripe(account.accountId)).chargedCents, `killed before write ${String(deadly)}`).toEqual([
        4_000,
      ]);
      await expectBooksToAgree(account.accountId);
    }
    // The request with what Stripe said, the decision, its outcome with the invoice, and the commit; and once it lived.
    expect(deadly).toBe(5);
  });

  it('INV-4 given an invoice whose making went unheard, and a newer one that was collected, when its keys are forgotten, then it is found', async () => {
    const activities = activitiesOn(engine.db);
    const account = await newAccount(activities, 'codspeed');
    await account.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' });
    await account.command({ type: 'subscribe', plan: 'pro', interval: 'year', seats: 2 });
    await account.command({ type: 'addSeats', count: 1 }, { collect: false });
    const unheard = account.nextDue!;
    await sandbox.fault({ kind: 'server_error_after', method: 'POST', key: `${account.accountId}.*:create` });
    await expect(activities.collectInvoice(account.accountId, unheard, 'beside')).rejects.toThrow();
    await account.command({ type: 'addSeats', count: 1 }, { collect: false });
    const newer = account.summary!.dues.find((due) => due.invoiceId !== unheard.invoiceId && due.kind === 'collect')!;
    await account.workOff(newer);
    const { rows } = await engine.db.raw<{ rows: { made: Date | null; known: Date | null }[] }>(
      'select stripe_created_at as made, stripe_newest_at as known from invoices where account_id = ? order by number',
      [account.accountId],
    );
    const made = rows[0]?.made;
    expect(rows.map((row) => row.known)).toEqual([null, made, made]);
    // As if it had been made an hour later: what is there by now is not what was known when the first was issued.
    const later = "update invoices set stripe_created_at = stripe_created_at + interval '1 hour' where invoice_id = ?";
    await engine.db.raw(later, [newer.invoiceId]);
    // A day goes by, after which Stripe need not know the keys.
    const aged = "update invoices set stripe_newest_at = stripe_newest_at - interval '1 day' where account_id = ?";
    await engine.db.raw(aged, [account.accountId]);
    await sandbox.control('POST', '/forget-idempotency-keys');
    await account.workOff(unheard);
    expect((await atStripe(account.accountId)).invoices).toHaveLength(3);
    await expectBooksToAgree(account.accountId);
  });

  it('SBI-11 given the process dies after it recorded a failed seat payment, then the repeat still tells whose seats were taken back', async () => {
    const activities = activitiesOn(engine.db);
    const account = await newAccount(activities, 'codspeed');
    await account.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' });
    await account.command({ type: 'subscribe', plan: 'pro', interval: 'year', seats: 1 });
    await account.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_chargeCustomerFail' });
    const { commandId } = await account.command({ type: 'addSeats', count: 1 }, { collect: false });
    const due = account.nextDue!;
    const told = [
      { commandId, refusal: { code: 'payment_failed', message: expect.stringContaining('undone') as string } },
    ];
    expect((await activities.collectInvoice(account.accountId, due)).revoked).toMatchObject(told);
    expect((await activities.collectInvoice(account.accountId, due)).revoked).toMatchObject(told);
  });
});

describe('closing at Stripe what has ended here', () => {
  it('INV-5 given a void invoice that the customer paid at Stripe meanwhile, then the difference stays visible', async () => {
    const activities = activitiesOn(engine.db);
    const account = await newAccount(activities, 'codspeed');
    await account.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_visa' });
    await account.command({ type: 'subscribe', plan: 'pro', interval: 'year', seats: 1 });
    await account.command({ type: 'setPaymentMethod', paymentMethodId: 'pm_card_chargeCustomerFail' });
    await account.command({ type: 'addSeats', count: 1 }, { collect: false });
    await account.workOff(account.nextDue!);
    const open = (await atStripe(account.accountId)).invoices.find((invoice) => invoice.status === 'open')!;
    await payAsCustomer(open);
    await account.advance(START);
    const invoice = (await engine.perennial.status(account.accountId)).invoices.find(
      (each) => each.stripe?.id === open.id,
    );
    expect([invoice?.status, invoice?.stripe?.status]).toEqual(['void', 'paid']);
  });
});

/** As on the hosted page: with another card than the one on file. */
async function payAsCustomer({ id, customer }: StripeInvoice): Promise<void> {
  const stripe = sandbox.client();
  const card = await stripe.paymentMethods.attach('pm_card_mastercard', { customer });
  await stripe.invoices.pay(id, { payment_method: card.id });
}

/** What a pool tells of a connection that it has made. */
type Made = (
  id: number,
  connection: { query: (asked: string | { text: string }, ...others: unknown[]) => unknown },
) => void;

/** A database that a process loses with its life: a number of writes succeed, and from then on nothing does. */
function openMortalDatabase(writesToLive: number): { db: Database; isDead: () => boolean } {
  const db = openDatabase(engine.options.databaseUrl, 1);
  let writes = 0;
  let isDead = false;
  const { pool } = db.client as { pool: { on: (event: 'createSuccess', made: Made) => void } };
  pool.on('createSuccess', (_id, connection) => {
    const query = connection.query.bind(connection);
    connection.query = (asked: string | { text: string }, ...others: unknown[]) => {
      const text = typeof asked === 'string' ? asked : asked.text;
      if (/^\s*(with|insert|update|commit)/i.test(text) && writes++ === writesToLive) isDead = true;
      if (isDead) throw new Error('killed');
      return query(asked, ...others);
    };
  });
  return { db, isDead: () => isDead };
}

async function untilItSucceeds(act: () => Promise<unknown>): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      await act();
      return tries;
    } catch (error) {
      if (tries === 8) throw error;
    }
  }
}

async function eachOf<Item>(items: readonly Item[], atOnce: number, act: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
    }),
  );
}
