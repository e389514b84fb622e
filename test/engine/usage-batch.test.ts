import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { parseInstant } from '../../billing/calendar/instant.ts';
import { newestCatalog } from '../../db/account/catalogs.ts';
import type { AccountEvent, EventResult } from '../../client/usage/record-events.ts';
import { dumpDatabase } from './database-dump.ts';
import {
  type AccountOnClock,
  type Engine,
  instant,
  openEngine,
  refusalCode,
  subscribedToCredits,
} from './engine-under-test.ts';

const NOW = '2027-01-01T00:00:00Z';
/** The small pack. A credit beyond it costs 1.2 cents. */
const INCLUDED = 2_500;

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(async () => {
  await engine.close();
});

const saysOf = (results: readonly EventResult[]) =>
  results.map((result) => (result.status === 'refused' ? result.code : result.status));

const noticesOf = async ({ accountId }: AccountOnClock) =>
  (await engine.perennial.status(accountId)).notices.map(({ kind }) => kind).filter((kind) => /_\d+$/.test(kind));

/** The ledger and the days, each summed up in the same way. */
async function sumsOf(accountId: string): Promise<{ ledger: unknown; days: unknown }> {
  const parts = (sum: string): string =>
    ['included', 'overage', 'trial'].map((part) => `sum(${part}_units)::bigint as ${part}`).join(', ') +
    `, ${sum}::bigint as events`;
  const key = `meter, feature, coalesce(member_id, '') as member, coalesce(model, '') as model, cycle_start`;
  const sumUp = async (day: string, from: string, sum: string): Promise<unknown> => {
    const sql = `select ${day}::text as day, ${key}, ${parts(sum)} from ${from} where account_id = ? group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`;
    return (await engine.db.raw<{ rows: unknown[] }>(sql, [accountId])).rows;
  };
  return {
    ledger: await sumUp(`(occurred_at at time zone 'UTC')::date`, 'usage_events', 'count(*)'),
    days: await sumUp('day', 'usage_days', 'sum(events)'),
  };
}

