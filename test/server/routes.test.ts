import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { HttpClient } from '../../sdk/http-client.ts';
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

interface OnClock {
  readonly path: { readonly account: string };
  readonly clock: string;
}

/** Signs up over HTTP on a test clock made over HTTP. */
async function signUp(catalog: 'qodo' | 'codspeed', now: string): Promise<OnClock> {
  const account = api.engine.name(catalog);
  const clock = `clock of ${account}`;
  const made = await client.POST('/v1/test-clocks', { body: { clockId: clock, now } });
  expect(made.response.status).toBe(201);
  const body = { accountId: account, ownerId: `owner of ${account}`, catalog, testClockId: clock };
  const signed = await client.POST('/v1/signups', { body });
  expect(signed.response.status).toBe(201);
  return { path: { account }, clock };
}

async function withCard(account: OnClock): Promise<OnClock> {
  const { path } = account;
  const set = await client.PUT('/v1/accounts/{account}/payment-method', {
    params: { path },
    body: { paymentMethodId: 'pm_card_visa' },
  });
  expect(set.data?.result).toMatchObject({ brand: 'visa', last4: '4242' });
  return account;
}

async function onPro(seats: number): Promise<OnClock> {
  const account = await withCard(await signUp('codspeed', '2027-01-01T00:00:00Z'));
  const { path } = account;
  const body = { plan: 'pro', interval: 'month' as const, seats };
  const { data, error } = await client.POST('/v1/accounts/{account}/subscription', { params: { path }, body });
  expect(error).toBeUndefined();
  expect(data?.effectiveAt).toBe('2027-01-01T00:00:00Z');
  return account;
}

