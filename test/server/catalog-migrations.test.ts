import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { HttpClient } from '../../sdk/http-client.ts';
import { codspeedPriced } from '../engine/codspeed-priced.ts';
import { subscribedToPro } from '../engine/engine-under-test.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';

let api: ApiUnderTest;
let client: HttpClient;

beforeAll(async () => {
  api = await openApi();
  ({ client } = api);
});
afterAll(() => api.close());

const NOW = '2027-01-01T00:00:00Z';

describe('CAT-2 moving one account', () => {
  it('CAT-2 given an account that has paid, when it is moved, then at its boundary, once, and the upcoming invoice knows; moved back, all is as before', async () => {
    const { accountId: account } = await subscribedToPro(api.engine, { now: NOW, seats: 2, interval: 'month' });
    const { version } = await api.engine.perennial.publishCatalog(codspeedPriced({ month: 5_000 }));
    const path = { account };
    const move = (body: { version?: number }, key: string) =>
      client.POST('/v1/accounts/{account}/catalog-migration', {
        params: { path, header: { 'idempotency-key': key } },
        body,
      });
    const moved = await move({ version }, 'there');
    expect(moved.response.status).toBe(200);
    expect(moved.data?.result).toEqual({ version, effective: 'cycle_end', at: '2027-02-01T00:00:00Z' });
    expect((await move({ version }, 'there')).data).toEqual(moved.data);
    const { data: view } = await client.GET('/v1/accounts/{account}', { params: { path } });
    expect(view).toMatchObject({ catalogVersion: 1, scheduledChange: { at: '2027-02-01T00:00:00Z' } });
    const upcoming = await client.GET('/v1/accounts/{account}/invoices/upcoming', { params: { path } });
    expect(upcoming.data?.invoice?.total).toBe(10_000);
    expect((await move({}, 'again')).error).toMatchObject({ code: 'no_change', status: 409 });
    expect((await move({ version: 99 }, 'far')).error).toMatchObject({
      ...{ code: 'unknown_catalog_version', field: 'version', status: 404 },
    });
    expect((await move({ version: 1 }, 'back')).data?.result).toEqual({ version: 1, effective: 'now' });
    const { data: audit } = await client.GET('/v1/accounts/{account}/audit', { params: { path } });
    expect(audit?.items.slice(0, 2).map(({ action, actor }) => [action, actor])).toEqual([
      ['catalog.migration_canceled', 'key:test'],
      ['catalog.migration_scheduled', 'key:test'],
    ]);
  });
});

describe('CAT-2 moving all accounts of a catalog', () => {
  /** Free accounts, which move at once, and one that pays by the year, which the next version does not sell. */
  async function accountsOf(catalog: string): Promise<readonly string[]> {
    const { perennial } = api.engine;
    await perennial.publishCatalog(codspeedPriced({ month: 2_000, year: 24_000 }, catalog));
    const accountIds = ['a', 'b', 'c'].map((stem) => `${catalog}-${stem}`);
    for (const accountId of accountIds) {
      await perennial.signUp({ accountId, ownerId: accountId, catalog });
      await perennial.addPaymentMethod(accountId, 'pm_card_visa');
    }
    for (const accountId of accountIds.slice(1))
      await perennial.execute(accountId, { type: 'subscribe', plan: 'pro', interval: 'year', seats: 1 });
    await perennial.publishCatalog(codspeedPriced({ month: 3_000 }, catalog));
    return accountIds;
  }

  it('CAT-2 given accounts of which some cannot move, when all are told, then the report says how many moved, and page by page who is left and why', async () => {
    const catalog = api.engine.name('moving');
    const [, ...yearly] = await accountsOf(catalog);
    const started = await client.POST('/v1/catalogs/{catalog}/migrations', { params: { path: { catalog } }, body: {} });
    expect(started.response.status).toBe(202);
    const migration = started.data?.migrationId ?? '';
    expect(started.data).toEqual({ migrationId: migration, version: 2 });
    const read = (query: { limit?: number; cursor?: string } = {}) =>
      client.GET('/v1/catalogs/{catalog}/migrations/{migration}', {
        params: { path: { catalog, migration }, query },
      });
    await vi.waitFor(async () => {
      expect((await read()).data).toMatchObject({
        ...{ migrationId: migration, catalog, fromVersions: [1], version: 2, status: 'done', startedBy: 'key:test' },
        ...{ accountsTold: 3, accountsMoved: 1, accountsLeft: 2 },
      });
    }, 20_000);
    const first = (await read({ limit: 1 })).data;
    expect(first?.left).toEqual([
      {
        ...{ account: yearly[0], version: 1 },
        refusal: { code: 'interval_not_offered', message: expect.any(String) as string },
      },
    ]);
    const second = (await read({ limit: 1, cursor: first?.nextCursor ?? '' })).data;
    expect(second?.left.map(({ account }) => account)).toEqual([yearly[1]]);
    expect(second?.nextCursor).toBeNull();
    const listed = await client.GET('/v1/catalogs/{catalog}/migrations', { params: { path: { catalog } } });
    expect(listed.data).toMatchObject({ items: [{ migrationId: migration, accountsMoved: 1 }], nextCursor: null });
  });

  it('given a catalog, a version, a migration or a cursor that is none, then it is refused by code and named', async () => {
    const start = (catalog: string, body: { version?: number }) =>
      client.POST('/v1/catalogs/{catalog}/migrations', { params: { path: { catalog } }, body });
    expect((await start('nothing', {})).error).toMatchObject({ code: 'unknown_catalog', status: 404 });
    expect((await start('codspeed', { version: 99 })).error).toMatchObject({ code: 'unknown_catalog_version' });
    expect((await start('codspeed', { version: 0 })).error).toMatchObject({
      code: 'invalid_request',
      field: 'version',
    });
    const path = { catalog: 'codspeed', migration: 'none' };
    const unknown = await client.GET('/v1/catalogs/{catalog}/migrations/{migration}', { params: { path } });
    expect(unknown.error).toMatchObject({ code: 'unknown_catalog_migration', field: 'migration', status: 404 });
    const wrong = await client.GET('/v1/catalogs/{catalog}/migrations', {
      params: { path: { catalog: 'codspeed' }, query: { cursor: 'bm9uZQ' } },
    });
    expect(wrong.error).toMatchObject({ code: 'invalid_request', field: 'cursor' });
    expect((await client.GET('/v1/catalogs/{catalog}/migrations', { params: { path } })).data?.items).toEqual([]);
  });
});