describe('batches: each event is answered on its own', () => {
  it('AUD-1 given good and bad events of two accounts, when they come as one batch, then each has its answer in its place', async () => {
    const one = await subscribedToCredits(engine, { now: NOW, capCents: 0 });
    const two = await subscribedToCredits(engine, { now: NOW, capCents: 0 });
    const good = { account: one.accountId, feature: 'ask' };
    const events = [
      { ...good, id: '🦊 первый' },
      { ...good, id: 'not a number', credits: Number.NaN },
      { ...good, id: '2^63', credits: 2 ** 63 },
      { ...good, id: 'zero\u0000', credits: 1 },
      { ...good, id: 'half a pair \ud83e', credits: 1 },
      { ...good, id: 'much', credits: INCLUDED + 1 },
      { ...good, id: 'other', account: two.accountId, credits: INCLUDED },
      { ...good, id: 'nobody', account: 'nobody' },
      { ...good, id: 'early', occurredAt: instant('2027-01-01T00:05:01Z') },
      { ...good, id: 'no date', occurredAt: 'yesterday' },
      { ...good, id: 'what', feature: 'teleport' },
      { ...good, id: '🦊 первый' },
      { ...good, id: '🦊 первый', quantity: 2 },
      null,
      { ...good, id: 'a bigint', credits: 1n },
      { ...good, id: 'back\\slash "and" {brace}, NULL', member: 'NULL', model: '{}' },
    ] as unknown as AccountEvent[];
    const results = await engine.perennial.recordUsageBatch(events);
    expect(saysOf(results)).toEqual([
      ...[
        'accepted',
        'invalid_request',
        'invalid_request',
        'invalid_request',
        'invalid_request',
        'spending_cap_reached',
      ],
      ...['accepted', 'unknown_account', 'event_in_future', 'invalid_request', 'unknown_feature', 'duplicate'],
      ...['idempotency_conflict', 'invalid_request', 'invalid_request', 'accepted'],
    ]);
    expect(results.map(({ id }) => id)).toEqual(events.map((event) => (event as AccountEvent | null)?.id ?? ''));
    expect(results[0]).toEqual({
      id: '🦊 первый',
      status: 'accepted',
      meter: 'credits',
      included: 12,
      overage: 0,
      trial: 0,
    });
    expect(results[1]).toMatchObject({ field: 'credits', solve: expect.any(String), message: expect.any(String) });
    const ids = await engine.db('usageEvents').where({ accountId: one.accountId }).select('eventId');
    expect(ids.map(({ eventId }) => eventId).sort()).toEqual(['back\\slash "and" {brace}, NULL', '🦊 первый'].sort());
  });

  it('AUD-1 given 1 001 events, or no list, then the whole is refused and nothing is written', async () => {
    const { accountId: account } = await subscribedToCredits(engine, { now: NOW, capCents: 0 });
    const before = await dumpDatabase(engine.db);
    const many = Array.from({ length: 1_001 }, (_, index) => ({
      account,
      id: `event ${String(index)}`,
      feature: 'ask',
    }));
    expect(await refusalCode(engine.perennial.recordUsageBatch(many))).toBe('invalid_request');
    expect(await refusalCode(engine.perennial.recordUsageBatch({} as never))).toBe('invalid_request');
    expect(await engine.perennial.recordUsageBatch([])).toEqual([]);
    expect(await dumpDatabase(engine.db)).toEqual(before);
  });

  it('CRE-11 given a batch, when it comes again, then every answer is the first one and nothing is written; a date that differs is a conflict', async () => {
    const { accountId: account } = await subscribedToCredits(engine, { now: NOW, capCents: 1_200 });
    const events = Array.from({ length: 200 }, (_, index) => ({
      account,
      id: `event ${String(index)}`,
      feature: 'ask',
      credits: 17,
    }));
    const first = await engine.perennial.recordUsageBatch(events);
    const before = await dumpDatabase(engine.db);
    const other = await engine.connect();
    for (const client of [engine.perennial, other]) {
      const again = await client.recordUsageBatch(events);
      expect(again).toEqual(first.map((result) => ({ ...result, status: 'duplicate' })));
    }
    const dated = events.map((event) => ({ ...event, occurredAt: instant(NOW) }));
    expect(new Set(saysOf(await other.recordUsageBatch(dated)))).toEqual(new Set(['duplicate']));
    const later = events.map((event) => ({ ...event, occurredAt: instant('2027-01-01T00:00:01Z') }));
    expect(new Set(saysOf(await other.recordUsageBatch(later)))).toEqual(new Set(['idempotency_conflict']));
    expect(await dumpDatabase(engine.db)).toEqual(before);
  });

  it('CRE-11 CRE-6 given an event that took the last there was, when it comes again, then it has its answer, and only a new one is refused', async () => {
    const { accountId: account } = await subscribedToCredits(engine, { now: NOW, capCents: 1_200 });
    const all = { account, id: 'all there is', feature: 'ask', credits: INCLUDED + 1_000 };
    expect(saysOf(await engine.perennial.recordUsageBatch([all]))).toEqual(['accepted']);
    for (const client of [engine.perennial, await engine.connect()]) {
      const again = await client.recordUsageBatch([all, { account, id: 'one more', feature: 'ask', credits: 1 }]);
      expect(saysOf(again)).toEqual(['duplicate', 'spending_cap_reached']);
    }
  });

  it('MON-1 given sums beyond 2^53, when an event would make one, then it is refused and the account goes on', async () => {
    const { accountId: account, advance } = await subscribedToCredits(engine, {
      now: NOW,
      capCents: Number.MAX_SAFE_INTEGER,
    });
    const huge = { account, id: 'huge', feature: 'ask', credits: Number.MAX_SAFE_INTEGER };
    const small = { account, id: 'small', feature: 'ask', credits: 1 };
    expect(saysOf(await engine.perennial.recordUsageBatch([huge, small]))).toEqual([
      expect.not.stringMatching('accepted'),
      'accepted',
    ]);
    await advance('2027-02-02T00:00:00Z');
    expect((await engine.perennial.status(account)).phase).toBe('active');
  });
});