describe('accounts', () => {
  it('TRI-1 given nobody, when they sign up, then the trial runs, and the same signup again is the same', async () => {
    const { path } = await signUp('qodo', '2027-01-01T00:00:00Z');
    const { data } = await client.GET('/v1/accounts/{account}', { params: { path } });
    expect(data).toMatchObject({ phase: 'trialing', trialEndsAt: '2027-01-15T00:00:00Z', currency: 'usd' });
    const again = { accountId: path.account, ownerId: `owner of ${path.account}`, catalog: 'qodo' };
    expect((await client.POST('/v1/signups', { body: again })).response.status).toBe(201);
    const second = await client.POST('/v1/signups', { body: { ...again, accountId: `${path.account} 2` } });
    expect(second.error).toMatchObject({ code: 'account_exists', status: 409 });
  });

  it('given an account, when it is read with its ETag, then nothing is sent again until it changes', async () => {
    const { path } = await signUp('codspeed', '2027-01-01T00:00:00Z');
    const first = await client.GET('/v1/accounts/{account}', { params: { path } });
    const etag = first.response.headers.get('etag') ?? '';
    const read = { params: { path, header: { 'if-none-match': etag } } };
    expect((await client.GET('/v1/accounts/{account}', read)).response.status).toBe(304);
    const body = { enabled: true };
    const write = { params: { path, header: { 'if-match': etag } }, body };
    expect((await client.PUT('/v1/accounts/{account}/automatic-allocation', write)).error).toBeUndefined();
    expect((await client.GET('/v1/accounts/{account}', read)).response.status).toBe(200);
    const stale = { ...write, body: { enabled: false } };
    const { error } = await client.PUT('/v1/accounts/{account}/automatic-allocation', stale);
    expect(error).toMatchObject({ code: 'precondition_failed', status: 412 });
  });

  it('given many accounts, when they are listed by pages, then each comes once, also with filters', async () => {
    const mine = [await signUp('codspeed', '2027-01-01T00:00:00Z'), await signUp('codspeed', '2027-01-01T00:00:00Z')];
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 1, ...(cursor === undefined ? {} : { cursor }), phase: 'free' as const };
      const { data } = await client.GET('/v1/accounts', { params: { query } });
      seen.push(...(data?.items ?? []).map(({ accountId }) => accountId));
      cursor = data?.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(mine.map(({ path }) => path.account)));
    const query = { search: mine[0]!.path.account.toUpperCase() };
    const { data } = await client.GET('/v1/accounts', { params: { query } });
    expect(data?.items.map(({ accountId }) => accountId)).toEqual([mine[0]!.path.account]);
    expect(data?.items[0]).toMatchObject({ testClockId: mine[0]!.clock, seats: 0, openCents: 0, closedAt: null });
    const wrong = await client.GET('/v1/accounts', { params: { query: { cursor: 'bm9uZQ' } } });
    expect(wrong.error).toMatchObject({ code: 'invalid_request', field: 'cursor' });
  });

  it('INV-5 given a renewal that is not paid, when accounts are listed, then it is the first, with what it owes', async () => {
    const { path, clock } = await onPro(2);
    const change = { params: { path }, body: { paymentMethodId: 'pm_card_chargeCustomerFail' } };
    expect((await client.PUT('/v1/accounts/{account}/payment-method', change)).error).toBeUndefined();
    await client.POST('/v1/test-clocks/{clock}/advance', {
      params: { path: { clock } },
      body: { to: '2027-02-01T00:00:00Z' },
    });
    const { data } = await client.GET('/v1/accounts', { params: { query: { limit: 1 } } });
    expect(data?.items).toEqual([
      expect.objectContaining({
        accountId: path.account,
        phase: 'past_due',
        seats: 2,
        openCents: 4000,
        plan: 'pro',
        interval: 'month',
      }),
    ]);
    expect(data?.nextCursor).not.toBeNull();
  });

  it('TRI-8 given a trial, when an operator extends it, then it ends later; nobody else can', async () => {
    const { path } = await signUp('qodo', '2027-01-01T00:00:00Z');
    const body = { days: 7 };
    const { error } = await client.POST('/v1/accounts/{account}/trial-extension', { params: { path }, body });
    expect(error).toBeUndefined();
    const { data } = await client.GET('/v1/accounts/{account}', { params: { path } });
    expect(data?.trialEndsAt).toBe('2027-01-22T00:00:00Z');
    const backend = api.clientOf(api.tokenOf({ kind: 'key', keyId: 'b', scopes: ['accounts:write', 'accounts:read'] }));
    const refused = await backend.POST('/v1/accounts/{account}/trial-extension', { params: { path }, body });
    expect(refused.error).toMatchObject({ code: 'forbidden', status: 403 });
  });
});

