import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { components, paths } from '../../sdk/generated/openapi.ts';
import type { HttpClient } from '../../sdk/http-client.ts';
import { type AccountOnClock, instant, subscribedToCredits, subscribedToPro } from '../engine/engine-under-test.ts';
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

type Query = NonNullable<paths['/v1/accounts/{account}/analytics']['get']['parameters']['query']>;

const ask = async (account: string, query: Query = {}, as: HttpClient = client) =>
  as.GET('/v1/accounts/{account}/analytics', { params: { path: { account }, query } });

async function creditsOf(account: string, query: Query = {}) {
  const { data, error } = await ask(account, query);
  expect(error).toBeUndefined();
  return data!.meters.find(({ meter }) => meter === 'credits')!;
}

type Figures = components['schemas']['UsageFigures'];

/** Two cycles of use at 1.2 cents a credit beyond 2 500, by members, by nobody and by somebody who was never one; one event is given back. */
async function used(): Promise<AccountOnClock> {
  const account = await subscribedToCredits(api.engine, { now: '2027-01-01T00:00:00Z', capCents: 100_000 });
  const { accountId } = account;
  const { perennial } = api.engine;
  await perennial.execute(accountId, { type: 'addMember', memberId: 'bob' });
  const use = (id: string, day: string, rest: object) =>
    perennial.recordUsage(accountId, { id, feature: 'ask', occurredAt: instant(`${day}T12:00:00Z`), ...rest });
  await account.advance('2027-01-20T00:00:00Z');
  await use('one', '2027-01-01', { credits: 2_400, member: 'ada', model: 'large' });
  await use('two', '2027-01-02', { credits: 101, feature: 'review' });
  await use('three', '2027-01-03', { credits: 1, member: 'bob' });
  await use('four', '2027-01-03', { credits: 1, member: 'never was', model: 'small' });
  await use('failed', '2027-01-04', { credits: 77, member: 'ada' });
  await perennial.reverseUsage(accountId, { id: 'failed' });
  await account.advance('2027-02-10T00:00:00Z');
  await use('five', '2027-02-01', { credits: 2_501, feature: '=cmd()', member: '+1' });
  await perennial.execute(accountId, { type: 'disableMember', memberId: 'bob' });
  return account;
}

const add = (all: readonly Figures[]): Omit<Figures, 'overageCents'> => ({
  events: all.reduce((sum, { events }) => sum + events, 0),
  included: all.reduce((sum, { included }) => sum + included, 0),
  overage: all.reduce((sum, { overage }) => sum + overage, 0),
  trial: all.reduce((sum, { trial }) => sum + trial, 0),
});

