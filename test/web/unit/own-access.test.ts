import { describe, expect, it } from 'vitest';

import type { Member } from '../../../web/members/member.ts';
import { ownAccess } from '../../../web/members/own-access.ts';

const member = (change: Partial<Member> = {}): Member => ({
  ...{ member: 'github:2', login: 'bob', role: 'member', state: 'enabled' },
  ...{ stateSince: null, seatEndsAt: null, lastUsedOn: null },
  ...change,
});
const disabled = (reason: string): Member => member({ state: 'disabled', reason });
const linus = member({ member: 'github:1', login: 'linus', role: 'admin' });
const open = { refused: null, meters: {} };
const ended = { ...open, refused: { code: 'trial_ended', message: 'The trial has ended.', solve: null } };

describe('SEA-9 SEA-17: whether somebody may run', () => {
  it.each([
    ['no_seat', 'blocked', 'You don’t have a seat.', 'Ask linus.'],
    ['seat_removed', 'blocked', 'Your seat was removed.', 'Ask linus.'],
    ['member_disabled', 'blocked', 'An admin disabled your access.', 'Ask linus.'],
    ['invited', 'not joined', 'You’re invited.', null],
  ])(
    'SEA-9 SEA-17 given the state %s, when the account is open, then it is their own that is said',
    (reason, kind, title, ask) => {
      const found = ownAccess({ account: open, own: disabled(reason), members: [linus] });
      expect(found).toMatchObject({ kind, title, ask });
      expect(found.reasons).toHaveLength(1);
    },
  );

  it('SEA-17 given somebody who is no member, then it says how they become one', () => {
    expect(ownAccess({ account: open, own: null, members: [linus] })).toMatchObject({
      ...{ kind: 'not joined', title: 'You’re not a member yet.' },
    });
  });

  it('SEA-17 given an enabled member, then they have access, also on a seat that ends', () => {
    for (const own of [member(), member({ seatEndsAt: '2027-02-01T00:00:00Z' })]) {
      expect(ownAccess({ account: open, own, members: [] })).toMatchObject({ kind: 'allowed', reasons: [], ask: null });
    }
  });

  it('SEA-17 given what has stopped for everybody, then an enabled member reads it, and a disabled one after their own state', () => {
    const enabled = ownAccess({ account: ended, own: member(), members: [linus] });
    expect(enabled).toMatchObject({ kind: 'blocked', reasons: ['The trial has ended.'], ask: 'Ask linus.' });
    const both = ownAccess({ account: ended, own: disabled('no_seat'), members: [linus] });
    expect(both.title).toBe('You don’t have a seat.');
    expect(both.reasons.at(-1)).toBe('The trial has ended.');
    expect(ownAccess({ account: ended, own: disabled('invited'), members: [linus] }).ask).toBe('Ask linus.');
  });

  it('SEA-17 given a meter that refuses more, then its reason is said once', () => {
    const meter = { refused: 'spending_cap_reached' } as never;
    const { reasons } = ownAccess({
      account: { refused: null, meters: { a: meter, b: meter } },
      own: member(),
      members: [],
    });
    expect(reasons).toEqual(['The included credits are used up, and the spending cap is reached.']);
  });

  it.each([
    [[], 'Ask an admin.'],
    [[member({ member: 'github:1', login: 'github:1', role: 'admin' })], 'Ask an admin.'],
    [[{ ...linus, state: 'disabled' as const }], 'Ask an admin.'],
    [[linus, member({ member: 'github:3', login: 'ada', role: 'admin' })], 'Ask linus or ada.'],
  ])('SEA-17 given these admins, then whom to ask is by a name that people know', (members, ask) => {
    expect(ownAccess({ account: open, own: disabled('no_seat'), members }).ask).toBe(ask);
  });
});
