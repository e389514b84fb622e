import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HttpClient } from '../../sdk/http-client.ts';
import { signUpOnClock, subscribedToCredits, subscribedToPro } from '../engine/engine-under-test.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';

let api: ApiUnderTest;
let client: HttpClient;

beforeAll(async () => {
  api = await openApi();
  ({ client } = api);
});

afterAll(async () => {
  await api.close();
});

function portal(accountId: string, role: 'admin' | 'member'): HttpClient {
  return api.clientOf(api.tokenOf({ kind: 'portal', accountId, role, memberId: role }));
}

async function onSmallPack(): Promise<{ readonly account: string; advance: (to: string) => Promise<void> }> {
  const { accountId, advance } = await subscribedToCredits(api.engine, {
    now: '2027-01-01T00:00:00Z',
    capCents: 5_000,
  });
  return { account: accountId, advance };
}

async function onPro(seats: number): Promise<{ readonly account: string; advance: (to: string) => Promise<void> }> {
  const { accountId, advance } = await subscribedToPro(api.engine, {
    ...{ now: '2027-01-01T00:00:00Z', seats, interval: 'month' },
  });
  return { account: accountId, advance };
}

describe('an account, as its pages read it', () => {
  it('CRE-5 given a pack, when its admin reads the account, then each meter has its unit and the rate of overage, undivided', async () => {
    const { account, advance } = await onSmallPack();
    await advance('2027-01-10T12:00:00Z');
    await api.engine.perennial.execute(account, { type: 'setBillingContacts', emails: ['ada@example.com'] });
    const { data } = await portal(account, 'admin').GET('/v1/accounts/{account}', { params: { path: { account } } });
    expect(data).toMatchObject({
      ...{ now: '2027-01-10T12:00:00Z', ownerId: `owner of ${account}`, testClockId: `clock of ${account}` },
      ...{ catalogVersion: 1, entity: 'workspace', billingContacts: ['ada@example.com'] },
      meters: { credits: { unit: 'credit', capCents: 5_000 } },
    });
    const sold = await portal(account, 'admin').GET('/v1/accounts/{account}/catalog', {
      params: { path: { account } },
    });
    const { prices, included } = sold.data!.catalog.plans['pro-teams']!.packs!['small']!;
    const rate = (data as { meters: Record<string, { rate: unknown }> }).meters['credits']!.rate;
    expect(rate).toEqual({ cents: prices.month, per: included['credits'] });
  });

  it('SEA-17 given its member, when they read it, then the unit is there, and neither rate nor contacts nor the catalog', async () => {
    const { account } = await onSmallPack();
    const member = portal(account, 'member');
    const { data } = await member.GET('/v1/accounts/{account}', { params: { path: { account } } });
    expect(data).toMatchObject({
      entity: 'workspace',
      now: '2027-01-01T00:00:00Z',
      meters: { credits: { unit: 'credit' } },
    });
    expect(data).not.toHaveProperty('billingContacts');
    expect(data!.meters['credits']).not.toHaveProperty('rate');
    const sold = await member.GET('/v1/accounts/{account}/catalog', { params: { path: { account } } });
    expect(sold.error?.code).toBe('forbidden');
  });

  it('given the real clock, when a second goes by, then the ETag stays; given a test clock, when it moves, then it does not', async () => {
    const real = api.engine.name('real');
    await api.engine.perennial.signUp({ accountId: real, ownerId: real, catalog: 'codspeed' });
    const { account: virtual, advance } = await onPro(1);
    const read = (account: string) => client.GET('/v1/accounts/{account}', { params: { path: { account } } });
    const etagOf = async (account: string) => (await read(account)).response.headers.get('etag');
    const [first, second] = [await read(real), await etagOf(virtual)];
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const later = await read(real);
    expect(later.data?.now).not.toBe(first.data?.now);
    expect(later.response.headers.get('etag')).toBe(first.response.headers.get('etag'));
    expect(await etagOf(virtual)).toBe(second);
    await advance('2027-01-02T00:00:00Z');
    expect(await etagOf(virtual)).not.toBe(second);
  });

  it('CRE-8 given a cap that is reached, when they read it, then each is told that more is refused, the member without an amount', async () => {
    const { account } = await onSmallPack();
    const use = (id: string, credits: number) =>
      api.engine.perennial.recordUsage(account, { id, feature: 'review', credits });
    await use('all of the base', 2_500);
    const read = async (role: 'admin' | 'member') =>
      (await portal(account, role).GET('/v1/accounts/{account}', { params: { path: { account } } })).data!;
    expect(await read('admin')).toMatchObject({
      ...{ planTitle: 'Pro Teams', subscription: 'running', refused: null },
      meters: { credits: { isPool: true, startedAt: '2027-01-01T00:00:00Z', refused: null } },
    });
    // 50 usd at 1.2 cents each: 4,166 fit.
    await use('all of the overage', 4_166);
    expect((await read('member')).meters['credits']).toMatchObject({ refused: 'spending_cap_reached' });
    await api.engine.perennial.execute(account, { type: 'setCap', meter: 'credits', capCents: 6_000 });
    expect((await read('member')).meters['credits']).toMatchObject({ refused: null });
  });

  it('TRI-3 given a trial that is over, when its member reads the account, then it says why nothing may be used', async () => {
    const { accountId: account, advance } = await signUpOnClock(api.engine, {
      ...{ catalog: 'qodo', now: '2027-01-01T00:00:00Z' },
    });
    await advance('2027-01-15T00:00:00Z');
    const { data } = await portal(account, 'member').GET('/v1/accounts/{account}', { params: { path: { account } } });
    expect(data).toMatchObject({ phase: 'blocked', plan: null, planTitle: null, subscription: null });
    expect(data!.refused).toMatchObject({ code: 'trial_ended', solve: expect.stringContaining('Subscribe') as string });
  });

  it('INV-5 given a card that stopped working, when the renewal fails, then its invoice says when it is tried next', async () => {
    const { account, advance } = await onPro(1);
    await api.engine.perennial.addPaymentMethod(account, 'pm_card_chargeCustomerFail');
    await advance('2027-02-01T00:00:00Z');
    const { data } = await client.GET('/v1/accounts/{account}/invoices', { params: { path: { account } } });
    const [renewal, first] = data!.items;
    expect(renewal).toMatchObject({ status: 'open', nextAttemptAt: '2027-02-02T00:00:00Z' });
    expect(first).not.toHaveProperty('nextAttemptAt');
  });

  it('CAT-2 given a newer version of its catalog, when the account’s is read, then it is the one that it is on', async () => {
    const { account } = await onPro(1);
    const name = 'codspeed';
    const { data } = await client.GET('/v1/accounts/{account}/catalog', { params: { path: { account } } });
    expect(data).toMatchObject({
      name,
      version: 1,
      catalog: { defaultPlan: 'free', plans: { pro: { selfServe: true } } },
    });
    const { catalog } = await api.engine.perennial.read.catalog(account);
    await api.engine.perennial.publishCatalog({ ...catalog, graceMinutes: catalog.graceMinutes + 1 });
    const newest = await client.GET('/v1/catalogs');
    expect(newest.data?.items.find((each) => each.name === name)?.version).toBe(2);
    const again = await client.GET('/v1/accounts/{account}/catalog', { params: { path: { account } } });
    expect(again.data).toEqual(data);
    expect(data!.catalog).toEqual(catalog);
    const none = await client.GET('/v1/accounts/{account}/catalog', { params: { path: { account: 'nobody' } } });
    expect(none.error).toMatchObject({ code: 'unknown_account', status: 404 });
  });
});

