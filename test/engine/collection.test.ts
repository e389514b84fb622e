import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type SandboxProcess, startSandbox, TEST_KEY } from '../stripe/sandbox-process.ts';
import {
  type AccountOnClock,
  type Engine,
  openEngine,
  refusalCode,
  startWorkerProcess,
  subscribedToPro,
} from './engine-under-test.ts';
import { untilIdle, workflowOf } from './lives.ts';

/** A command that does not need Stripe is answered within this, whatever Stripe does; the queue waits for Stripe 4 s, and one request. */
const SECONDS_MS = 12_000;
const START = '2027-01-01T00:00:00Z';

let engine: Engine;
/** Its own: an outage here must not be one for other test files. */
let sandbox: SandboxProcess;

beforeAll(async () => {
  sandbox = await startSandbox();
  engine = await openEngine({ stripe: { apiKey: TEST_KEY, apiBase: sandbox.baseUrl } });
});

afterAll(async () => {
  await engine.close();
  await sandbox.stop();
});

/** From now on Stripe does not work for anybody. */
const outage = (kind: string): Promise<void> => sandbox.fault({ kind, path: '^/v1/', times: 100_000 });

async function outageEnds(): Promise<void> {
  await sandbox.control('DELETE', '/faults');
}

async function within<Result>(limitMs: number, act: () => Promise<Result>): Promise<Result> {
  const begunAtMs = performance.now();
  const result = await act();
  expect(performance.now() - begunAtMs).toBeLessThan(limitMs);
  return result;
}

/** What was really charged to an account, in cents, oldest first. */
async function chargedCents(accountId: string): Promise<readonly number[]> {
  const state = (await sandbox.control('GET', '/state')) as {
    customers: { id: string; metadata: Record<string, string> }[];
    charges: { customer: string; amount: number; status: string }[];
  };
  const ids = new Set(
    state.customers.filter((each) => each.metadata['perennial_account'] === accountId).map((each) => each.id),
  );
  return state.charges
    .filter((each) => ids.has(each.customer) && each.status === 'succeeded')
    .map((each) => each.amount);
}

const invoicesOf = async ({
  accountId,
}: AccountOnClock): Promise<readonly (readonly [string, string, string | null])[]> =>
  (await engine.perennial.status(accountId)).invoices.map(({ purpose, status, stripe }) => [
    purpose,
    status,
    stripe?.status ?? null,
  ]);

const proAccount = (interval: 'month' | 'year', stem: string): Promise<AccountOnClock> =>
  subscribedToPro(engine, { now: START, seats: 2, interval, stem });

