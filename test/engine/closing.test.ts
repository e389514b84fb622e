import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type Engine, openEngine, refusalCode, signUpOnClock, subscribedToCredits } from './engine-under-test.ts';
import { workflowOf } from './lives.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

async function untilCompleted(accountId: string): Promise<void> {
  await vi.waitUntil(async () => (await workflowOf(engine, accountId).describe()).status.name === 'COMPLETED', {
    timeout: 20_000,
    interval: 50,
  });
}

describe('TRI-6: a closed account in the engine', () => {
  it('TRI-6 given a paid account, when it is closed, then its workflow ends, and whatever comes later is answered clearly', async () => {
    const account = await subscribedToCredits(engine, { now: '2027-01-01T00:00:00Z', capCents: 5000, stem: 'closing' });
    const { accountId } = account;
    await engine.perennial.recordUsage(accountId, { feature: 'review', credits: 3000, id: 'e1' });
    const close = { type: 'close' } as const;
    expect(await engine.perennial.preview(accountId, close)).toMatchObject({ dueNowCents: 600, nextInvoiceCents: 0 });
    const closed = await engine.perennial.execute(accountId, close, { commandId: 'goodbye' });
    expect(closed.result).toMatchObject({ closedAt: '2027-01-01T00:00:00Z', total: 600 });
    await untilCompleted(accountId);

    // The answer is remembered, and nothing else is done.
    expect(await engine.perennial.execute(accountId, close, { commandId: 'goodbye' })).toEqual(closed);
    expect(await refusalCode(engine.perennial.execute(accountId, { type: 'resume' }, { commandId: 'goodbye' }))).toBe(
      'idempotency_conflict',
    );
    expect(await refusalCode(engine.perennial.execute(accountId, close))).toBe('account_closed');
    expect(await refusalCode(engine.perennial.addPaymentMethod(accountId, 'pm_card_visa'))).toBe('account_closed');
    expect(await refusalCode(engine.perennial.recordUsage(accountId, { feature: 'review', id: 'e2' }))).toBe(
      'account_closed',
    );
    const run = { kind: 'run', sender: { id: 'ann' }, visibility: 'private' } as const;
    expect(await refusalCode(engine.perennial.checkAccess(accountId, run))).toBe('account_closed');
    await expect(workflowOf(engine, accountId).signal('addSeats', { count: 1 })).rejects.toThrow('already completed');

    // The clock may go on, and what it was stays readable.
    await account.advance('2027-06-01T00:00:00Z');
    const status = await engine.perennial.status(accountId);
    expect(status).toMatchObject({ phase: 'canceled', closedAt: '2027-01-01T00:00:00Z', next: [] });
    expect(status.invoices.map(({ total, status: state }) => [total, state])).toEqual([
      [3000, 'paid'],
      [600, 'paid'],
    ]);
    expect(await engine.perennial.upcomingInvoice(accountId)).toBeNull();
  });

  it('TRI-6 given a closed account, when its owner signs up again, then it is another account without a trial, and the old id stays closed', async () => {
    const { accountId } = await signUpOnClock(engine, {
      catalog: 'qodo',
      now: '2027-01-01T00:00:00Z',
      stem: 'leaving',
    });
    const ownerId = `owner of ${accountId}`;
    const again = { accountId: `${accountId}-again`, ownerId, catalog: 'qodo', testClockId: `clock of ${accountId}` };
    expect(await refusalCode(engine.perennial.signUp(again))).toBe('account_exists');
    await engine.perennial.execute(accountId, { type: 'close' });
    await untilCompleted(accountId);
    expect(await refusalCode(engine.perennial.signUp({ accountId, ownerId, catalog: 'qodo' }))).toBe('account_closed');
    expect(await refusalCode(engine.perennial.signUp({ ...again, accountId, commandId: 'new' }))).toBe(
      'account_closed',
    );
    const { result } = await engine.perennial.signUp(again);
    expect(result).toEqual({ accountId: again.accountId, phase: 'blocked' });
    expect((await engine.perennial.status(again.accountId)).trialEndsAt).toBeUndefined();
    await untilCompleted(accountId);
  });

  it('TRI-6 CRE-13 CRE-14 given work that is held and work that was done, when the account is closed, then neither is captured nor reversed: no invoice would have it', async () => {
    const { accountId } = await subscribedToCredits(engine, { now: '2027-01-01T00:00:00Z', capCents: 5000 });
    const { perennial } = engine;
    await perennial.recordUsage(accountId, { feature: 'review', credits: 2500, id: 'done' });
    await perennial.recordUsage(accountId, { feature: 'review', credits: 100, id: 'failed' });
    expect(await perennial.reverseUsage(accountId, { id: 'failed' })).toMatchObject({ overage: 100 });
    await perennial.hold(accountId, { id: 'begun', credits: 139 });
    await perennial.execute(accountId, { type: 'close' });

    expect(await refusalCode(perennial.capture(accountId, { id: 'begun' }))).toBe('account_closed');
    expect(await refusalCode(perennial.reverseUsage(accountId, { id: 'done' }))).toBe('account_closed');
    // What was given back before keeps its answer.
    expect(await perennial.reverseUsage(accountId, { id: 'failed' })).toMatchObject({ overage: 100 });
    const { invoices } = await perennial.status(accountId);
    expect(invoices.map(({ total }) => total)).toEqual([3000]);
    // Postgres answers a sum of bigints as text.
    const ledger = await engine.db('usageEvents').where({ accountId }).sum('units as units').first<{ units: string }>();
    expect(Number(ledger.units)).toBe(2500);
  });

  it('TRI-6 given an invoice that is open, when the account is closed and another card comes, then it is paid and the workflow ends', async () => {
    const account = await subscribedToCredits(engine, { now: '2027-01-01T00:00:00Z', capCents: 0, stem: 'owing' });
    const { accountId } = account;
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    await account.advance('2027-02-01T00:00:00Z');
    await engine.perennial.execute(accountId, { type: 'close' });
    expect((await workflowOf(engine, accountId).describe()).status.name).toBe('RUNNING');
    // INV-6: an admin's own try fails, and so does the command; also when it is repeated.
    const number = `${accountId}-0002`;
    const pay = (commandId: string) =>
      engine.perennial.execute(accountId, { type: 'payInvoice', number }, { commandId });
    expect(await refusalCode(pay('try'))).toBe('payment_failed');
    expect(await refusalCode(pay('try'))).toBe('payment_failed');
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_visa');
    await untilCompleted(accountId);
    expect(await refusalCode(pay('again'))).toBe('account_closed');
    const { phase, invoices } = await engine.perennial.status(accountId);
    expect([phase, invoices.at(-1)?.status]).toEqual(['canceled', 'paid']);
  });
});
