import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { CatalogMigration } from '../../client/operations/catalog-migrations.ts';
import { codspeedPriced } from './codspeed-priced.ts';
import { type Engine, openEngine, refusalCode, signUpOnClock, subscribedToPro } from './engine-under-test.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const NOW = '2027-01-01T00:00:00Z';
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

function publishWithSeatPrice(cents: number): Promise<{ name: string; version: number }> {
  return engine.perennial.publishCatalog(codspeedPriced({ month: cents, year: 12 * cents }));
}

async function versionOf(accountId: string): Promise<readonly [number, number | null]> {
  const row = await engine.db('accounts').where({ accountId }).first();
  return [row?.catalogVersion ?? 0, row?.nextCatalogVersion ?? null];
}

describe('CAT-2 moving accounts to a newer catalog', () => {
  it('CAT-2 given accounts that pay, pay nothing and are closed, when their catalog is migrated, then each at its boundary, once, on the new price', async () => {
    const { perennial } = engine;
    const paying = await Promise.all(
      ['first', 'second'].map((stem) => subscribedToPro(engine, { now: NOW, seats: 2, interval: 'month', stem })),
    );
    const free = await signUpOnClock(engine, { catalog: 'codspeed', now: NOW, stem: 'free' });
    const closed = await signUpOnClock(engine, { catalog: 'codspeed', now: NOW, stem: 'closed' });
    await perennial.execute(closed.accountId, { type: 'close' });
    const { version } = await publishWithSeatPrice(5_000);
    expect(version).toBe(2);

    for (let times = 0; times < 2; times++) {
      expect(await perennial.catalogMigrations.start({ catalog: 'codspeed', actor: 'ann' })).toMatchObject({
        version: 2,
      });
      await vi.waitFor(
        async () => {
          for (const { accountId } of paying) expect(await versionOf(accountId)).toEqual([1, 2]);
          expect(await versionOf(free.accountId)).toEqual([2, null]);
        },
        { timeout: 30_000, interval: 200 },
      );
    }
    expect(await versionOf(closed.accountId)).toEqual([1, null]);
    const [{ accountId, advance }] = paying as [(typeof paying)[0]];
    const { scheduledChange, next } = await perennial.status(accountId);
    expect(scheduledChange).toEqual({ at: '2027-02-01T00:00:00Z', to: 'pro, catalog version 2' });
    expect(next[0]?.what).toContain('catalog version 2');
    expect((await perennial.upcomingInvoice(accountId))?.total).toBe(10_000);

    await advance('2027-02-02T00:00:00Z');
    const { invoices, audit } = await perennial.status(accountId);
    expect(invoices.map(({ total, status }) => [total, status])).toEqual([
      [4_000, 'paid'],
      [10_000, 'paid'],
    ]);
    const told = audit.filter(({ action }) => action.startsWith('catalog.'));
    expect(told.map(({ action, actor }) => [action, actor])).toEqual([
      ['catalog.migration_scheduled', 'ann'],
      ['catalog.migrated', 'perennial'],
    ]);
    expect(await perennial.reconciliations.ofAccount(accountId)).toEqual([]);
  });

  it('CAT-2 given an account, when a version is asked for that is not there, then it is refused by code; use goes on after a move', async () => {
    const { perennial } = engine;
    const { accountId, advance } = await subscribedToPro(engine, { now: NOW, seats: 1, interval: 'month' });
    const { version } = await publishWithSeatPrice(7_000);
    const move = (to?: number) =>
      perennial.execute(accountId, { type: 'migrateCatalog', ...(to === undefined ? {} : { version: to }) });
    expect(await refusalCode(move(99))).toBe('unknown_catalog_version');
    expect(await refusalCode(perennial.catalogMigrations.start({ catalog: 'none', actor: 'ann' }))).toBe(
      'unknown_catalog',
    );
    expect((await move(version)).result).toMatchObject({ version, effective: 'cycle_end' });
    expect((await move(version - 1)).result).toMatchObject({ version: version - 1, effective: 'now' });
    await move();
    await perennial.recordUsage(accountId, { feature: 'macro-run', quantity: 5, id: 'before' });
    await advance('2027-02-01T00:00:00Z');
    await perennial.recordUsage(accountId, { feature: 'macro-run', quantity: 5, id: 'after' });
    expect((await versionOf(accountId))[0]).toBe(version);
    expect((await perennial.status(accountId)).invoices.at(-1)?.total).toBe(7_000);
  });
});

/** Waits for the end of it, and for what each account makes of it. */
async function settled(catalog: string, migrationId: string): Promise<CatalogMigration> {
  const { catalogMigrations } = engine.perennial;
  return vi.waitFor(
    async () => {
      const found = await catalogMigrations.get(catalog, migrationId);
      const left = await catalogMigrations.accountsLeft(found, { after: null, count: 100 });
      expect(found.status).not.toBe('running');
      expect(left.filter(({ refusal }) => refusal === null)).toEqual([]);
      return found;
    },
    { timeout: 30_000, interval: 200 },
  );
}

