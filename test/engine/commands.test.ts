import { defaultPayloadConverter, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { dumpDatabase } from './database-dump.ts';
import { type Engine, openEngine, refusalCode, signUpOnClock, subscribedToPro } from './engine-under-test.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(async () => {
  await engine.close();
});

const workflowOf = (accountId: string): WorkflowHandle => engine.temporal.workflow.getHandle(`account/${accountId}`);
const pageOf = (accountId: string): Promise<string> => workflowOf(accountId).query<string>('page');
const seatsOf = async (accountId: string): Promise<number> =>
  (await engine.perennial.status(accountId)).seats?.quantity ?? 0;
const idle = (accountId: string): Promise<boolean> =>
  vi.waitUntil(() => workflowOf(accountId).query<boolean>('idle'), { timeout: 10_000, interval: 30 });

/** A new run begins at the next pause after it is asked for. */
async function inTheNextRun(accountId: string): Promise<void> {
  const before = (await workflowOf(accountId).describe()).runId;
  await workflowOf(accountId).signal('renewRun');
  await vi.waitUntil(async () => (await workflowOf(accountId).describe()).runId !== before, { timeout: 10_000 });
}

describe('invariant 6: a command is applied once', () => {
  it('invariant 6 given one command id, when it comes as an update, a signal, at once and in a later run, then one effect and one answer', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 3, interval: 'month' });
    const { accountId } = account;
    const add = { type: 'addSeats', count: 2 } as const;
    const options = { commandId: 'add two' };
    const first = await engine.perennial.execute(accountId, add, options);
    const repeated = await Promise.all(
      Array.from({ length: 5 }, () => engine.perennial.execute(accountId, add, options)),
    );
    for (const answer of repeated) expect(answer.result).toEqual(first.result);
    await workflowOf(accountId).signal('addSeats', { count: 2, commandId: 'add two' });
    await idle(accountId);
    expect(await seatsOf(accountId)).toBe(5);
    await inTheNextRun(accountId);
    const before = await dumpDatabase(engine.db);
    expect((await engine.perennial.execute(accountId, add, options)).result).toEqual(first.result);
    await workflowOf(accountId).signal('addSeats', { count: 2, commandId: 'add two' });
    await idle(accountId);
    expect(await dumpDatabase(engine.db)).toEqual(before);
    expect(await seatsOf(accountId)).toBe(5);
  });

  it('invariant 6 given no worker, when one id is sent twice with different bodies, then the first counts and the second is a conflict', async () => {
    const { accountId } = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    await engine.worker.stop();
    const options = { commandId: 'contested' };
    const one = engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }, options);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const two = refusalCode(engine.perennial.execute(accountId, { type: 'addSeats', count: 7 }, options));
    const three = engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }, options);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await engine.worker.start();
    expect((await one).result).toMatchObject({ bought: 1 });
    expect(await two).toBe('idempotency_conflict');
    expect((await three).result).toMatchObject({ bought: 1 });
    expect(await seatsOf(accountId)).toBe(2);
  });
});