describe('subscriptions and seats', () => {
  it('SBI-2 given Pro, when seats are previewed and added, then the preview is what is issued', async () => {
    const { path, clock } = await onPro(2);
    await client.POST('/v1/test-clocks/{clock}/advance', {
      params: { path: { clock } },
      body: { to: '2027-01-16T12:00:00Z' },
    });
    const body = { count: 2 };
    const preview = await client.POST('/v1/accounts/{account}/seats/preview', { params: { path }, body });
    expect(preview.data?.dueNowCents).toBe(0);
    const header = { 'idempotency-key': 'two more' };
    const added = await client.POST('/v1/accounts/{account}/seats', { params: { path, header }, body });
    expect(added.data?.commandId).toBe('two more');
    const again = await client.POST('/v1/accounts/{account}/seats', { params: { path, header }, body });
    expect(again.data).toEqual(added.data);
    const other = await client.POST('/v1/accounts/{account}/seats', { params: { path, header }, body: { count: 3 } });
    expect(other.error).toMatchObject({ code: 'idempotency_conflict', status: 409 });
    const upcoming = await client.GET('/v1/accounts/{account}/invoices/upcoming', { params: { path } });
    expect(upcoming.data?.invoice).toEqual(preview.data?.nextInvoice);
    await client.POST('/v1/test-clocks/{clock}/advance', {
      params: { path: { clock } },
      body: { to: '2027-02-01T00:00:00Z' },
    });
    const { data } = await client.GET('/v1/accounts/{account}/invoices', { params: { path } });
    const [newest, first] = data?.items ?? [];
    expect(newest).toMatchObject({ total: preview.data?.nextInvoiceCents, status: 'paid' });
    const one = await client.GET('/v1/accounts/{account}/invoices/{number}', {
      params: { path: { ...path, number: first?.number ?? '' } },
    });
    expect(one.data).toEqual(first);
  });

  it('SBI-5 given free seats, when they are removed by count, then at the end of the cycle; taken ones by member', async () => {
    const { path } = await onPro(3);
    const remove = await client.DELETE('/v1/accounts/{account}/seats', { params: { path, query: { count: 1 } } });
    expect(remove.data?.result['endsAt']).toBe('2027-02-01T00:00:00Z');
    const both = { count: 1, member: 'm' };
    const refused = await client.DELETE('/v1/accounts/{account}/seats', { params: { path, query: both } });
    expect(refused.error).toMatchObject({ code: 'invalid_request', field: 'count' });
  });

  it('CRE-19 given Pro, when it is previewed, canceled and resumed, then it goes on', async () => {
    const { path } = await onPro(1);
    const body = { type: 'changePlan' as const, interval: 'year' as const };
    const preview = await client.POST('/v1/accounts/{account}/subscription/preview', { params: { path }, body });
    expect(preview.data?.dueNowCents).toBeGreaterThan(0);
    expect((await client.DELETE('/v1/accounts/{account}/subscription', { params: { path } })).error).toBeUndefined();
    const canceled = await client.GET('/v1/accounts/{account}', { params: { path } });
    expect(canceled.data?.scheduledChange).toEqual({ at: '2027-02-01T00:00:00Z', to: 'free' });
    const resumed = await client.POST('/v1/accounts/{account}/subscription/resume', { params: { path } });
    expect(resumed.error).toBeUndefined();
    const changed = await client.PATCH('/v1/accounts/{account}/subscription', {
      params: { path },
      body: { interval: 'year' },
    });
    expect(changed.error).toBeUndefined();
    const { data } = await client.GET('/v1/accounts/{account}', { params: { path } });
    expect(data).toMatchObject({ interval: 'year', scheduledChange: null });
  });

  it('CRE-7 given a trial, when a plan is asked for wrongly, then each refusal has its code', async () => {
    const { path } = await signUp('qodo', '2027-01-01T00:00:00Z');
    const subscribe = (body: { plan: string; interval?: 'year'; capCents?: number; startNow?: boolean }) =>
      client.POST('/v1/accounts/{account}/subscription', { params: { path }, body });
    expect((await subscribe({ plan: 'gold' })).error).toMatchObject({ code: 'unknown_plan', status: 404 });
    expect((await subscribe({ plan: 'pro-teams', interval: 'year' })).error).toMatchObject({
      code: 'interval_not_offered',
    });
    expect((await subscribe({ plan: 'pro-teams', capCents: 100, startNow: true })).error).toMatchObject({
      code: 'payment_method_required',
      status: 402,
    });
    const cap = await client.PUT('/v1/accounts/{account}/caps/{meter}', {
      params: { path: { ...path, meter: 'nothing' } },
      body: { capCents: 5 },
    });
    expect(cap.error?.code).toMatch(/unknown_meter|not_subscribed|cap_not_offered/);
  });
});

