import { describe, expect, it } from 'vitest';

import { parseCommand } from '../../../billing/commands/command-shape.ts';
import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';
import { freeAccount, proAccount, seating, states, withAllocation } from './pro-account.ts';

describe('SEA-2: whom an admin adds', () => {
  it('SEA-2 given an invited admin, when nothing was run yet, then they take no seat, cost nothing, and are no member so far', () => {
    const account = withAllocation(proAccount({ members: ['ann'] }));
    const answer = account.do('addMember', { memberId: 'bob', login: 'bobby', role: 'admin' });
    expect(answer).toEqual({ member: 'bob', role: 'admin', state: 'disabled', reason: 'invited' });
    expect(seating(account)).toEqual(['ann']);
    expect(account.facts.pendingLines).toEqual([]);
    expect(account.audit.at(-1)).toMatchObject({ action: 'member.invited', after: { memberId: 'bob', role: 'admin' } });
  });

  it('SEA-2 given somebody invited, when they first run or visit, then they are admitted as any newcomer, with their role', () => {
    const bought = withAllocation(proAccount({ members: ['ann'] }));
    bought.do('addMember', { memberId: 'bob', role: 'admin' });
    expect(bought.access('bob')).toMatchObject({ state: 'enabled', role: 'admin' });
    expect(seating(bought)).toEqual(['ann', 'bob']);
    expect(bought.notices.at(-1)?.kind).toBe('seat_added_automatically');

    const free = proAccount({ seats: 2, members: ['ann'] });
    free.do('addMember', { memberId: 'bob' });
    expect(free.access('bob', { kind: 'dashboard' })).toMatchObject({ state: 'enabled', role: 'member' });

    const none = proAccount({ members: ['ann'] });
    none.do('addMember', { memberId: 'bob' });
    expect(refusalOf(() => none.access('bob'))).toBe('no_seat');
    expect(states(none)).toEqual({ ann: 'enabled', bob: 'no_seat' });
  });

  it('SEA-5 given five members on Free and one invited, when the invited one comes, then they are the sixth', () => {
    const account = freeAccount('a', 'b', 'c', 'd');
    account.do('addMember', { memberId: 'f' });
    account.access('e');
    expect(refusalOf(() => account.access('f'))).toBe('free_plan_limit');
    expect(account.member('e')?.state).toBe('enabled');
  });

  it('SEA-12 given somebody invited, when an admin enables them, then they take a seat at once', () => {
    const account = proAccount({ seats: 2, members: ['ann'] });
    account.do('addMember', { memberId: 'bob' });
    account.do('enableMember', { memberId: 'bob' });
    expect(seating(account)).toEqual(['ann', 'bob']);
  });

  it('SEA-10 given somebody invited and then disabled, when they run, then they stay disabled', () => {
    const account = proAccount({ seats: 2, members: ['ann'] });
    account.do('addMember', { memberId: 'bob' });
    account.do('disableMember', { memberId: 'bob' });
    expect(refusalOf(() => account.access('bob'))).toBe('member_disabled');
  });

  it('CRE-1 given a pool of credits, when somebody is added, then nothing is provisioned and they are in at once', () => {
    const account = new AccountInMemory(catalogNamed('qodo'), '2027-01-01T00:00:00Z');
    expect(account.do('addMember', { memberId: 'bob', role: 'admin' })).toMatchObject({
      state: 'enabled',
      reason: null,
    });
  });

  it('SEA-3 given a bot, or somebody known, when they are added, then it is refused', () => {
    const account = proAccount({ members: ['ann'] });
    expect(refusalOf(() => account.do('addMember', { memberId: 'ci', login: 'ci[bot]' }))).toBe('invalid_request');
    expect(refusalOf(() => account.do('addMember', { memberId: 'ann', role: 'admin' }))).toBe('no_change');
  });
});

describe('SEA-17: admins', () => {
  it('SEA-17 given an owner and others, when they come, then the owner is the first admin', () => {
    const account = freeAccount('ann', 'owner');
    expect(account.facts.members.map(({ memberId, role }) => [memberId, role])).toEqual([
      ['ann', 'member'],
      ['owner', 'admin'],
    ]);
  });

  it('SEA-17 given a member, when they are made an admin and back, then it is so, once, and audited', () => {
    const account = freeAccount('owner', 'ann');
    expect(account.do('setRole', { memberId: 'ann', role: 'admin' })).toEqual({ changed: true });
    expect(account.do('setRole', { memberId: 'ann', role: 'admin' })).toEqual({ changed: false });
    expect(account.audit.at(-1)).toMatchObject({
      action: 'member.role_set',
      before: { memberId: 'ann', role: 'member' },
      after: { memberId: 'ann', role: 'admin' },
    });
    // Now there are two, so the first may step back.
    account.do('setRole', { memberId: 'owner', role: 'member' });
    expect(refusalOf(() => account.do('setRole', { memberId: 'ann', role: 'member' }))).toBe('last_admin');
    expect(refusalOf(() => account.do('setRole', { memberId: 'nobody', role: 'admin' }))).toBe('unknown_member');
  });

  it('SEA-17 given the last enabled admin, when anybody disables or demotes them or removes their seat, then last_admin', () => {
    const account = proAccount({ seats: 3, members: ['owner', 'ann', 'bob'] });
    account.do('setRole', { memberId: 'ann', role: 'admin' });
    account.do('disableMember', { memberId: 'ann' });
    const before = account.facts;
    // An admin who is disabled cannot act, and does not count.
    expect(refusalOf(() => account.do('disableMember', { memberId: 'owner' }))).toBe('last_admin');
    expect(refusalOf(() => account.do('setRole', { memberId: 'owner', role: 'member' }))).toBe('last_admin');
    expect(refusalOf(() => account.do('removeSeats', { memberId: 'owner' }))).toBe('last_admin');
    expect(account.facts).toBe(before);
    account.do('setRole', { memberId: 'ann', role: 'member' });
    account.do('setRole', { memberId: 'bob', role: 'admin' });
    account.do('disableMember', { memberId: 'owner' });
    expect(account.member('owner')?.reason).toBe('member_disabled');
  });

  it('SEA-17 given a malformed role, when it is asked for, then invalid_request names the field', () => {
    expect(() => parseCommand('setRole', { memberId: 'ann', role: 'boss' })).toThrow('role: expected admin or member');
  });
});