describe('CAT-2 how far a move of all accounts has come', () => {
  /** Accounts that pay for nothing, and one that pays by the year; the next version sells no years. */
  async function accountsOf(catalog: string): Promise<readonly string[]> {
    const { perennial } = engine;
    await perennial.publishCatalog(codspeedPriced({ month: 2_000, year: 24_000 }, catalog));
    const accountIds = ['a', 'b', 'c', 'd', 'yearly'].map((stem) => `${catalog}-${stem}`);
    for (const accountId of accountIds) await perennial.signUp({ accountId, ownerId: accountId, catalog });
    const yearly = accountIds.at(-1) ?? '';
    await perennial.addPaymentMethod(yearly, 'pm_card_visa');
    await perennial.execute(yearly, { type: 'subscribe', plan: 'pro', interval: 'year', seats: 1 });
    await perennial.publishCatalog(codspeedPriced({ month: 3_000 }, catalog));
    return accountIds;
  }

  it('CAT-2 given accounts of which one cannot move, when all are told, two to a run, then it is told how many moved, and who is left and why', async () => {
    const { catalogMigrations } = engine.perennial;
    const catalog = engine.name('moving');
    const accountIds = await accountsOf(catalog);
    const pace = { accountsPerPage: 2, pagesPerRun: 1 };
    const { migrationId } = await catalogMigrations.start({ catalog, actor: 'ann', pace });
    const done = await settled(catalog, migrationId);
    expect(done).toMatchObject({
      ...{ status: 'done', catalogName: catalog, fromVersions: [1], version: 2, startedBy: 'ann' },
      ...{ accountsTold: 5, accountsMoved: 4, accountsLeft: 1 },
    });
    const left = await catalogMigrations.accountsLeft(done, { after: null, count: 100 });
    expect(left).toEqual([
      {
        accountId: accountIds.at(-1),
        version: 1,
        refusal: { code: 'interval_not_offered', message: expect.stringContaining('year') as string },
      },
    ]);
    expect(await catalogMigrations.accountsLeft(done, { after: accountIds.at(-1) ?? '', count: 100 })).toEqual([]);
    const runs: string[] = [];
    const query = `WorkflowId = "catalog-migration/${migrationId}"`;
    for await (const { status } of engine.temporal.workflow.list({ query })) runs.push(status.name);
    expect(runs).toEqual(['COMPLETED', 'CONTINUED_AS_NEW', 'CONTINUED_AS_NEW']);

    // Who has moved, or is moved back, is counted as it was; who is left is told again by the next one.
    const again = await catalogMigrations.start({ catalog, actor: 'ben' });
    expect(await settled(catalog, again.migrationId)).toMatchObject({
      accountsTold: 1,
      accountsMoved: 0,
      accountsLeft: 1,
    });
    const listed = await catalogMigrations.list(catalog, { after: null, count: 10 });
    expect(listed.map(({ startedBy, accountsMoved }) => [startedBy, accountsMoved])).toEqual(
      expect.arrayContaining([
        ['ann', 4],
        ['ben', 0],
      ]),
    );
    expect(await refusalCode(catalogMigrations.get('codspeed', migrationId))).toBe('unknown_catalog_migration');
  });

  it('CAT-2 given a move that is broken off, then it has failed, says who is left, and the next one moves them', async () => {
    const { catalogMigrations } = engine.perennial;
    const catalog = engine.name('broken-off');
    await accountsOf(catalog);
    await engine.worker.stop();
    const { migrationId } = await catalogMigrations.start({ catalog, actor: 'ann' });
    expect(await catalogMigrations.get(catalog, migrationId)).toMatchObject({ status: 'running', accountsLeft: 5 });
    await engine.temporal.workflow.getHandle(`catalog-migration/${migrationId}`).terminate('by hand');
    await engine.worker.start();
    const failed = await catalogMigrations.get(catalog, migrationId);
    expect(failed).toMatchObject({
      status: 'failed',
      endedAt: null,
      accountsTold: 0,
      accountsMoved: 0,
      accountsLeft: 5,
    });
    const left = await catalogMigrations.accountsLeft(failed, { after: null, count: 100 });
    expect(left.map(({ refusal }) => refusal?.code ?? null)).toEqual([null, null, null, null, 'interval_not_offered']);
    const next = await catalogMigrations.start({ catalog, actor: 'ann' });
    expect(await settled(catalog, next.migrationId)).toMatchObject({ status: 'done', accountsMoved: 4 });
  });
});