describe('use', () => {
  it('CRE-3 given a small pack, when use is recorded in a batch, then each event is answered on its own', async () => {
    const { path } = await withCard(await signUp('qodo', '2027-01-01T00:00:00Z'));
    const subscribed = await client.POST('/v1/accounts/{account}/subscription', {
      params: { path },
      body: { plan: 'pro-teams', pack: 'small', capCents: 0, startNow: true },
    });
    expect(subscribed.error).toBeUndefined();
    const { account } = path;
    const { data: catalogs } = await client.GET('/v1/catalogs');
    const qodo = catalogs?.items.find(({ name }) => name === 'qodo');
    const [feature] = Object.keys((qodo?.catalog as { features: object }).features);
    const events = [
      { id: 'one', account, feature: feature! },
      { id: 'two 🦉', account, feature: 'nothing' },
      { id: 'three', account: 'nobody', feature: feature! },
      { id: 'four', account, feature: feature!, quantity: 0 },
      { id: 'five', account, feature: feature!, extra: true } as { id: string; account: string; feature: string },
      { id: 'six', account, feature: feature!, credits: 10_000_000 },
    ];
    const { data } = await client.POST('/v1/usage', { body: { events } });
    expect(data?.results.map((each) => (each.status === 'refused' ? each.code : each.status))).toEqual([
      ...['accepted', 'unknown_feature', 'unknown_account', 'invalid_request', 'invalid_request'],
      expect.stringMatching(/spending_cap_reached|allowance_used_up|invalid_request/),
    ]);
    expect(data?.results.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  });

  it('SEA-8 given Pro without a free seat, when a newcomer runs, then the answer is a reason, not an error', async () => {
    const { path } = await onPro(1);
    const ask = (id: string) =>
      client.POST('/v1/access-checks', {
        body: { account: path.account, kind: 'run', sender: { id, login: id }, visibility: 'private' },
      });
    expect((await ask('ada')).data).toEqual({ allowed: true, member: 'ada' });
    const { data, response } = await ask('bob');
    expect(response.status).toBe(200);
    expect(data).toMatchObject({ allowed: false, refusal: { code: 'no_seat' } });
    const members = await client.GET('/v1/accounts/{account}/members', { params: { path, query: { limit: 1 } } });
    expect(members.data?.items.map(({ member }) => member)).toEqual(['ada']);
    const cursor = members.data?.nextCursor ?? '';
    const rest = await client.GET('/v1/accounts/{account}/members', { params: { path, query: { cursor } } });
    expect(rest.data).toMatchObject({
      items: [{ member: 'bob', state: 'disabled', reason: 'no_seat' }],
      nextCursor: null,
    });
    const enabled = await client.PATCH('/v1/accounts/{account}/members/{member}', {
      params: { path: { ...path, member: 'bob' } },
      body: { state: 'enabled' },
    });
    expect(enabled.error).toBeUndefined();
    const promoted = await client.PATCH('/v1/accounts/{account}/members/{member}', {
      params: { path: { ...path, member: 'bob' } },
      body: { role: 'admin' },
    });
    expect(promoted.error).toBeUndefined();
    const eve = { member: 'eve', role: 'member' as const };
    expect(
      (await client.POST('/v1/accounts/{account}/members', { params: { path }, body: eve })).error,
    ).toBeUndefined();
    const audit = await client.GET('/v1/accounts/{account}/audit', { params: { path, query: { limit: 2 } } });
    expect(audit.data?.items.map(({ actor }) => actor)).toContain('key:test');
    const nobody = await client.POST('/v1/access-checks', {
      body: { account: 'nobody', kind: 'dashboard', member: { id: 'ada' } },
    });
    expect(nobody.error).toMatchObject({ code: 'unknown_account' });
  });
});

describe('a run and what it may use, in one question', () => {
  it('CRE-13 SEA-8 given Pro, when runs ask with a hold, then it is theirs; a run that is refused leaves none', async () => {
    const { path } = await onPro(1);
    const { account } = path;
    const hold = { id: 'job 1', meter: 'macro_minutes', quantity: 20 };
    const run = { account, kind: 'run', sender: { id: 'ada' }, visibility: 'private' } as const;
    const check = (body: object) => client.POST('/v1/access-checks', { body: { ...run, ...body } });
    const first = await check({ hold });
    expect(first.data).toMatchObject({ allowed: true, member: 'ada', hold: { id: 'job 1', held: 20 } });
    expect((await check({ hold })).data).toEqual(first.data);
    // Public runs use nothing (SEA-1).
    const open = await check({ visibility: 'public', hold: { ...hold, id: 'job 2' } });
    expect(open.data).toEqual({ allowed: true, member: null });
    const refused = await check({ sender: { id: 'bob' }, hold: { ...hold, id: 'job 3' } });
    expect(refused.data).toMatchObject({ allowed: false, refusal: { code: 'no_seat' } });
    const { data } = await client.GET('/v1/accounts/{account}', { params: { path } });
    expect(data?.meters['macro_minutes']).toMatchObject({ held: 20 });
    const captured = await client.POST('/v1/holds/{hold}/capture', {
      params: { path: { hold: 'job 1' } },
      body: { account, quantity: 12 },
    });
    expect(captured.data).toMatchObject({ included: 12, released: 8 });
    const query = { by: 'member' } as const;
    const used = await client.GET('/v1/accounts/{account}/analytics', { params: { path, query } });
    expect(used.data?.meters[0]?.keys).toMatchObject([{ key: 'ada', sum: { included: 12 } }]);
  });

  it('CRE-6 AUD-1 given a hold that has no room, or is malformed, when a run asks, then the reason, or the field', async () => {
    const { path } = await withCard(await signUp('qodo', '2027-01-01T00:00:00Z'));
    const { account } = path;
    const body = { plan: 'pro-teams', pack: 'small', capCents: 0, startNow: true };
    await client.POST('/v1/accounts/{account}/subscription', { params: { path }, body });
    const check = (rest: object) =>
      client.POST('/v1/access-checks', {
        body: { account, kind: 'run', sender: null, visibility: 'private', ...rest },
      });
    expect((await check({ hold: { id: 'much', credits: 2_501 } })).data).toMatchObject({
      allowed: false,
      refusal: { code: 'spending_cap_reached' },
    });
    const wrong: readonly [object, string, string][] = [
      [{ hold: { id: 'x', feature: 'teleport' } }, 'unknown_feature', 'hold.feature'],
      [{ hold: { id: 'x', meter: 'tokens', quantity: 1 } }, 'unknown_meter', 'hold.meter'],
      [{ hold: { id: 'x' } }, 'invalid_request', 'hold.feature'],
      [{ hold: { credits: 1 } }, 'invalid_request', 'hold.id'],
      [{ hold: { id: 'x', credits: 1, member: 'eve' } }, 'invalid_request', 'hold.member'],
      [{ hold: { id: 'x', credits: 1 }, minutes: 1 }, 'invalid_request', 'hold'],
    ];
    for (const [rest, code, field] of wrong)
      expect((await check(rest)).error, JSON.stringify(rest)).toMatchObject({ code, field });
  });
});

describe('SEA-17 portal tokens', () => {
  it('SEA-17 given a member’s token, when it reads, then no amounts, only themselves, and nothing is changed', async () => {
    const { path } = await onPro(1);
    const { account } = path;
    await client.POST('/v1/access-checks', {
      body: { account, kind: 'dashboard', member: { id: 'ada', login: 'ada' } },
    });
    const member = api.clientOf(api.tokenOf({ kind: 'portal', accountId: account, role: 'member', memberId: 'ada' }));
    const read = await member.GET('/v1/accounts/{account}', { params: { path } });
    expect(read.data).toMatchObject({ accountId: account, phase: 'active' });
    expect(JSON.stringify(read.data)).not.toMatch(/cents|currency|4242|paymentMethod/i);
    const self = await member.GET('/v1/accounts/{account}/members/{member}', {
      params: { path: { account, member: 'ada' } },
    });
    expect(self.data?.member).toBe('ada');
    const other = await member.GET('/v1/accounts/{account}/members/{member}', {
      params: { path: { account, member: 'bob' } },
    });
    expect(other.error?.code).toBe('forbidden');
    expect((await member.GET('/v1/accounts/{account}/notices', { params: { path } })).response.status).toBe(200);
    expect((await member.GET('/v1/accounts/{account}/invoices', { params: { path } })).error?.code).toBe('forbidden');
    const add = await member.POST('/v1/accounts/{account}/seats', { params: { path }, body: { count: 1 } });
    expect(add.error?.code).toBe('forbidden');
    const admin = api.clientOf(api.tokenOf({ kind: 'portal', accountId: account, role: 'admin', memberId: 'ada' }));
    expect((await admin.GET('/v1/accounts/{account}/invoices', { params: { path } })).response.status).toBe(200);
    const foreign = await admin.GET('/v1/accounts/{account}', { params: { path: { account: 'another' } } });
    expect(foreign.error?.code).toBe('forbidden');
  });
});

describe('reconciliation', () => {
  it('AUD-3 given sound books, when an operator has them compared, then there is a report, and no difference in it', async () => {
    const { path } = await onPro(2);
    const { data, response } = await client.POST('/v1/reconciliations');
    expect(response.status).toBe(202);
    const reconciliation = data?.reconciliationId ?? '';
    const read = () => client.GET('/v1/reconciliations/{reconciliation}', { params: { path: { reconciliation } } });
    await vi.waitFor(
      async () => {
        expect((await read()).data?.status).toBe('done');
      },
      { timeout: 30_000, interval: 200 },
    );
    expect((await read()).data).toMatchObject({ startedBy: 'key:test', differenceCount: 0, differences: [] });
    const { data: listed } = await client.GET('/v1/reconciliations');
    expect(listed?.items[0]).toMatchObject({ reconciliationId: reconciliation, status: 'done' });
    const one = await client.GET('/v1/accounts/{account}/reconciliation', { params: { path } });
    expect(one.data).toEqual({ agrees: true, differences: [] });
    const unknown = await client.GET('/v1/reconciliations/{reconciliation}', {
      params: { path: { reconciliation: 'none' } },
    });
    expect(unknown.error).toMatchObject({ code: 'unknown_reconciliation', status: 404 });
  });
});

describe('catalogs and test clocks', () => {
  it('CAT-1 given a catalog with a mistake, when it is published, then the place is named', async () => {
    const publish = (body: string, type: string): Promise<Response> =>
      fetch(`${api.url}/v1/catalogs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${api.key}`, 'content-type': type },
        body,
      });
    const wrong = await publish('catalog: x\nplans: 5\n', 'application/yaml');
    expect(wrong.status).toBe(400);
    const told = (await wrong.json()) as { code: string; detail: string };
    expect(told.code).toBe('invalid_catalog');
    expect(told.detail).toMatch(/catalog:\d+:\d+/);
  });

  it('given an installation that is no sandbox, when time is to be moved, then it is refused', async () => {
    const real = await openApi({ isSandbox: false });
    try {
      const body = { clockId: 'c', now: '2027-01-01T00:00:00Z' };
      const { error } = await real.client.POST('/v1/test-clocks', { body });
      expect(error).toMatchObject({ code: 'not_a_sandbox', status: 403 });
    } finally {
      await real.close();
    }
  });

  it('given test clocks, when they are listed, then each says what it shows and who lives on it', async () => {
    const { clock, path } = await signUp('codspeed', '2027-03-01T00:00:00Z');
    const clocks: unknown[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
      const { data } = await client.GET('/v1/test-clocks', { params: { query } });
      clocks.push(...(data?.items ?? []));
      cursor = data?.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(clocks).toContainEqual({ clockId: clock, now: '2027-03-01T00:00:00Z', accountIds: [path.account] });
  });

  it('given a test clock, when it is moved back, or is not there, then it is refused by code', async () => {
    const { clock } = await signUp('codspeed', '2027-03-01T00:00:00Z');
    const back = await client.POST('/v1/test-clocks/{clock}/advance', {
      params: { path: { clock } },
      body: { to: '2027-02-01T00:00:00Z' },
    });
    expect(back.error).toMatchObject({ code: 'date_before_clock', status: 400 });
    const none = await client.GET('/v1/test-clocks/{clock}', { params: { path: { clock: 'none' } } });
    expect(none.error).toMatchObject({ code: 'unknown_test_clock', status: 404 });
  });
});
