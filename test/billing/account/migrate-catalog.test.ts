import { describe, expect, it } from 'vitest';

import type { Catalog } from '../../../billing/catalog/catalog.ts';
import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';

const first = catalogNamed('codspeed');
const SEAT = first.plans['pro']?.seats?.prices.month ?? 0;

/** CodSpeed, ten dollars a seat dearer. */
function dearer(change: (catalog: Catalog) => Catalog = (same) => same): Catalog {
  const pro = first.plans['pro']!;
  const seats = { ...pro.seats!, prices: { month: SEAT + 1000, year: 12 * (SEAT + 1000) } };
  return change({ ...first, plans: { ...first.plans, pro: { ...pro, seats } } });
}

function onPro(interval: 'month' | 'year' = 'month', second = dearer()): AccountInMemory {
  const account = new AccountInMemory(first, '2027-01-01T00:00:00Z').withCard();
  account.do('subscribe', { plan: 'pro', interval, seats: 2 });
  account.versions.set(2, second);
  return account;
}

const actions = (account: AccountInMemory) =>
  account.audit.map(({ action }) => action).filter((each) => each.includes('catalog'));
const totals = (account: AccountInMemory) => account.issued.map(({ total }) => total);

describe('CAT-2 an account moves to another version of its catalog', () => {
  it('CAT-2 given a paid month, when the account is migrated, then the month stays as it is and the next has the new price, audited twice', () => {
    const account = onPro();
    account.until('2027-01-10T00:00:00Z');
    expect(account.do('migrateCatalog', {})).toEqual({
      version: 2,
      effective: 'cycle_end',
      at: '2027-02-01T00:00:00Z',
    });
    expect(account.facts.account).toMatchObject({ catalogVersion: 1, nextCatalogVersion: 2 });
    // What is added before the boundary costs what it cost; the upcoming invoice has the new price (INV-3).
    expect(account.previewSeats(1).nextInvoice?.lines.find(({ kind }) => kind === 'seats')?.amount).toBe(
      3 * (SEAT + 1000),
    );
    expect(account.upcoming()?.total).toBe(2 * (SEAT + 1000));
    account.until('2027-02-01T00:00:00Z');
    expect(account.facts.account).toMatchObject({ catalogVersion: 2, nextCatalogVersion: null });
    account.until('2027-03-01T00:00:00Z');
    expect(totals(account)).toEqual([2 * SEAT, 2 * (SEAT + 1000), 2 * (SEAT + 1000)]);
    expect(actions(account)).toEqual(['catalog.migration_scheduled', 'catalog.migrated']);
  });

  it('CAT-2 given a paid year, when the account is migrated, then at the end of the year', () => {
    const account = onPro('year');
    expect(account.do('migrateCatalog', { version: 2 })).toMatchObject({ at: '2028-01-01T00:00:00Z' });
    account.until('2027-06-15T00:00:00Z');
    expect(account.facts.account.catalogVersion).toBe(1);
    account.until('2028-01-01T00:00:00Z');
    expect(account.issued.at(-1)?.total).toBe(2 * 12 * (SEAT + 1000));
  });

  it('CAT-2 given a migration that is scheduled, when the version it is on is asked for, then it is taken back, and nothing else changes', () => {
    const account = onPro();
    account.do('migrateCatalog', {});
    expect(refusalOf(() => account.do('migrateCatalog', { version: 2 }))).toBe('no_change');
    expect(account.do('migrateCatalog', { version: 1 })).toEqual({ version: 1, effective: 'now' });
    expect(refusalOf(() => account.do('migrateCatalog', { version: 1 }))).toBe('no_change');
    account.until('2027-02-01T00:00:00Z');
    expect(totals(account)).toEqual([2 * SEAT, 2 * SEAT]);
    expect(actions(account)).toEqual(['catalog.migration_scheduled', 'catalog.migration_canceled']);
  });

  it('CAT-2 given a version without the account’s plan, in another currency or with another unit, then it is refused by code', () => {
    const { pro: _pro, ...others } = first.plans;
    const refusalFor = (second: Catalog): string => refusalOf(() => onPro('month', second).do('migrateCatalog', {}));
    expect(refusalFor({ ...first, plans: others })).toBe('unknown_plan');
    expect(refusalFor({ ...first, currency: 'eur' })).toBe('currency_fixed');
    const meters = { macro_minutes: { ...first.meters['macro_minutes']!, granularitySeconds: 60 } };
    expect(refusalFor({ ...first, meters })).toBe('catalog_not_compatible');
    expect(refusalFor({ ...first, defaultPlan: null })).toBe('catalog_not_compatible');
    const onlyYearly = dearer((catalog) => {
      const pro = catalog.plans['pro']!;
      return { ...catalog, plans: { ...catalog.plans, pro: { ...pro, seats: { limit: null, prices: { year: 1 } } } } };
    });
    expect(refusalFor(onlyYearly)).toBe('interval_not_offered');
    const closed = onPro();
    closed.do('close', {});
    expect(refusalOf(() => closed.do('migrateCatalog', {}))).toBe('account_closed');
  });

  it('CAT-2 given an account that pays for nothing, when it is migrated, then at once; its running month of free use goes on', () => {
    const account = new AccountInMemory(first, '2027-01-01T00:00:00Z');
    const free = first.plans['free']!;
    const meters = { macro_minutes: { ...free.meters['macro_minutes']!, includedPerMonth: 1 } };
    account.versions.set(2, { ...first, plans: { ...first.plans, free: { ...free, meters } } });
    account.useMeter('macro_minutes', 120);
    expect(account.do('migrateCatalog', {})).toEqual({ version: 2, effective: 'now' });
    expect(() => account.useMeter('macro_minutes', 60)).not.toThrow();
    account.until('2027-02-01T00:00:00Z');
    account.useMeter('macro_minutes', 60);
    expect(refusalOf(() => account.useMeter('macro_minutes', 60))).toBe('budget_reached');
  });

  it('CAT-2 given a trial with a plan chosen, when it is migrated, then after the first paid cycle, which was bought before', () => {
    const account = new AccountInMemory(catalogNamed('qodo'), '2027-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro-teams', pack: 'small', capCents: 0 });
    account.versions.set(2, { ...catalogNamed('qodo'), entity: 'team' });
    expect(account.do('migrateCatalog', {})).toMatchObject({ effective: 'cycle_end', at: '2027-02-15T00:00:00Z' });
    account.until('2027-02-14T00:00:00Z');
    expect(account.facts.account.catalogVersion).toBe(1);
    account.until('2027-02-15T00:00:00Z');
    expect(account.facts.account.catalogVersion).toBe(2);
  });

  it('CAT-2 given a subscription that ends before its boundary comes, then the newer version holds from its end on', () => {
    const account = onPro();
    account.do('migrateCatalog', {});
    account.do('cancel', {});
    account.until('2027-02-01T00:00:00Z');
    expect(account.facts.account).toMatchObject({ phase: 'free', catalogVersion: 2, nextCatalogVersion: null });
  });

  it('CAT-2 given terms that were changed meanwhile to such as are not sold there, when the boundary comes, then it stays, visibly', () => {
    const account = onPro(
      'month',
      dearer((catalog) => {
        const pro = catalog.plans['pro']!;
        return {
          ...catalog,
          plans: { ...catalog.plans, pro: { ...pro, seats: { limit: null, prices: { month: 1 } } } },
        };
      }),
    );
    account.do('migrateCatalog', {});
    account.do('changePlan', { interval: 'year' });
    account.until('2028-01-01T00:00:00Z');
    expect(account.facts.account).toMatchObject({ catalogVersion: 1, nextCatalogVersion: null });
    expect(actions(account)).toEqual(['catalog.migration_scheduled', 'catalog.migration_dropped']);
  });
});