describe('previews of whatever an admin may ask', () => {
  it('SEA-12 given no free seat, when enabling somebody is previewed and done, then the next invoice is the one previewed', async () => {
    const { account, advance } = await onPro(1);
    for (const id of ['ada', 'bob']) {
      const body = { account, kind: 'run' as const, sender: { id, login: id }, visibility: 'private' as const };
      await client.POST('/v1/access-checks', { body });
    }
    await advance('2027-01-16T12:00:00Z');
    const path = { account };
    const body = { type: 'enableMember' as const, member: 'bob' };
    const preview = await portal(account, 'admin').POST('/v1/accounts/{account}/preview', { params: { path }, body });
    expect(preview.error).toBeUndefined();
    const before = await client.GET('/v1/accounts/{account}/invoices/upcoming', { params: { path } });
    expect(preview.data!.nextInvoiceCents).toBeGreaterThan(before.data!.invoice!.total);
    await client.PATCH('/v1/accounts/{account}/members/{member}', {
      ...{ params: { path: { account, member: 'bob' } }, body: { state: 'enabled' as const } },
    });
    const after = await client.GET('/v1/accounts/{account}/invoices/upcoming', { params: { path } });
    expect(after.data?.invoice).toEqual(preview.data?.nextInvoice);
  });

  it('SEA-12 given no free seat, when several are enabled, then the next invoice is the one previewed, and members see who, not what it costs', async () => {
    const { account, advance } = await onPro(1);
    const path = { account };
    for (const id of ['ada', 'bob', 'cid']) {
      const body = { account, kind: 'run' as const, sender: { id, login: id }, visibility: 'private' as const };
      await client.POST('/v1/access-checks', { body });
    }
    await advance('2027-01-16T12:00:00Z');
    const admin = portal(account, 'admin');
    const members = ['bob', 'cid'];
    const { data: preview } = await admin.POST('/v1/accounts/{account}/preview', {
      ...{ params: { path }, body: { type: 'enableMembers' as const, members } },
    });
    const done = await admin.POST('/v1/accounts/{account}/members/enable', { params: { path }, body: { members } });
    expect(done.data?.result).toEqual({ enabled: 2, bought: 2 });
    const upcoming = await admin.GET('/v1/accounts/{account}/invoices/upcoming', { params: { path } });
    expect(upcoming.data?.invoice).toEqual(preview?.nextInvoice);
    await admin.DELETE('/v1/accounts/{account}/seats', { params: { path, query: { member: 'cid' } } });
    const listed = await portal(account, 'member').GET('/v1/accounts/{account}/members', { params: { path } });
    const since = '2027-01-16T12:00:00Z';
    expect(listed.data?.items).toMatchObject([
      { member: 'ada', seatEndsAt: null },
      { member: 'bob', state: 'enabled', stateSince: since, seatEndsAt: null },
      { member: 'cid', state: 'enabled', stateSince: since, seatEndsAt: '2027-02-01T00:00:00Z' },
    ]);
  });

  it('INV-3 given a yearly change, when it is previewed here and by its own route, then both say the same', async () => {
    const { account } = await onPro(3);
    const params = { path: { account } };
    const body = { type: 'changePlan' as const, interval: 'year' as const };
    const here = await client.POST('/v1/accounts/{account}/preview', { params, body });
    const there = await client.POST('/v1/accounts/{account}/subscription/preview', { params, body });
    expect(here.data).toEqual(there.data);
    const seats = await client.POST('/v1/accounts/{account}/preview', { params, body: { type: 'addSeats', count: 2 } });
    const own = await client.POST('/v1/accounts/{account}/seats/preview', { params, body: { count: 2 } });
    expect(seats.data).toEqual(own.data);
  });

  it('CRE-18 INV-3 given a running month, when a contract that begins now is previewed, then its credit, first invoice and the next are what is issued', async () => {
    const { account, advance } = await onSmallPack();
    await advance('2027-01-16T12:00:00Z');
    const params = { path: { account } };
    const body = { plan: 'enterprise', interval: 'year' as const, priceCents: 1_200_000, startNow: true };
    const { data } = await client.POST('/v1/accounts/{account}/contract/preview', { params, body });
    const kinds = data?.dueNow?.lines.map(({ amount }) => amount < 0);
    expect(kinds).toEqual(expect.arrayContaining([true, false]));
    expect((await client.GET('/v1/accounts/{account}', { params })).data).toMatchObject({ plan: 'pro-teams' });
    expect((await client.PUT('/v1/accounts/{account}/contract', { params, body })).error).toBeUndefined();
    const { invoices } = await api.engine.perennial.status(account);
    expect(invoices.at(-1)).toMatchObject({ total: data?.dueNowCents, lines: data?.dueNow?.lines, status: 'paid' });
    const next = await client.GET('/v1/accounts/{account}/invoices/upcoming', { params });
    expect(data?.nextInvoice).toMatchObject({ total: next.data?.invoice?.total, issuedAt: '2028-01-16T12:00:00Z' });
    expect(
      (await portal(account, 'admin').POST('/v1/accounts/{account}/contract/preview', { params, body })).error,
    ).toMatchObject({ code: 'forbidden' });
  });

  it('CRE-19 INV-3 given overage, when the closing is previewed, then its final invoice is the one that is issued', async () => {
    const { account } = await onSmallPack();
    await api.engine.perennial.recordUsage(account, { id: 'over', feature: 'ask', credits: 2_600 });
    const params = { path: { account } };
    const { data } = await client.POST('/v1/accounts/{account}/close/preview', { params });
    expect(data).toMatchObject({ dueNowCents: 120, nextInvoice: null });
    expect(
      (await portal(account, 'admin').POST('/v1/accounts/{account}/close/preview', { params })).error,
    ).toMatchObject({ code: 'forbidden' });
    expect((await client.POST('/v1/accounts/{account}/close', { params })).error).toBeUndefined();
    const { invoices } = await api.engine.perennial.status(account);
    expect(invoices.at(-1)).toMatchObject({ total: 120, lines: data?.dueNow?.lines });
    const closed = await client.POST('/v1/accounts/{account}/close/preview', { params });
    expect(closed.error).toMatchObject({ code: 'account_closed' });
  });

  it('AUD-1 given what would be refused, when it is previewed, then the refusal is the command’s own', async () => {
    const { account } = await onPro(1);
    const params = { path: { account } };
    const refused = async (body: object): Promise<unknown> => {
      const asked = body as { type: 'cancel' };
      return (await client.POST('/v1/accounts/{account}/preview', { params, body: asked })).error?.code;
    };
    expect(await refused({ type: 'enableMember', member: 'nobody' })).toBe('unknown_member');
    expect(await refused({ type: 'removeSeats', count: 9 })).toBe('seats_in_use');
    expect(await refused({ type: 'removeSeats', count: 1, member: 'ada' })).toBe('invalid_request');
    expect(await refused({ type: 'setCap', meter: 'nothing', capCents: 5 })).toBe('unknown_meter');
    expect(await refused({ type: 'payInvoice', number: `${account}-0001` })).toBe('invoice_not_open');
    expect(await refused({ type: 'payInvoice', number: 'none' })).toBe('unknown_invoice');
    expect(await refused({ type: 'close' })).toBe('invalid_request');
    expect(await refused({ type: 'resume' })).toBe('no_change');
    expect(await refused({ type: 'setAutomaticAllocation', enabled: true })).toBeUndefined();
    expect(await refused({ type: 'cancel' })).toBeUndefined();
  });
});