describe('what was used', () => {
  it('CRE-20 given two cycles of use, when it is asked for by feature, member and model, then each, and its days, sum to the ledger', async () => {
    const { accountId } = await used();
    const ledger = await api.engine.db('usageEvents').where({ accountId }).select();
    const total = ledger.reduce((sum, { units }) => sum + units, 0);
    expect(total).toBe(2_400 + 101 + 1 + 1 + 2_501);
    for (const by of ['feature', 'member', 'model'] as const) {
      const { sum, keys, days } = await creditsOf(accountId, { by, from: '2027-01-01', to: '2027-02-28' });
      // 3 beyond the base in January, 1 in February, at 1.2 cents: 4.8.
      expect(sum).toEqual({ events: 5, included: 5_000, overage: 4, trial: 0, overageCents: 5 });
      const exact = { events: 5, included: 5_000, overage: 4, trial: 0 };
      expect(add(keys.map((each) => each.sum))).toEqual(exact);
      expect(add(days)).toEqual(exact);
      for (const { key, sum: ofKey } of keys) {
        const column = ({ feature: 'feature', member: 'memberId', model: 'model' } as const)[by];
        const its = ledger.filter((row) => (row[column] ?? '') === key);
        expect(
          its.reduce((units, row) => units + row.units, 0),
          key,
        ).toBe(ofKey.included + ofKey.overage);
      }
    }
    const members = await creditsOf(accountId, { by: 'member', from: '2027-01-01', to: '2027-02-28' });
    expect(members.keys.map(({ key }) => key)).toEqual(['+1', 'ada', '', 'bob', 'never was']);
    expect(members.days.map(({ day, key }) => `${day} ${key}`)).toEqual([
      ...['2027-01-01 ada', '2027-01-02 ', '2027-01-03 bob', '2027-01-03 never was', '2027-02-01 +1'],
    ]);
  });

  it('CRE-20 CRE-10 given a boundary in the middle of a day, when it is asked for from a cycle on, or until its end, then the day counts as on the bill', async () => {
    const start = '2027-01-15T14:00:00Z';
    const account = await subscribedToCredits(api.engine, { now: start, capCents: 100_000 });
    const { accountId } = account;
    const use = (id: string, credits: number) =>
      api.engine.perennial.recordUsage(accountId, { id, feature: 'ask', credits });
    await account.advance('2027-02-15T11:00:00Z');
    await use('before the boundary', 2_600);
    await account.advance('2027-02-15T20:00:00Z');
    await use('after it', 7);
    const day = { from: '2027-02-15', to: '2027-02-15' };
    expect((await creditsOf(accountId, day)).sum).toMatchObject({ events: 2, included: 2_507, overage: 100 });
    const cycle = { ...day, cyclesFrom: '2027-02-15T14:00:00Z' };
    expect((await creditsOf(accountId, cycle)).sum).toMatchObject({ events: 1, included: 7, overage: 0 });
    expect((await creditsOf(accountId, { ...day, cyclesFrom: start })).sum.events).toBe(2);
    const before = { ...day, cyclesFrom: start, cyclesUntil: '2027-02-15T14:00:00Z' };
    expect((await creditsOf(accountId, before)).sum).toMatchObject({ events: 1, included: 2_500, overage: 100 });
    const { data: csv } = await client.GET('/v1/accounts/{account}/usage.csv', {
      params: { path: { account: accountId }, query: cycle },
      parseAs: 'text',
    });
    expect(csv?.trim().split('\n').slice(1)).toEqual(['2027-02-15,credits,credit,ask,,,1,7,0,0']);
  });

  it('CRE-20 CRE-10 given an older cycle, when it is asked for and nothing is said of days, then they are its days, in both forms', async () => {
    const { accountId } = await used();
    const january = { cyclesFrom: '2027-01-01T00:00:00Z', cyclesUntil: '2027-02-01T00:00:00Z' };
    expect((await ask(accountId, january)).data).toMatchObject({ from: '2027-01-01', to: '2027-02-01' });
    expect((await creditsOf(accountId, january)).sum).toMatchObject({ events: 4, included: 2_500, overage: 3 });
    const answer = await csv(accountId, `?${new URLSearchParams(january).toString()}`);
    expect(answer.headers.get('content-disposition')).toContain('usage-2027-01-01-2027-02-01.csv');
    const rows = (await answer.text()).trim().split('\n').slice(1);
    expect([...new Set(rows.map((row) => row.slice(0, 10)))]).toEqual(
      [1, 2, 3, 4].map((day) => `2027-01-0${String(day)}`),
    );
    const since = await ask(accountId, { cyclesFrom: '2027-02-01T00:00:00Z' });
    expect(since.data).toMatchObject({ from: '2027-02-01', to: '2027-02-10' });
    const future = { cyclesFrom: '2027-03-01T00:00:00Z', cyclesUntil: '2027-04-01T00:00:00Z' };
    expect((await ask(accountId, future)).data).toMatchObject({ from: '2027-02-10', to: '2027-02-10' });
  });

  it('CRE-20 given use, when nothing is said of days, then they are the account’s own last 30', async () => {
    const { accountId } = await used();
    const { data } = await ask(accountId);
    expect(data).toMatchObject({ from: '2027-01-12', to: '2027-02-10', by: 'feature' });
    expect((await creditsOf(accountId)).days.map(({ day }) => day)).toEqual(['2027-02-01']);
    expect((await ask(accountId, { meter: 'credits' })).data?.meters).toHaveLength(1);
  });

  it('BUD-1 CRE-20 given metered runs of seconds, when they are asked for, then in minutes, each figure rounded up once', async () => {
    const { accountId } = await subscribedToPro(api.engine, {
      now: '2027-01-01T00:00:00Z',
      seats: 2,
      interval: 'month',
    });
    for (const eventId of ['one', 'two']) {
      const run = { kind: 'run', sender: { id: 'mia' }, visibility: 'private', minutes: 1.5, eventId } as const;
      await api.engine.perennial.checkAccess(accountId, run);
    }
    const { data } = await ask(accountId, { by: 'member' });
    const [minutes] = data!.meters;
    expect(minutes).toMatchObject({ meter: 'macro_minutes', unit: 'minute', sum: { events: 2, included: 3 } });
    const rows = (await csvOf(accountId)).split('\n');
    expect(rows[1]).toBe('2027-01-01,macro_minutes,second,macro_minutes,mia,,2,180,0,0');
  });

  it('CRE-20 CRE-14 given members of whom one has used something, when they are listed or read, then it says when last', async () => {
    const { accountId } = await used();
    const { perennial } = api.engine;
    await perennial.execute(accountId, { type: 'addMember', memberId: 'carl' });
    await perennial.recordUsage(accountId, { id: 'for nothing', feature: 'ask', member: 'carl' });
    await perennial.reverseUsage(accountId, { id: 'for nothing' });
    const path = { account: accountId };
    const list = await client.GET('/v1/accounts/{account}/members', { params: { path } });
    expect(list.data?.items.map(({ member, lastUsedOn }) => [member, lastUsedOn])).toEqual([
      ['bob', '2027-01-03'],
      ['carl', null],
    ]);
    const one = await client.GET('/v1/accounts/{account}/members/{member}', {
      params: { path: { ...path, member: 'bob' } },
    });
    expect(one.data?.lastUsedOn).toBe('2027-01-03');
  });

  it('AUD-1 given questions that cannot be answered, when they are asked, then each is refused by its field', async () => {
    const { accountId } = await used();
    const wrong: readonly [Query, string, string][] = [
      [{ from: 'yesterday' }, 'invalid_request', 'from'],
      [{ to: '2027-02-30' }, 'invalid_request', 'to'],
      [{ to: '0000-01-01' }, 'invalid_request', 'to'],
      [{ from: '2027-02-11' }, 'invalid_request', 'from'],
      [{ cyclesFrom: '2027-02-11' }, 'invalid_request', 'cyclesFrom'],
      [{ cyclesUntil: '2027-02-11' }, 'invalid_request', 'cyclesUntil'],
      [{ from: '2026-01-01', to: '2027-02-05' }, 'invalid_request', 'from'],
      [{ by: 'team' as never }, 'invalid_request', 'by'],
      [{ meter: 'tokens' }, 'unknown_meter', 'meter'],
    ];
    for (const [query, code, field] of wrong) {
      expect((await ask(accountId, query)).error, JSON.stringify(query)).toMatchObject({ code, field });
    }
    expect((await ask(accountId, { from: '2026-01-02', to: '2027-02-05' })).error).toBeUndefined();
    expect((await ask('nobody')).error).toMatchObject({ code: 'unknown_account', status: 404 });
    expect((await csv('nobody')).status).toBe(404);
  });

  it('CRE-20 given more days of keys than an answer has room for, when they are asked for, then a shorter time is asked for; by feature it is told', async () => {
    const { accountId } = await subscribedToCredits(api.engine, { now: '2027-01-01T00:00:00Z', capCents: 0 });
    await api.engine.db.raw(
      `insert into usage_days select ?, date '2027-01-01', 'credits', 'ask', 'm' || n, '', timestamptz '2027-01-01T00:00:00Z', 1, 1, 0, 0
        from generate_series(1, 50001) n`,
      [accountId],
    );
    const { error } = await ask(accountId, { by: 'member' });
    expect(error).toMatchObject({ code: 'invalid_request', field: 'from', detail: expect.stringContaining('50,000') });
    expect((await ask(accountId)).data?.meters[0]?.sum).toMatchObject({ events: 50_001, included: 50_001 });
  });

  it('SEA-17 given a member’s token, when it asks, then it gets every quantity and no amount', async () => {
    const { accountId } = await used();
    const portal = { kind: 'portal', accountId, role: 'member', memberId: 'ada' } as const;
    const { data } = await ask(accountId, { from: '2027-01-01' }, api.clientOf(api.tokenOf(portal)));
    expect(data?.meters[0]?.sum).toEqual({ events: 5, included: 5_000, overage: 4, trial: 0 });
    expect(JSON.stringify(data)).not.toMatch(/cents/i);
    expect((await csv(accountId, '', api.tokenOf(portal))).status).toBe(200);
  });
});