describe('signals, as the Temporal CLI and UI send them', () => {
  it('given a signal addSeats {count:1} without an id, then a seat is added', async () => {
    const { accountId } = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    await workflowOf(accountId).signal('addSeats', { count: 1 });
    await vi.waitUntil(async () => (await seatsOf(accountId)) === 2, { timeout: 10_000 });
  });

  it('given bad signals, then nothing is written, the page says why, and the next command works', async () => {
    const { accountId } = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    await idle(accountId);
    const before = await dumpDatabase(engine.db);
    const bad: readonly [name: string, args: readonly unknown[], says: string][] = [
      ['addSeats', [5], 'addSeats: expected an object'],
      ['addSeats', ['1'], 'addSeats: expected an object'],
      ['addSeats', [[1]], 'addSeats: expected an object'],
      ['addSeats', [null], 'count: expected a whole number'],
      ['addSeats', [], 'count: expected a whole number'],
      ['addSeats', [{ count: -1 }], 'found -1'],
      ['addSeats', [{ count: 1.5 }], 'found 1.5'],
      ['addSeats', [{ count: 1, coupon: 'FREE' }], 'coupon: is not a field'],
      ['addSeats', [{ count: 1, effectiveAt: 'tomorrow' }], 'effectiveAt: expected an instant'],
      ['addSeats', [{ count: 1, commandId: 7 }], 'commandId: expected'],
      ['removeSeats', [{ count: 1, memberId: 'bob' }], 'either count or memberId'],
      ['addSeets', [{ count: 1 }], 'There is no command "addSeets"'],
      ['setCap', [{ meter: 'macro_minutes', capCents: 0.5 }], 'found 0.5'],
      ['setPaymentMethod', [{ paymentMethodId: 'pm_nonsense' }], 'cannot be used'],
      ['subscribe', [{ plan: 'gold' }], 'already_subscribed'],
      ['changePlan', [{ plan: 'gold' }], 'no plan "gold"'],
      ['enableMember', [{ memberId: 'nobody' }], 'no member "nobody"'],
    ];
    for (const [name, args, says] of bad) {
      await workflowOf(accountId).signal(name, ...args);
      await vi
        .waitUntil(async () => (await pageOf(accountId)).includes(says), { timeout: 5_000, interval: 20 })
        .catch(async () => {
          expect(await pageOf(accountId)).toContain(says);
        });
    }
    const after = await dumpDatabase(engine.db);
    expect(after).toEqual(before);
    expect((await engine.perennial.execute(accountId, { type: 'addSeats', count: 1 })).result).toMatchObject({
      bought: 1,
    });
    expect((await workflowOf(accountId).describe()).status.name).toBe('RUNNING');
  });

  it('given signals whose payload nobody can decode, then they are refused like any other and the run goes on', async () => {
    const { accountId } = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    const encodings = ['json/plain', 'json/protobuf', 'binary/plain', 'of/mine', 'binary/encrypted'];
    for (const encoding of encodings) {
      await engine.temporal.workflowService.signalWorkflowExecution({
        namespace: engine.options.namespace,
        workflowExecution: { workflowId: `account/${accountId}` },
        signalName: 'addSeats',
        input: { payloads: [{ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from('{"count": ') }] },
      });
    }
    await vi.waitUntil(async () => (await pageOf(accountId)).includes('invalid_request'), { timeout: 5_000 });
    expect((await engine.perennial.execute(accountId, { type: 'addSeats', count: 1 })).result).toMatchObject({
      bought: 1,
    });
    expect(defaultPayloadConverter).toBeDefined();
  });

  it('CAL-4 given a signal stamped with a far future, then nobody is charged for the years until then', async () => {
    const { accountId } = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    await workflowOf(accountId).signal('addSeats', { count: 1, effectiveAt: '2040-01-01T00:00:00Z' });
    await vi.waitUntil(async () => (await seatsOf(accountId)) === 2, { timeout: 10_000 });
    expect((await engine.perennial.status(accountId)).invoices).toHaveLength(1);
  });

  it('CAL-4 given a real clock, when a command is stamped with the future, then it is refused; a clock a little ahead is ours', async () => {
    const accountId = engine.name('real');
    await engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'codspeed' });
    const stamp = (aheadMs: number): string => `${new Date(Date.now() + aheadMs).toISOString().slice(0, 19)}Z`;
    await workflowOf(accountId).signal('admitMember', { memberId: 'early', effectiveAt: stamp(3_600_000) });
    await vi.waitUntil(async () => (await pageOf(accountId)).includes('is in the future'), { timeout: 10_000 });
    const now = stamp(0);
    await workflowOf(accountId).signal('admitMember', { memberId: 'skewed', effectiveAt: stamp(60_000) });
    await vi.waitUntil(async () => (await engine.perennial.status(accountId)).members.length === 1, {
      timeout: 10_000,
    });
    const member = (await engine.db('members').where({ accountId }).first()) as { memberId: string; createdAt: string };
    expect(member.memberId).toBe('skewed');
    expect(member.createdAt >= now && member.createdAt < stamp(30_000)).toBe(true);
  });
});

describe('updates with bad input', () => {
  it('given bad updates, then the validator says invalid_request and the history has not grown', async () => {
    const { accountId } = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    await idle(accountId);
    const lengthBefore = (await workflowOf(accountId).describe()).historyLength;
    const before = await dumpDatabase(engine.db);
    const bad: readonly [name: string, message: unknown, field: string | null][] = [
      ['addSeats', { count: 0 }, 'count'],
      ['addSeats', { count: 2 ** 53 }, 'count'],
      ['addSeats', { count: '1' }, 'count'],
      ['addSeats', 'one', 'addSeats'],
      ['addSeats', null, 'addSeats'],
      ['subscribe', { plan: 'pro', interval: 'week' }, 'interval'],
      ['setCap', { meter: 'macro_minutes', capCents: '5' }, 'capCents'],
      ['changePlan', {}, 'plan'],
      ['advanceTo', 'tomorrow', 'to'],
    ];
    for (const [name, message, field] of bad) {
      const error = await workflowOf(accountId)
        .executeUpdate(name, { args: [message] })
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
      const { cause } = error as WorkflowUpdateFailedError;
      expect(cause).toBeInstanceOf(ApplicationFailure);
      expect(cause as ApplicationFailure).toMatchObject({
        type: 'invalid_request',
        nonRetryable: true,
        details: [{ field }],
      });
    }
    const past = await workflowOf(accountId)
      .executeUpdate('advanceTo', { args: ['2026-12-31T00:00:00Z'] })
      .catch((reason: unknown) => reason);
    expect((past as WorkflowUpdateFailedError).cause).toMatchObject({ type: 'date_before_clock' });
    expect((await workflowOf(accountId).describe()).historyLength).toBe(lengthBefore);
    expect(await dumpDatabase(engine.db)).toEqual(before);
  });
});