describe('what an account was asked', () => {
  it('AUD-2 given commands, one of them refused after all, when an operator lists them, then by pages, newest first, each once', async () => {
    const { accountId, advance } = await subscribedToPro(api.engine, {
      ...{ now: '2027-01-01T00:00:00Z', seats: 2, interval: 'year' },
    });
    const path = { account: accountId };
    await advance('2027-02-01T00:00:00Z');
    await api.engine.perennial.addPaymentMethod(accountId, 'pm_card_chargeCustomerFail');
    const add = (key: string) =>
      client.POST('/v1/accounts/{account}/seats', {
        ...{ params: { path, header: { 'idempotency-key': key } }, body: { count: 1 } },
      });
    expect((await add('not paid')).error?.code).toBe('payment_failed');
    await client.PUT('/v1/accounts/{account}/automatic-allocation', { params: { path }, body: { enabled: true } });
    await client.DELETE('/v1/accounts/{account}/seats', { params: { path, query: { count: 9 } } });
    const seen: { type: string; effectiveAt: string; refusal: { code: string } | null }[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
      const { data } = await client.GET('/v1/accounts/{account}/commands', { params: { path, query } });
      seen.push(...data!.items);
      cursor = data!.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.map(({ type }) => type).sort()).toEqual(
      ['addSeats', 'setAutomaticAllocation', 'setPaymentMethod', 'setPaymentMethod', 'signUp', 'subscribe'].sort(),
    );
    expect(seen.map(({ effectiveAt }) => effectiveAt)).toEqual(
      seen
        .map(({ effectiveAt }) => effectiveAt)
        .sort()
        .reverse(),
    );
    expect(seen.filter(({ refusal }) => refusal !== null)).toMatchObject([
      { type: 'addSeats', refusal: { code: 'payment_failed' } },
    ]);
    expect(
      (await portal(accountId, 'admin').GET('/v1/accounts/{account}/commands', { params: { path } })).error?.code,
    ).toBe('forbidden');
  });
});