const csv = (account: string, query = '', token = api.key): Promise<Response> =>
  fetch(`${api.url}/v1/accounts/${encodeURIComponent(account)}/usage.csv${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });

async function csvOf(account: string, query = ''): Promise<string> {
  const answer = await csv(account, query);
  expect(answer.status).toBe(200);
  return answer.text();
}

describe('the CSV of what was used', () => {
  it('CRE-20 given two cycles of use, when it is exported, then a row each, which add up, and no formula among them', async () => {
    const { accountId } = await used();
    const answer = await csv(accountId, '?from=2027-01-01&to=2027-02-28');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toContain('usage-2027-01-01-2027-02-28.csv');
    expect((await answer.text()).split('\n')).toEqual([
      'day_utc,meter,unit,feature,member,model,events,included_units,overage_units,trial_units',
      '2027-01-01,credits,credit,ask,ada,large,1,2400,0,0',
      '2027-01-02,credits,credit,review,,,1,100,1,0',
      '2027-01-03,credits,credit,ask,bob,,1,0,1,0',
      '2027-01-03,credits,credit,ask,never was,small,1,0,1,0',
      '2027-01-04,credits,credit,ask,ada,,0,0,0,0',
      "2027-02-01,credits,credit,'=cmd(),'+1,,1,2500,1,0",
      '',
    ]);
  });

  it('CRE-20 given more rows than are read at once, when they are exported, then each is there once, in order', async () => {
    const { accountId } = await used();
    const members = Array.from({ length: 5_003 }, (_, index) => `m${String(index).padStart(5, '0')}`);
    const row = { accountId, day: '2027-02-02', meter: 'credits', feature: 'ask', model: '', events: 1 };
    const rows = members.map((memberId) => ({
      ...{ ...row, memberId, cycleStart: '2027-02-01T00:00:00Z', includedUnits: 0, overageUnits: 0, trialUnits: 1 },
    }));
    await api.engine.db.batchInsert('usage_days', rows, 1_000);
    const lines = (await csvOf(accountId, '?from=2027-02-02')).trim().split('\n').slice(1);
    expect(lines.map((line) => line.split(',')[4])).toEqual(members);
  });
});