describe('invariant 8: a refusal leaves no trace', () => {
  it('invariant 8 given refusals of every kind, then the database is what it was, but for the count of refused use', async () => {
    const qodo = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z' });
    const pro = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month' });
    const credits = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z' });
    await engine.perennial.addPaymentMethod(credits.accountId, 'pm_card_visa');
    await engine.perennial.execute(credits.accountId, {
      type: 'subscribe',
      plan: 'pro-teams',
      capCents: 0,
      startNow: true,
    });
    await engine.perennial.recordUsage(credits.accountId, { feature: 'review', credits: 2_500 });
    await engine.perennial.checkAccess(pro.accountId, { kind: 'run', sender: { id: 'ann' }, visibility: 'private' });
    await engine.perennial.execute(pro.accountId, { type: 'disableMember', memberId: 'ann' });
    const { perennial } = engine;
    const refusals: readonly [code: string, act: () => Promise<unknown>][] = [
      ['payment_method_required', () => perennial.execute(qodo.accountId, { type: 'subscribe', plan: 'pro-teams' })],
      ['unknown_plan', () => perennial.execute(qodo.accountId, { type: 'subscribe', plan: 'gold' })],
      ['unknown_pack', () => perennial.execute(qodo.accountId, { type: 'subscribe', plan: 'pro-teams', pack: 'huge' })],
      [
        'interval_not_offered',
        () => perennial.execute(qodo.accountId, { type: 'subscribe', plan: 'pro-teams', interval: 'year' }),
      ],
      ['plan_not_self_serve', () => perennial.execute(qodo.accountId, { type: 'subscribe', plan: 'enterprise' })],
      ['not_subscribed', () => perennial.execute(qodo.accountId, { type: 'addSeats', count: 1 })],
      ['card_declined', () => perennial.addPaymentMethod(qodo.accountId, 'pm_card_chargeDeclined')],
      ['unknown_feature', () => perennial.recordUsage(qodo.accountId, { feature: 'teleport' })],
      [
        'event_in_future',
        () => perennial.recordUsage(qodo.accountId, { feature: 'ask', occurredAt: '2027-01-02T00:00:00Z' as never }),
      ],
      [
        'event_too_old',
        () => perennial.recordUsage(qodo.accountId, { feature: 'ask', occurredAt: '2026-01-02T00:00:00Z' as never }),
      ],
      ['invalid_request', () => perennial.recordUsage(qodo.accountId, { feature: 'ask', quantity: -1 })],
      ['already_subscribed', () => perennial.execute(pro.accountId, { type: 'subscribe', plan: 'pro' })],
      ['seats_in_use', () => perennial.execute(pro.accountId, { type: 'removeSeats', count: 5 })],
      ['last_seat', () => perennial.execute(pro.accountId, { type: 'removeSeats', count: 2 })],
      ['unknown_member', () => perennial.execute(pro.accountId, { type: 'enableMember', memberId: 'nobody' })],
      ['unknown_meter', () => perennial.execute(pro.accountId, { type: 'setCap', meter: 'credits', capCents: 1 })],
      ['trial_over', () => perennial.execute(pro.accountId, { type: 'extendTrial', days: 3 })],
      ['no_change', () => perennial.execute(pro.accountId, { type: 'resume' })],
      [
        'member_disabled',
        () => perennial.checkAccess(pro.accountId, { kind: 'run', sender: { id: 'ann' }, visibility: 'private' }),
      ],
      ['spending_cap_reached', () => perennial.recordUsage(credits.accountId, { feature: 'review' })],
      [
        'cap_required',
        () => perennial.execute(credits.accountId, { type: 'setCap', meter: 'credits', capCents: null }),
      ],
      ['unknown_account', () => perennial.execute('nobody', { type: 'addSeats', count: 1 })],
      ['date_before_clock', () => perennial.advanceTestClock(pro.clockId, '2026-01-01T00:00:00Z' as never)],
      ['unknown_catalog', () => perennial.signUp({ accountId: engine.name('no'), ownerId: 'no', catalog: 'nothing' })],
      [
        'account_exists',
        () =>
          perennial.signUp({ accountId: engine.name('no'), ownerId: `owner of ${pro.accountId}`, catalog: 'codspeed' }),
      ],
    ];
    // Known customers at Stripe are no trace of the refusals that follow.
    await refusalCode(perennial.addPaymentMethod(qodo.accountId, 'pm_card_chargeDeclined'));
    // What Stripe answered for certain, a decline, is kept under its key: it would answer the same again (INV-4).
    const traces = async (): Promise<unknown> => ({
      ...(await dumpDatabase(engine.db, { withoutRefusalCounts: true })),
      stripe_requests: null,
    });
    const before = await traces();
    for (const [code, act] of refusals) {
      expect(await refusalCode(act())).toBe(code);
      expect(await traces(), `trace of ${code}`).toEqual(before);
    }
    expect((await perennial.status(credits.accountId)).meters['credits']?.refusals).toBe(1);
  });
});
