import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HttpClient } from '../../sdk/http-client.ts';
import { dumpDatabase } from '../engine/database-dump.ts';
import { subscribedToCredits, subscribedToPro } from '../engine/engine-under-test.ts';
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

const NOW = '2027-01-01T00:00:00Z';

/** 2,500 credits, and room for 10 beyond them at 1.2 cents each. */
const withCredits = () => subscribedToCredits(api.engine, { now: NOW, capCents: 12 });

const place = async (account: string, id: string, rest: object = { credits: 100 }) =>
  client.POST('/v1/holds', { body: { account, id, ...rest } });
const capture = async (account: string, hold: string, rest: object = {}) =>
  client.POST('/v1/holds/{hold}/capture', { params: { path: { hold } }, body: { account, ...rest } });
const release = async (account: string, hold: string) =>
  client.POST('/v1/holds/{hold}/release', { params: { path: { hold } }, body: { account } });
const reverse = async (account: string, event: string) =>
  client.POST('/v1/usage/{event}/reversal', { params: { path: { event } }, body: { account } });

const heldOf = async (account: string) => {
  const { data } = await client.GET('/v1/accounts/{account}', { params: { path: { account } } });
  const { credits } = data!.meters;
  return { held: credits!.held, used: credits!.usedIncluded, overage: credits!.overage, refusals: credits!.refusals };
};

describe('work that is held over HTTP', () => {
  it('CRE-13 CRE-14 given a hold, when it is captured and then given back, each twice, then each is done once and answered alike', async () => {
    const { accountId } = await withCredits();
    const id = 'run/1 ü?';
    const placed = [await place(accountId, id), await place(accountId, id)];
    expect(placed.map(({ response }) => response.status)).toEqual([201, 201]);
    expect(placed[0]!.data).toEqual({ id, meter: 'credits', held: 100, expiresAt: '2027-01-01T01:00:00Z' });
    expect(placed[1]!.data).toEqual(placed[0]!.data);
    expect(await heldOf(accountId)).toMatchObject({ held: 100, used: 0 });
    const captured = [await capture(accountId, id, { credits: 60 }), await capture(accountId, id, { credits: 60 })];
    expect(captured[0]!.data).toEqual({ id, meter: 'credits', included: 60, overage: 0, trial: 0, released: 40 });
    expect(captured[1]!.data).toEqual(captured[0]!.data);
    expect(await heldOf(accountId)).toMatchObject({ held: 0, used: 60 });
    const reversed = [await reverse(accountId, id), await reverse(accountId, id)];
    expect(reversed[0]!.data).toEqual({ id, meter: 'credits', included: 60, overage: 0, trial: 0 });
    expect(reversed[1]!.data).toEqual(reversed[0]!.data);
    expect(await heldOf(accountId)).toMatchObject({ held: 0, used: 0 });
    const { data: audit } = await client.GET('/v1/accounts/{account}/audit', {
      params: { path: { account: accountId } },
    });
    expect(audit?.items[0]).toMatchObject({ action: 'usage.reversed', actor: 'key:test' });
  });

  it('CRE-13 given what is held, when more is asked for than is left, then it is refused and counted; after a release it fits', async () => {
    const { accountId } = await withCredits();
    await place(accountId, 'most', { credits: 2_500 });
    await place(accountId, 'beyond', { credits: 10 });
    expect((await place(accountId, 'too much', { credits: 1 })).error).toMatchObject({
      ...{ code: 'spending_cap_reached', status: 409 },
    });
    expect(await heldOf(accountId)).toEqual({ held: 2_510, used: 0, overage: 0, refusals: 1 });
    expect((await release(accountId, 'most')).data).toEqual({ id: 'most', meter: 'credits', released: 2_500 });
    expect((await release(accountId, 'most')).data).toMatchObject({ released: 2_500 });
    expect((await place(accountId, 'now it fits', { credits: 2_500 })).response.status).toBe(201);
  });

  it('CRE-13 given a hold that has expired, when it is asked for again, then its first answer; nothing can be captured of it', async () => {
    const { accountId, advance } = await withCredits();
    const until = { credits: 5, expiresAt: '2027-01-01T00:10:00Z' };
    const first = await place(accountId, 'short', until);
    await advance('2027-01-01T00:10:00Z');
    expect((await place(accountId, 'short', until)).data).toEqual(first.data);
    expect((await capture(accountId, 'short')).error).toMatchObject({ code: 'hold_not_open', status: 409 });
    expect((await release(accountId, 'short')).error).toMatchObject({ code: 'hold_not_open' });
  });

  it('AUD-1 given what cannot be held, captured, released or reversed, when it is asked for, then a code, a field and no trace', async () => {
    const { accountId } = await withCredits();
    await place(accountId, 'open');
    await place(accountId, 'done');
    await capture(accountId, 'done', { credits: 1 });
    const before = await dumpDatabase(api.engine.db);
    const answers = [
      [await place(accountId, 'x', {}), 'invalid_request', 'feature'],
      [await place(accountId, 'x', { feature: 'ask', meter: 'credits' }), 'invalid_request', 'feature'],
      [await place(accountId, 'x', { feature: 'teleport' }), 'unknown_feature', 'feature'],
      [await place(accountId, 'x', { meter: 'tokens', quantity: 1 }), 'unknown_meter', 'meter'],
      [await place(accountId, 'x', { meter: 'credits', quantity: 0.5 }), 'invalid_request', 'quantity'],
      [await place(accountId, 'x', { credits: 0 }), 'invalid_request', 'credits'],
      [await place(accountId, 'x', { credits: 1, expiresInSeconds: 3_024_001 }), 'invalid_request', 'expiresInSeconds'],
      [await place(accountId, 'x', { credits: 1, expiresAt: NOW }), 'invalid_request', 'expiresAt'],
      [await place(accountId, 'x', { credits: 1, expiresAt: 'soon' }), 'invalid_request', 'expiresAt'],
      [await place(accountId, 'open', { credits: 101 }), 'idempotency_conflict', 'id'],
      [await place('nobody', 'x'), 'unknown_account', 'account'],
      [await capture(accountId, 'never'), 'unknown_hold', 'id'],
      [await capture(accountId, 'open', { credits: 101 }), 'invalid_request', 'credits'],
      [await capture(accountId, 'done', { credits: 2 }), 'idempotency_conflict', 'id'],
      [await release(accountId, 'done'), 'hold_not_open', 'id'],
      [await reverse(accountId, 'open'), 'unknown_event', 'id'],
    ] as const;
    for (const [index, [{ error }, code, field]] of answers.entries())
      expect(error, String(index)).toMatchObject({ code, field });
    expect(await dumpDatabase(api.engine.db)).toEqual(before);
  });

  it('CRE-13 BUD-1 given minutes that are held, when more is captured than was held, then the sentence is in minutes', async () => {
    const { accountId } = await subscribedToPro(api.engine, { now: NOW, seats: 1, interval: 'month' });
    const { data } = await place(accountId, 'job', { meter: 'macro_minutes', quantity: 30.5 });
    expect(data).toMatchObject({ meter: 'macro_minutes', held: 30.5 });
    const { error } = await capture(accountId, 'job', { quantity: 31 });
    expect(error).toMatchObject({ code: 'invalid_request', field: 'quantity' });
    expect(error?.detail).toContain('the hold covers 30.5 minutes, and the capture takes 31 minutes.');
    expect((await capture(accountId, 'job', { quantity: 0.5 })).data).toMatchObject({ included: 0.5, released: 30 });
  });
});
