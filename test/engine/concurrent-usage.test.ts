import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { Perennial } from '../../client/perennial.ts';
import { dumpDatabase } from './database-dump.ts';
import { type Engine, openEngine, refusalCode, subscribedToCredits } from './engine-under-test.ts';

/** The small pack: 3,000 cents for 2,500 credits, so a credit beyond them costs 1.2 cents. */
const INCLUDED = 2_500;
const WRITERS = 32;
const NOW = '2027-01-01T00:00:00Z';

let engine: Engine;
let clients: Perennial[];

beforeAll(async () => {
  engine = await openEngine();
  clients = [engine.perennial, await engine.connect(), await engine.connect(), await engine.connect()];
});

afterAll(async () => {
  await engine.close();
});

const clientOf = (writer: number): Perennial => clients[writer % clients.length]!;

interface Balance {
  readonly usedIncludedUnits: number;
  readonly overageUnits: number;
  readonly refusals: number;
}

async function balanceOf(accountId: string): Promise<Balance> {
  return (await engine.db('meterCycles').where({ accountId, closedAt: null }).first()) as Balance;
}

async function ledgerOf(
  accountId: string,
): Promise<{ events: number; included: number; overage: number; units: number }> {
  const columns = [
    'count(*) as events',
    'sum(included_units)::bigint as included',
    'sum(overage_units)::bigint as overage',
  ];
  const raw = engine.db.raw(`${columns.join(', ')}, sum(units)::bigint as units`);
  return await engine.db('usageEvents').where({ accountId }).first<never>(raw);
}

describe('CRE-6: 32 writers on one pool', () => {
  it('CRE-6 given a cap of 12.00, when 32 writers send 192 events of 26 credits at once, then overage ends at the cap exactly', async () => {
    const { accountId } = await subscribedToCredits(engine, { now: NOW, capCents: 1_200 });
    // 2,500 credits included and 1,000 within the cap: 134 events of 26 fit, with 16 credits left.
    const sent = await Promise.allSettled(
      Array.from({ length: WRITERS }, async (_, writer) => {
        const answers: boolean[] = [];
        for (let index = 0; index < 6; index++) {
          const event = { id: `${String(writer)}-${String(index)}`, feature: 'review', credits: 26 };
          answers.push(
            await clientOf(writer)
              .recordUsage(accountId, event)
              .then(
                () => true,
                () => false,
              ),
          );
        }
        return answers;
      }),
    );
    const answers = sent.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    const accepted = answers.filter(Boolean).length;
    expect(answers).toHaveLength(192);
    expect(accepted).toBe(Math.floor((INCLUDED + 1_000) / 26));
    const balance = await balanceOf(accountId);
    expect(balance).toMatchObject({
      usedIncludedUnits: INCLUDED,
      overageUnits: accepted * 26 - INCLUDED,
      refusals: 192 - accepted,
    });
    expect(await ledgerOf(accountId)).toEqual({
      events: accepted,
      included: INCLUDED,
      overage: balance.overageUnits,
      units: accepted * 26,
    });
    // What is left fits exactly, and nothing after it: the cap is reached to the last credit.
    await engine.perennial.recordUsage(accountId, { feature: 'review', credits: INCLUDED + 1_000 - accepted * 26 });
    expect((await engine.perennial.status(accountId)).meters['credits']).toMatchObject({
      overage: 1_000,
      overageCents: 1_200,
    });
    expect(await refusalCode(engine.perennial.recordUsage(accountId, { feature: 'review', credits: 1 }))).toBe(
      'spending_cap_reached',
    );
  });

  it('CRE-6 invariants 1 and 3 given any sizes and cap, when 32 writers send at once, then what was accepted fits and adds up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: WRITERS, maxLength: WRITERS }),
        fc.integer({ min: 0, max: 2_000 }),
        async (sizes, capCents) => {
          const { accountId } = await subscribedToCredits(engine, { now: NOW, capCents });
          const taken = await Promise.all(
            sizes.map((credits, writer) =>
              clientOf(writer)
                .recordUsage(accountId, { id: `event ${String(writer)}`, feature: 'ask', credits })
                .then(
                  (parts) => ({ credits, ...parts }),
                  () => null,
                ),
            ),
          );
          const accepted = taken.filter((each) => each !== null);
          const sum = (part: 'credits' | 'included' | 'overage'): number =>
            accepted.reduce((total, each) => total + each[part], 0);
          const balance = await balanceOf(accountId);
          expect(balance.usedIncludedUnits).toBe(sum('included'));
          expect(balance.overageUnits).toBe(sum('overage'));
          expect(balance.usedIncludedUnits + balance.overageUnits).toBe(sum('credits'));
          // 3,000 cents per 2,500 credits, in integers: overage × 3,000 ≤ cap × 2,500.
          expect(balance.overageUnits * 3_000).toBeLessThanOrEqual(capCents * 2_500);
          expect(balance.refusals).toBe(WRITERS - accepted.length);
          // Whatever was turned away does not fit now either: nobody is refused for nothing.
          const baseLeft = INCLUDED - balance.usedIncludedUnits;
          const refused = sizes.filter((_, writer) => taken[writer] === null);
          for (const credits of refused)
            expect((balance.overageUnits + credits - baseLeft) * 3_000).toBeGreaterThan(capCents * 2_500);
        },
      ),
      { numRuns: 4 },
    );
  });

  it('CRE-8 given writers that never pause, when the cap is raised, then the command is not starved and unblocks at once', async () => {
    const { accountId } = await subscribedToCredits(engine, { now: NOW, capCents: 0 });
    await engine.perennial.recordUsage(accountId, { feature: 'review', credits: INCLUDED });
    let isRunning = true;
    let accepted = 0;
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      while (isRunning) {
        await clientOf(writer)
          .recordUsage(accountId, { feature: 'ask', credits: 1 })
          .then(
            () => accepted++,
            () => null,
          );
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const startedAtMs = performance.now();
    await engine.perennial.execute(accountId, { type: 'setCap', meter: 'credits', capCents: 100_000 });
    const elapsedMs = performance.now() - startedAtMs;
    await new Promise((resolve) => setTimeout(resolve, 300));
    isRunning = false;
    await Promise.all(writers);
    expect(accepted).toBeGreaterThan(0);
    expect(elapsedMs).toBeLessThan(5_000);
    expect((await balanceOf(accountId)).overageUnits).toBe(accepted);
  });

  it('CRE-10 given writers that never pause, when the clock passes three boundaries, then every event is in exactly one invoice or open', async () => {
    const account = await subscribedToCredits(engine, { now: NOW, capCents: 10_000_000 });
    const { accountId } = account;
    let isRunning = true;
    let units = 0;
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      while (isRunning) {
        await clientOf(writer)
          .recordUsage(accountId, { feature: 'ask', credits: 97 })
          .then(
            () => (units += 97),
            () => null,
          );
      }
    });
    for (const to of ['2027-02-03T00:00:00Z', '2027-03-03T00:00:00Z', '2027-04-03T00:00:00Z']) {
      await account.advance(to);
      await engine.perennial.status(accountId);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    isRunning = false;
    await Promise.all(writers);
    await account.advance('2027-06-03T00:00:00Z');
    const cycles = (await engine.db('meterCycles').where({ accountId }).orderBy('cycleStart')) as (Balance & {
      billedOverageUnits: number;
    })[];
    const total = (part: 'usedIncludedUnits' | 'overageUnits' | 'billedOverageUnits'): number =>
      cycles.reduce((sum, cycle) => sum + cycle[part], 0);
    expect(total('usedIncludedUnits') + total('overageUnits')).toBe(units);
    expect(total('billedOverageUnits')).toBe(total('overageUnits'));
    const { invoices } = await engine.perennial.status(accountId);
    const billed = invoices
      .flatMap((invoice) => invoice.lines)
      .filter((line) => line.kind === 'overage' || line.kind === 'adjustment');
    expect(billed.reduce((sum, line) => sum + line.quantity, 0)).toBe(total('overageUnits'));
  });
});

