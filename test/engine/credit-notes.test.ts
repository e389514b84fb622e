import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { createStripeClient } from '../../stripe/stripe-client.ts';
import { dumpDatabase } from './database-dump.ts';
import { type AccountOnClock, type Engine, openEngine, refusalCode, subscribedToPro } from './engine-under-test.ts';
import { workflowOf } from './lives.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NOW = '2027-01-01T00:00:00Z';
let engine: Engine;
let stripe: Stripe;
beforeAll(async () => {
  engine = await openEngine();
  stripe = createStripeClient(engine.options.stripe);
});
afterAll(() => engine.close());

/** Ten seats by the month: one invoice, one line of 20 000 cents. */
const account = (stem: string): Promise<AccountOnClock> =>
  subscribedToPro(engine, { now: NOW, seats: 10, interval: 'month', stem });

const credit = (accountId: string, amountCents: number, more: { commandId?: string; to?: 'card' | 'balance' } = {}) => {
  const { commandId, to } = more;
  const lines = [{ line: 1, amountCents }];
  const command = { type: 'creditInvoice', number: `${accountId}-0001`, reason: 'Down for a day', lines } as const;
  const options = commandId === undefined ? {} : { commandId };
  return engine.perennial.execute(accountId, { ...command, ...(to === undefined ? {} : { to }) }, options);
};

async function refundedCents(accountId: string): Promise<number> {
  const { invoices } = await engine.perennial.status(accountId);
  const id = invoices[0]?.stripe?.id ?? '';
  const notes = await stripe.creditNotes.list({ invoice: id });
  return notes.data.reduce((sum, note) => sum + note.refunds.reduce((all, each) => all + each.amount_refunded, 0), 0);
}

describe('INV-7: credit notes in the engine', () => {
  it('INV-7 given a paid invoice, when it is credited and the command is repeated, then Stripe gives the money back once', async () => {
    const { accountId } = await account('credited');
    const first = await credit(accountId, 1500, { commandId: 'sorry' });
    expect(first.result).toEqual({ creditNote: `${accountId}-CN-0001`, total: 1500, destination: 'card' });
    expect(await credit(accountId, 1500, { commandId: 'sorry' })).toEqual(first);
    expect(await refusalCode(credit(accountId, 1, { commandId: 'sorry' }))).toBe('idempotency_conflict');
    expect(await refundedCents(accountId)).toBe(1500);
    const { creditNotes, invoices } = await engine.perennial.status(accountId);
    expect(creditNotes).toMatchObject([
      {
        number: `${accountId}-CN-0001`,
        invoice: `${accountId}-0001`,
        reason: 'Down for a day',
        status: 'refunded',
        total: 1500,
      },
    ]);
    expect(creditNotes[0]?.stripe?.id).toMatch(/^cn_/);
    expect(invoices[0]).toMatchObject({ total: 20_000, status: 'paid' });
  });

  it('INV-7 given many credits at the same time, when together they exceed what was paid, then what is given back does not', async () => {
    const { accountId } = await account('racing');
    // Six of 4 000 against 20 000: five fit.
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => credit(accountId, 4000)));
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(5);
    expect(await refundedCents(accountId)).toBe(20_000);
    expect(await refusalCode(credit(accountId, 1))).toBe('credit_exceeds_paid');
  });

  it('INV-7 given a refund that Stripe refuses, when it was asked for, then the command is refused, also repeated, and nothing is lost', async () => {
    const { accountId } = await account('refused');
    const { invoices } = await engine.perennial.status(accountId);
    const paid = await stripe.invoices.retrieve(invoices[0]?.stripe?.id ?? '', {
      expand: ['payments.data.payment.payment_intent'],
    });
    const intent = paid.payments?.data[0]?.payment.payment_intent as Stripe.PaymentIntent;
    // Somebody gave it back by hand, in the dashboard.
    await stripe.refunds.create({ payment_intent: intent.id });
    expect(await refusalCode(credit(accountId, 500, { commandId: 'late' }))).toBe('refund_failed');
    expect(await refusalCode(credit(accountId, 500, { commandId: 'late' }))).toBe('refund_failed');
    const { creditNotes, notices } = await engine.perennial.status(accountId);
    expect(creditNotes).toMatchObject([{ status: 'failed', stripe: null }]);
    expect(notices.at(-1)?.kind).toBe('refund_failed');
    // To the balance it goes all the same.
    expect((await credit(accountId, 500, { to: 'balance' })).result).toMatchObject({ destination: 'balance' });
    expect((await engine.perennial.upcomingInvoice(accountId))?.total).toBe(19_500);
  });

  it('INV-7 given a closed account whose workflow has ended, when it is credited, then the workflow comes back for it and ends again', async () => {
    const { accountId } = await account('closed');
    await engine.perennial.execute(accountId, { type: 'close' });
    const over = async (): Promise<boolean> =>
      (await workflowOf(engine, accountId).describe()).status.name === 'COMPLETED';
    await vi.waitUntil(over, { timeout: 20_000 });
    await credit(accountId, 2500);
    expect(await refundedCents(accountId)).toBe(2500);
    await vi.waitUntil(over, { timeout: 20_000 });
  });

  it('INV-7 given a credit note, when somebody changes or deletes it in the database, then the database refuses', async () => {
    const { accountId } = await account('final');
    await credit(accountId, 100);
    const before = await dumpDatabase(engine.db);
    const ours = { accountId };
    await expect(engine.db('creditNotes').where(ours).update({ total: 1 })).rejects.toThrow('does not change (INV-7)');
    await expect(engine.db('creditNotes').where(ours).update({ reason: 'x' })).rejects.toThrow(
      'does not change (INV-7)',
    );
    await expect(engine.db('creditNotes').where(ours).delete()).rejects.toThrow();
    await expect(engine.db('creditNoteLines').where(ours).update({ amount: 1 })).rejects.toThrow('(INV-7)');
    await expect(engine.db('creditNoteLines').where(ours).delete()).rejects.toThrow('(INV-7)');
    expect(await dumpDatabase(engine.db)).toEqual(before);
  });
});