describe('storms: several processes on one hot account', () => {
  it('CRE-6 CRE-11 CRE-20 given four clients that send the same 1 200 events in batches of 60 at once, then none is lost or doubled, the cap holds and the days sum to the ledger', async () => {
    const { accountId: account } = await subscribedToCredits(engine, { now: NOW, capCents: 12_000 });
    const clients = [engine.perennial, await engine.connect(), await engine.connect(), await engine.connect()];
    const events = Array.from({ length: 1_200 }, (_, index): AccountEvent => ({
      ...{
        account,
        id: `event ${String(index)}`,
        feature: index % 2 === 0 ? 'ask' : 'review',
        credits: 7 + (index % 13),
      },
      ...(index % 5 === 0 ? {} : { member: `member ${String(index % 5)}` }),
      ...(index % 3 === 0 ? { model: 'example-large' } : {}),
      occurredAt: instant(index % 2 === 0 ? NOW : '2027-01-01T00:04:00Z'),
    }));
    const batches = Array.from({ length: 20 }, (_, index) => events.slice(index * 60, index * 60 + 60));
    const answers = await Promise.all(
      clients.flatMap((client, offset) =>
        batches.map((_, index) => client.recordUsageBatch(batches[(index + offset * 5) % 20]!)),
      ),
    );
    const results = answers.flat();
    const accepted = results.filter((result) => result.status === 'accepted');
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(accepted.length);
    const units = new Map(events.map((event) => [event.id, event.credits ?? 0]));
    const used = accepted.reduce((sum, { id }) => sum + (units.get(id) ?? 0), 0);
    const balance = (await engine.db('meterCycles').where({ accountId: account, closedAt: null }).first())!;
    expect(balance.usedIncludedUnits + balance.overageUnits).toBe(used);
    expect(balance.overageUnits * 3_000).toBeLessThanOrEqual(12_000 * 2_500);
    expect(balance.refusals).toBe(results.filter((result) => result.status === 'refused').length);
    expect(await engine.db('usageEvents').where({ accountId: account }).count('* as count').first()).toEqual({
      count: accepted.length,
    });
    const { ledger, days } = await sumsOf(account);
    expect(days).toEqual(ledger);
    expect((days as unknown[]).length).toBeGreaterThan(10);
  });
});

describe('CRE-15: notices of use', () => {
  it('CRE-15 given use that goes on past base and cap, then each share is told once; a raised cap re-arms those not yet passed', async () => {
    const account = await subscribedToCredits(engine, { now: NOW, capCents: 1_200 });
    const use = (credits: number) => engine.perennial.recordUsage(account.accountId, { feature: 'ask', credits });
    await use(1_249);
    expect(await noticesOf(account)).toEqual([]);
    await use(1);
    expect(await noticesOf(account)).toEqual(['credits_50']);
    // 1 500 beyond half of the base: the base is gone, and 250 of overage cost 300 of 1 200 cents.
    await use(1_500);
    const ofBase = ['credits_50', 'credits_75', 'credits_90', 'credits_100'];
    expect(await noticesOf(account)).toEqual(ofBase);
    await use(350);
    expect(await noticesOf(account)).toEqual([...ofBase, 'cap_50']);
    await engine.perennial.execute(account.accountId, { type: 'setCap', meter: 'credits', capCents: 2_400 });
    expect(await noticesOf(account)).toEqual([...ofBase, 'cap_50']);
    await use(1_400);
    expect(await noticesOf(account)).toEqual([...ofBase, 'cap_50', 'cap_50', 'cap_75', 'cap_90', 'cap_100']);
    await account.advance('2027-02-01T00:00:00Z');
    await use(1_250);
    expect((await noticesOf(account)).at(-1)).toBe('credits_50');
  });

  it('CRE-15 given 32 callers at once that pass every share, then each is told once', async () => {
    const account = await subscribedToCredits(engine, { now: NOW, capCents: 1_200 });
    const other = await engine.connect();
    await Promise.all(
      Array.from({ length: 35 }, (_, index) =>
        (index % 2 === 0 ? engine.perennial : other).recordUsage(account.accountId, { feature: 'ask', credits: 100 }),
      ),
    );
    const shares = ['50', '75', '90', '100'];
    expect([...(await noticesOf(account))].sort()).toEqual(
      shares.flatMap((share) => [`credits_${share}`, `cap_${share}`]).sort(),
    );
  });
});