describe('CRE-11: one event, sent many times', () => {
  it('CRE-11 given one id, when 32 writers send it at once, then one effect, one answer, and another body is a conflict', async () => {
    const { accountId } = await subscribedToCredits(engine, { now: NOW, capCents: 1_200 });
    await engine.perennial.recordUsage(accountId, { feature: 'review', credits: INCLUDED - 100 });
    const event = { id: 'the same', feature: 'review', credits: 139 };
    const answers = await Promise.all(
      Array.from({ length: WRITERS }, (_, writer) => clientOf(writer).recordUsage(accountId, event)),
    );
    for (const answer of answers) expect(answer).toEqual({ meter: 'credits', included: 100, overage: 39, trial: 0 });
    expect(await ledgerOf(accountId)).toMatchObject({ events: 2, units: INCLUDED + 39 });
    const before = await dumpDatabase(engine.db);
    const others = Array.from({ length: WRITERS }, (_, writer) =>
      refusalCode(clientOf(writer).recordUsage(accountId, { ...event, credits: 140 })),
    );
    expect(new Set(await Promise.all(others))).toEqual(new Set(['idempotency_conflict']));
    expect(await dumpDatabase(engine.db)).toEqual(before);
  });

  it('CRE-11 given 32 bodies under one id at once, then exactly one is taken and the others are conflicts', async () => {
    const { accountId } = await subscribedToCredits(engine, { now: NOW, capCents: 1_200 });
    const sent = await Promise.allSettled(
      Array.from({ length: WRITERS }, (_, writer) =>
        clientOf(writer).recordUsage(accountId, { id: 'contested', feature: 'ask', credits: writer + 1 }),
      ),
    );
    const taken = sent.flatMap((each) => (each.status === 'fulfilled' ? [each.value.included] : []));
    const codes = sent.flatMap((each) => (each.status === 'rejected' ? [(each.reason as { code: string }).code] : []));
    expect(taken).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(['idempotency_conflict']));
    expect(await ledgerOf(accountId)).toMatchObject({ events: 1, units: taken[0] });
  });
});

describe('months of the ledger', () => {
  it('given three who wait for the first to make a month, when it is made, then they go on with it', async () => {
    const month = '2071-03-01T00:00:00Z';
    const make = async (db: Pick<Engine['db'], 'raw'>): Promise<unknown> =>
      await db.raw('select make_usage_month(?)', [month]);
    let others: readonly Promise<unknown>[] = [];
    await engine.db.transaction(async (trx) => {
      await trx.raw("select pg_advisory_xact_lock(hashtext('usage_events partitions'))");
      others = [make(engine.db), make(engine.db), make(engine.db)];
      await vi.waitUntil(async () => {
        const { rows } = await engine.db.raw<{ rows: readonly { waiting: number }[] }>(
          `select count(*)::int as waiting from pg_stat_activity where wait_event = 'advisory' and query like '%make_usage_month%'
            and datname = current_database()`,
        );
        return rows[0]?.waiting === others.length;
      });
      await make(trx);
    });
    const outcomes = await Promise.allSettled(others);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    const { rows } = await engine.db.raw<{ rows: readonly unknown[] }>(
      "select to_regclass('usage_events_2071_03') as made",
    );
    expect(rows).toEqual([{ made: 'usage_events_2071_03' }]);
  });
});
