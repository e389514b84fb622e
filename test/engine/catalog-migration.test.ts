import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { type Engine, openEngine, refusalCode, signUpOnClock, subscribedToPro } from './engine-under-test.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const NOW = '2027-01-01T00:00:00Z';
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

/** The next version of CodSpeed, with another price of a seat. */
function publishWithSeatPrice(cents: number): Promise<{ name: string; version: number }> {
  const yaml = readFileSync(new URL('../../catalogs/codspeed.yaml', import.meta.url), 'utf8');
  const catalog = parseCatalogYaml(yaml, 'codspeed.yaml');
  const pro = catalog.plans['pro']!;
  const seats = { ...pro.seats!, prices: { month: cents, year: 12 * cents } };
  return engine.perennial.publishCatalog({ ...catalog, plans: { ...catalog.plans, pro: { ...pro, seats } } });
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
      expect(await perennial.migrateCatalog({ catalog: 'codspeed', actor: 'ann' })).toMatchObject({ version: 2 });
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
    expect(await refusalCode(perennial.migrateCatalog({ catalog: 'none', actor: 'ann' }))).toBe('unknown_catalog');
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
