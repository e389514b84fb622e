import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { subscribedToCredits } from '../engine/engine-under-test.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const cycle = { cycleStart: '2027-01-01T00:00:00Z', cycleEnd: '2027-02-01T00:00:00Z' };

describe('GET /v1/accounts/{account}/notices', () => {
  it('CRE-15 SEA-17 given use past base and cap, then an admin reads share, amounts with their currency and cycle, and a member the same without amounts', async () => {
    const { accountId } = await subscribedToCredits(api.engine, { now: '2027-01-01T00:00:00Z', capCents: 1_200 });
    const use = (credits: number) => api.engine.perennial.recordUsage(accountId, { feature: 'ask', credits });
    await use(1_250);
    await use(1_250);
    await use(500);
    const read = async (role: 'admin' | 'member') => {
      const token = api.tokenOf({ kind: 'portal', accountId, memberId: 'ann', role });
      const params = { path: { account: accountId }, query: { limit: 100 } };
      const { data, error } = await api.clientOf(token).GET('/v1/accounts/{account}/notices', { params });
      expect(error).toBeUndefined();
      return data?.items ?? [];
    };
    const share = { meter: 'credits', ...cycle };
    const admin = await read('admin');
    expect(admin[0]).toMatchObject({
      ...{ kind: 'cap_50', currency: 'usd' },
      detail: { ...share, percent: 50, spentCents: 600, capCents: 1_200 },
    });
    expect(admin.at(-1)).toMatchObject({ kind: 'credits_50', detail: { ...share, used: 1_250, included: 2_500 } });
    const member = await read('member');
    expect(member.map(({ kind }) => kind)).toEqual(admin.map(({ kind }) => kind));
    expect(member[0]).toEqual({ at: admin[0]?.at, kind: 'cap_50', detail: { ...share, percent: 50 } });
    expect(member.at(-1)?.detail).toEqual(admin.at(-1)?.detail);
  });
});
