import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { Difference } from '../../billing/reconciliation/difference.ts';
import type { Reconciliation } from '../../db/reconciliation/reconciliations.ts';
import { createStripeClient } from '../../stripe/stripe-client.ts';
import { type Engine, openEngine, refusalCode, subscribedToCredits } from './engine-under-test.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let engine: Engine;
let stripe: Stripe;
beforeAll(async () => {
  engine = await openEngine();
  stripe = createStripeClient(engine.options.stripe);
});
afterAll(() => engine.close());

/** Two months on credits: overage that was billed, work that was held and captured, use that was given back, money that was refunded. */
async function life(stem: string): Promise<string> {
  const account = await subscribedToCredits(engine, { now: '2027-01-01T00:00:00Z', capCents: 10_000, stem });
  const { accountId } = account;
  const { perennial } = engine;
  const { included = 0 } = (await perennial.status(accountId)).meters['credits'] ?? {};
  await perennial.recordUsage(accountId, { id: 'much', feature: 'ask', credits: included + 50, model: 'sonnet' });
  await perennial.hold(accountId, { id: 'held', feature: 'ask', credits: 20 });
  await perennial.capture(accountId, { id: 'held', credits: 12 });
  await perennial.recordUsage(accountId, { id: 'failed', feature: 'ask', credits: 5 });
  await perennial.reverseUsage(accountId, { id: 'failed' });
  await account.advance('2027-02-03T00:00:00Z');
  await perennial.recordUsage(accountId, { id: 'more', feature: 'ask', credits: 3 });
  const lines = [{ line: 1, amountCents: 100 }];
  const number = `${accountId}-0001`;
  await perennial.execute(accountId, { type: 'creditInvoice', number, reason: 'sorry', lines });
  await perennial.execute(accountId, { type: 'creditInvoice', number, reason: 'sorry again', lines, to: 'balance' });
  return accountId;
}

/** As somebody would who has the database to themselves: no trigger stops them. */
async function byHand(sql: string, ...bindings: readonly string[]): Promise<void> {
  await engine.db.transaction(async (trx) => {
    await trx.raw('set local session_replication_role = replica');
    await trx.raw(sql, [...bindings]);
  });
}

async function atStripe(accountId: string): Promise<{ readonly customer: string; readonly invoice: Stripe.Invoice }> {
  const { invoices } = await engine.perennial.status(accountId);
  const expand = ['payments.data.payment.payment_intent'];
  const invoice = await stripe.invoices.retrieve(invoices[1]?.stripe?.id ?? '', { expand });
  return { customer: invoice.customer as string, invoice };
}

/** What is done to the books, and what it is called. */
const BREAKS: Readonly<Record<string, readonly [act: (accountId: string) => Promise<unknown>, ...kinds: string[]]>> = {
  'an event of the ledger': [
    (id) =>
      byHand(
        `update usage_events set units = units + 1, overage_units = overage_units + 1 where account_id = ? and event_id = 'much'`,
        id,
      ),
    'balance_differs_from_ledger',
    'days_differ_from_ledger',
  ],
  'an event that is gone': [
    (id) => byHand(`delete from usage_events where account_id = ? and event_id = 'more'`, id),
    'balance_differs_from_ledger',
    'days_differ_from_ledger',
    'events_lost',
  ],
  'a balance': [
    (id) =>
      byHand(
        'update meter_cycles set used_included_units = used_included_units - 1 where account_id = ? and closed_at is not null',
        id,
      ),
    'balance_differs_from_ledger',
  ],
  'a day': [
    (id) => byHand(`update usage_days set events = events + 1 where account_id = ? and model = 'sonnet'`, id),
    'days_differ_from_ledger',
  ],
  'a line of overage': [
    (id) => byHand(`update invoice_lines set amount = amount + 1 where account_id = ? and kind = 'overage'`, id),
    'overage_amount_differs',
    'total_is_not_its_lines',
  ],
  'the quantity of a line': [
    (id) => byHand(`update invoice_lines set quantity = quantity + 1 where account_id = ? and kind = 'overage'`, id),
    'overage_quantity_differs',
  ],
  'an invoice that is gone': [
    (id) => byHand('delete from invoices where account_id = ? and number like ?', id, '%-0002'),
    'number_missing',
    'overage_amount_differs',
    'unknown_invoice_at_stripe',
  ],
  'the status of an invoice': [
    (id) => byHand(`update invoices set status = 'uncollectible' where account_id = ? and number like ?`, id, '%-0002'),
    'status_differs_at_stripe',
  ],
  'an invoice at Stripe': [
    async (id) => {
      const { invoice } = await atStripe(id);
      await stripe.invoices.update(invoice.id, { metadata: { perennial_invoice: 'another' } });
    },
    'invoice_missing_at_stripe',
    'unknown_invoice_at_stripe',
  ],
  'a payment at Stripe': [
    async (id) => {
      const { customer, invoice } = await atStripe(id);
      const { data } = await stripe.customers.listPaymentMethods(customer);
      const payment = { customer, payment_method: data[0]?.id ?? '', confirm: true, off_session: true };
      await stripe.paymentIntents.create({ ...payment, amount: invoice.total, currency: 'usd' });
    },
    'unknown_payment_at_stripe',
  ],
  'a refund at Stripe': [
    async (id) => {
      const { invoice } = await atStripe(id);
      const intent = invoice.payments?.data[0]?.payment.payment_intent as Stripe.PaymentIntent;
      await stripe.refunds.create({ payment_intent: intent.id, amount: 100 });
    },
    'refunds_differ_at_stripe',
  ],
};