describe('CRE-12: late events', () => {
  const late = { feature: 'ask', credits: 100, occurredAt: instant('2027-01-31T23:59:59Z') };
  const linesOf = async (accountId: string, index: number) =>
    (await engine.perennial.status(accountId)).invoices[index]?.lines.map(({ kind, quantity, amount }) => [
      kind,
      quantity,
      amount,
    ]);

  it('CRE-12 given a closed cycle without grace, when an event of it comes, then it is an adjustment on the next invoice, and the new cycle is untouched', async () => {
    const { accountId, advance } = await subscribedToCredits(engine, { now: NOW, capCents: 12_000 });
    await engine.perennial.recordUsage(accountId, { feature: 'ask', credits: INCLUDED + 50 });
    await advance('2027-02-03T00:00:00Z');
    expect(await engine.perennial.recordUsage(accountId, late)).toMatchObject({ included: 0, overage: 100 });
    expect((await engine.perennial.status(accountId)).meters['credits']).toMatchObject({ usedIncluded: 0, overage: 0 });
    await advance('2027-03-03T00:00:00Z');
    expect(await linesOf(accountId, 1)).toEqual([
      ['overage', 50, 60],
      ['base', 1, 3_000],
    ]);
    expect(await linesOf(accountId, 2)).toEqual([
      ['adjustment', 100, 120],
      ['base', 1, 3_000],
    ]);
    await advance('2027-03-09T00:00:00Z');
    expect(await refusalCode(engine.perennial.recordUsage(accountId, late))).toBe('event_too_old');
  });

  it('CRE-12 given an hour of grace, when an event comes within it, then it is on its cycle’s line; one after it is an adjustment', async () => {
    const { catalog } = await newestCatalog(engine.db, 'qodo');
    await engine.perennial.publishCatalog({ ...catalog, name: 'graceful', graceMinutes: 60 });
    const accountId = engine.name('graceful');
    const clockId = `clock of ${accountId}`;
    await engine.perennial.createTestClock({ clockId, now: parseInstant(NOW) });
    await engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'graceful', testClockId: clockId });
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_visa');
    await engine.perennial.execute(accountId, {
      type: 'subscribe',
      plan: 'pro-teams',
      pack: 'small',
      capCents: 12_000,
      startNow: true,
    });
    await engine.perennial.recordUsage(accountId, { feature: 'ask', credits: INCLUDED + 50 });
    await engine.perennial.advanceTestClock(clockId, instant('2027-02-01T00:30:00Z'));
    expect(await engine.perennial.recordUsage(accountId, late)).toMatchObject({ overage: 100 });
    await engine.perennial.advanceTestClock(clockId, instant('2027-02-01T01:00:00Z'));
    expect(await linesOf(accountId, 1)).toEqual([
      ['overage', 150, 180],
      ['base', 1, 3_000],
    ]);
    expect(await engine.perennial.recordUsage(accountId, { ...late, credits: 10 })).toMatchObject({ overage: 10 });
    await engine.perennial.advanceTestClock(clockId, instant('2027-03-01T01:00:00Z'));
    expect(await linesOf(accountId, 2)).toEqual([
      ['adjustment', 10, 12],
      ['base', 1, 3_000],
    ]);
  });
});
