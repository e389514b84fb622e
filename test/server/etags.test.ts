import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { AccountChanges } from '../../client/queries/account-changes.ts';
import { readRevisions } from '../../db/account/account-revisions.ts';
import { subscribedToCredits } from '../engine/engine-under-test.ts';
import { openSecuredApi, type SecuredApi } from './secured-api.ts';

let api: SecuredApi;
let account: string;

beforeAll(async () => {
  api = await openSecuredApi();
  ({ accountId: account } = await subscribedToCredits(api.engine, { now: '2027-01-01T00:00:00Z', capCents: 5_000 }));
  await api.engine.perennial.execute(account, { type: 'addMember', memberId: 'mona' });
  await api.engine.perennial.recordUsage(account, { id: 'used', feature: 'review', credits: 100 });
});

afterAll(() => api.close());

describe('what an answer says of itself', () => {
  it('SEA-17 given amounts that change and nothing else, then a member’s ETag stays, and an admin’s does not', async () => {
    const read = async (role: 'admin' | 'member') => {
      const bearer = await api.portalToken(account, role === 'member' ? 'mona' : `owner of ${account}`, role);
      const { headers, body } = await api.ask('GET', `/v1/accounts/${account}`, { bearer });
      return { etag: headers.get('etag'), body };
    };
    const [member, admin] = [await read('member'), await read('admin')];
    await api.engine.db('meterCycles').where({ accountId: account }).update({ capMinor: 4_321 });
    const [memberLater, adminLater] = [await read('member'), await read('admin')];
    expect(adminLater.body).not.toEqual(admin.body);
    expect(adminLater.etag).not.toBe(admin.etag);
    expect(memberLater).toEqual(member);
    // What they see is in it.
    await api.engine.perennial.recordUsage(account, { id: 'more', feature: 'review', credits: 100 });
    expect((await read('member')).etag).not.toBe(member.etag);
  });

  it('SEA-17 given the revision of an account, when members are told it, then it is under a key, and nobody can try what it was made of', async () => {
    const { db } = api.engine;
    const [one, other] = [new AccountChanges(db), new AccountChanges(db)];
    const made = (await readRevisions(db, [account])).get(account);
    const told = await one.revisionOf(account);
    expect(told).not.toBe(made);
    expect(await one.revisionOf(account)).toBe(told);
    expect(await other.revisionOf(account)).not.toBe(told);
  });
});