async function ended(reconciliationId: string): Promise<Reconciliation> {
  for (;;) {
    const report = await engine.perennial.reconciliations.get(reconciliationId);
    if (report.endedAt !== null) return report;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function differencesOf(reconciliationId: string): ReturnType<Engine['perennial']['reconciliations']['differences']> {
  return engine.perennial.reconciliations.differences(reconciliationId, { after: null, count: 1_000 });
}

const kindsOf = (found: readonly Difference[]): readonly string[] => [...new Set(found.map(({ kind }) => kind))].sort();

describe('AUD-3 a reconciliation of a living installation', () => {
  it('AUD-3 given accounts with a full life, when the books are sound, then nothing differs; when each thing is changed by hand, then it is named', async () => {
    const { reconciliations } = engine.perennial;
    const broken = await Promise.all(
      Object.entries(BREAKS).map(async ([what, [act, ...kinds]], index) => {
        return { what, act, kinds, accountId: await life(`broken-${String(index)}`) };
      }),
    );
    const sound = await life('sound');

    const first = await reconciliations.start('ann');
    // One at a time: whoever asks meanwhile gets that one.
    expect(await reconciliations.start('bob')).toEqual(first);
    expect(await ended(first.reconciliationId)).toMatchObject({
      ...{ startedBy: 'ann', accountsLookedAt: broken.length + 1, differenceCount: 0 },
    });

    for (const { act, accountId } of broken) await act(accountId);
    const second = await reconciliations.start('ann');
    expect(second).not.toEqual(first);
    await ended(second.reconciliationId);
    const found = await differencesOf(second.reconciliationId);
    const named = broken.map(({ what, accountId }) => {
      return { what, kinds: kindsOf(found.filter((each) => each.accountId === accountId)) };
    });
    expect(named).toEqual(broken.map(({ what, kinds }) => ({ what, kinds: [...kinds].sort() })));
    expect(found.filter(({ accountId }) => accountId === sound)).toEqual([]);
    const [money] = found.filter(({ kind }) => kind === 'unknown_payment_at_stripe');
    expect(money).toMatchObject({ expected: 0, sentence: expect.stringContaining('belongs to no invoice') });
    expect(money?.found).toBeGreaterThan(0);

    const { accountId = '' } = broken[0] ?? {};
    expect(kindsOf(await reconciliations.ofAccount(accountId))).toEqual(
      kindsOf(found.filter((each) => each.accountId === accountId)),
    );
    expect(await reconciliations.ofAccount(sound)).toEqual([]);
    expect((await reconciliations.list({ after: null, count: 10 })).map((each) => each.reconciliationId)).toEqual([
      second.reconciliationId,
      first.reconciliationId,
    ]);
    expect(await refusalCode(reconciliations.get('nothing'))).toBe('unknown_reconciliation');
    expect(await refusalCode(reconciliations.ofAccount('nobody'))).toBe('unknown_account');
  });

  it('AUD-3 given a Temporal schedule, when it comes, then the books are compared, and nobody has to ask', async () => {
    const scheduleId = engine.name('reconciliation');
    const schedule = await engine.temporal.schedule.create({
      scheduleId,
      spec: { calendars: [{ hour: 3 }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'reconciliationWorkflow',
        workflowId: scheduleId,
        taskQueue: engine.options.taskQueue ?? '',
      },
      policies: { overlap: 'SKIP' },
    });
    try {
      await schedule.trigger();
      const report = await vi.waitFor(
        async () => {
          const [newest] = await engine.perennial.reconciliations.list({ after: null, count: 1 });
          expect(newest?.startedBy).toBe('schedule');
          return newest;
        },
        { timeout: 20_000, interval: 200 },
      );
      expect((await ended(report?.reconciliationId ?? '')).accountsLookedAt).toBeGreaterThanOrEqual(0);
    } finally {
      await schedule.delete();
    }
  });

  it('AUD-3 given more accounts than a page, when the books are compared, then each is looked at once', async () => {
    const accountId = engine.name('copied');
    await engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'codspeed' });
    const copy = `jsonb_build_object('account_id', account_id || i, 'owner_id', owner_id || i)`;
    await byHand(
      `insert into accounts select (jsonb_populate_record(a, ${copy})).*
       from accounts a, generate_series(1, 120) i where account_id = ?`,
      accountId,
    );
    const { reconciliationId } = await engine.perennial.reconciliations.start('ann');
    const [counted] = await engine.db('accounts').count({ accounts: '*' });
    expect(await ended(reconciliationId)).toMatchObject({ accountsLookedAt: counted?.accounts });
  });

  it('AUD-3 given an account that cannot be read, when the books are compared, then the report says so and goes on', async () => {
    const accountId = await life('unreadable');
    // Larger than what is counted with (MON-1): reading it is an error.
    await byHand('update meter_cycles set trial_units = 9007199254740993 where account_id = ?', accountId);
    const [difference] = await engine.perennial.reconciliations.ofAccount(accountId);
    expect(difference).toMatchObject({ kind: 'not_compared', sentence: expect.stringContaining('safe integer') });
  });
});