describe('INV-4: Stripe is out', () => {
  it.each(['hang_before', 'server_error_before', 'rate_limit'])(
    'INV-4 SBI-11 given Stripe answers with %s, then commands are answered within seconds, a payment is pending, and it is collected once when Stripe is back',
    async (kind) => {
      const account = await proAccount('year', kind);
      const { accountId } = account;
      await engine.perennial.execute(accountId, { type: 'admitMember', memberId: 'ada' });
      await account.advance('2027-07-02T12:00:00Z');
      await outage(kind);
      const bought = await within(SECONDS_MS, () =>
        engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }),
      );
      expect(bought.result).toMatchObject({ bought: 1, payment: 'pending' });
      await within(3_000, () => engine.perennial.execute(accountId, { type: 'disableMember', memberId: 'ada' }));
      await within(3_000, () => engine.perennial.execute(accountId, { type: 'setAutomaticAllocation', enabled: true }));
      // Nobody tries Stripe first any more.
      const more = await within(3_000, () => engine.perennial.execute(accountId, { type: 'addSeats', count: 2 }));
      expect(more.result).toMatchObject({ bought: 2, payment: 'pending' });
      expect(await workflowOf(engine, accountId).query<string>('page')).toContain('Stripe does not answer');
      expect(await workflowOf(engine, accountId).query<boolean>('idle')).toBe(false);
      await outageEnds();
      await untilIdle(engine, accountId, 60_000);
      expect(await invoicesOf(account)).toEqual([
        ['start', 'paid', 'paid'],
        ['seats', 'paid', 'paid'],
        ['seats', 'paid', 'paid'],
      ]);
      expect(await chargedCents(accountId)).toHaveLength(3);
      expect((await engine.perennial.status(accountId)).seats).toMatchObject({ quantity: 5 });
    },
    120_000,
  );

  it('CAL-3 INV-4 given an outage at the renewal, then a monthly seat and the next boundary go on, and advancing waits for every payment', async () => {
    const account = await proAccount('month', 'renewal');
    const { accountId } = account;
    await outage('server_error_before');
    const advancing = account.advance('2027-02-15T00:00:00Z');
    const added = engine.perennial.execute(accountId, { type: 'addSeats', count: 1 });
    await within(SECONDS_MS, () => added);
    let hasArrived = false;
    const later = account.advance('2027-03-15T00:00:00Z').finally(() => {
      hasArrived = true;
    });
    await vi.waitUntil(async () => (await invoicesOf(account)).length === 3, { timeout: 30_000 });
    expect(await invoicesOf(account)).toEqual([
      ['start', 'paid', 'paid'],
      ['cycle', 'open', null],
      ['cycle', 'open', null],
    ]);
    expect(hasArrived).toBe(false);
    await outageEnds();
    await Promise.all([advancing, later]);
    const { invoices, phase } = await engine.perennial.status(accountId);
    expect(invoices.map(({ status, total }) => [status, total])).toEqual([
      ['paid', 4_000],
      ['paid', 4_000],
      // Three seats for March, and the third one's part of February: 14 of 28 days.
      ['paid', 7_000],
    ]);
    expect(phase).toBe('active');
    expect(await chargedCents(accountId)).toHaveLength(3);
  }, 120_000);

  it('SBI-11 given an outage, when Stripe is back and the card is declined, then the seat is taken back, and who asks again is refused', async () => {
    const account = await proAccount('year', 'declined-later');
    const { accountId } = account;
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    await outage('rate_limit');
    const ask = (): Promise<unknown> =>
      engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }, { commandId: 'one more' });
    expect(await ask()).toMatchObject({ result: { payment: 'pending' } });
    // The same again, while it is pending: the same answer.
    expect(await ask()).toMatchObject({ result: { payment: 'pending' } });
    await outageEnds();
    await untilIdle(engine, accountId, 60_000);
    expect(await refusalCode(ask())).toBe('payment_failed');
    expect(await invoicesOf(account)).toEqual([
      ['start', 'paid', 'paid'],
      ['seats', 'void', 'void'],
    ]);
    expect((await engine.perennial.status(accountId)).seats).toMatchObject({ quantity: 2 });
  }, 120_000);

  it('INV-5 given a card that is set during an outage, then other commands go on, and the card is set when Stripe is back', async () => {
    const { accountId } = await proAccount('month', 'card');
    await outage('server_error_before');
    const card = engine.perennial.addPaymentMethod(accountId, 'pm_card_mastercard');
    await within(SECONDS_MS, () => engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }));
    expect((await engine.perennial.status(accountId)).paymentMethod?.brand).toBe('visa');
    await outageEnds();
    expect((await card).result).toMatchObject({ brand: 'mastercard' });
    expect((await engine.perennial.status(accountId)).paymentMethod?.brand).toBe('mastercard');
  }, 120_000);

  it('invariant 5 given a payment whose answer is lost, and a worker that is killed during the outage, then it is charged once', async () => {
    const account = await proAccount('year', 'killed');
    const { accountId } = account;
    await engine.worker.stop();
    const victim = await startWorkerProcess(engine.options);
    await account.advance('2027-07-02T12:00:00Z');
    // The first request to pay is executed and its answer lost; from then on nothing is heard of Stripe.
    await sandbox.fault({ kind: 'hang_after', key: `${accountId}/seats.*:pay` });
    const added = engine.perennial.execute(accountId, { type: 'addSeats', count: 1 });
    await vi.waitUntil(async () => (await chargedCents(accountId)).length === 2, { timeout: 20_000, interval: 20 });
    await outage('hang_before');
    expect((await added).result).toMatchObject({ payment: 'pending' });
    await victim.kill('SIGKILL');
    await outageEnds();
    await engine.worker.start();
    await untilIdle(engine, accountId, 90_000);
    expect(await invoicesOf(account)).toEqual([
      ['start', 'paid', 'paid'],
      ['seats', 'paid', 'paid'],
    ]);
    expect(await chargedCents(accountId)).toHaveLength(2);
  }, 150_000);
});

describe('what Stripe will never take', () => {
  it('INV-4 AUD-2 given a customer that was deleted at Stripe, then it is told once, stops nothing, and rests', async () => {
    const account = await proAccount('month', 'deleted');
    const { accountId } = account;
    const { stripeCustomerId } = (await engine.db('accounts').where({ accountId }).first())!;
    await sandbox.client().customers.del(stripeCustomerId ?? '');
    // Advancing does not wait for what no time will mend.
    await within(30_000, () => account.advance('2027-02-02T00:00:00Z'));
    await within(3_000, () => engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }));
    const told = (await engine.perennial.status(accountId)).audit.filter(
      ({ action }) => action === 'collection.failed',
    );
    expect(told).toMatchObject([
      { actor: 'perennial', after: { message: expect.stringContaining('customer') as string } },
    ]);
    expect(await workflowOf(engine, accountId).query<string>('page')).toContain('needs a person');
    const { history } = await workflowOf(engine, accountId)
      .fetchHistory()
      .then((events) => ({ history: events.events ?? [] }));
    const before = history.length;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    // No hot loop: nothing is tried before hours have passed.
    expect((await workflowOf(engine, accountId).fetchHistory()).events?.length).toBeLessThanOrEqual(before + 3);
    expect(await refusalCode(engine.perennial.addPaymentMethod(accountId, 'pm_card_visa'))).toBe('provider_refused');
  }, 90_000);
});
