import { describe, expect, it } from 'vitest';

import { Refusal } from '../../../billing/refusal.ts';
import { refusalOf } from '../account-in-memory.ts';
import {
  APRIL,
  freeAccount,
  lastInvoice,
  MAY,
  MID_APRIL,
  proAccount,
  seating,
  states,
  withAllocation,
} from './pro-account.ts';

const FIVE = ['ann', 'bob', 'cid', 'dan', 'eve'];

describe('who is a member', () => {
  it('SEA-1 given public repositories, when strangers run, then they are allowed and nobody becomes a member or takes a seat', () => {
    const account = proAccount({ seats: 2 });
    for (const stranger of ['x', 'y', 'z']) expect(account.access(stranger, { visibility: 'public' })).toBeNull();
    expect(account.facts.members).toEqual([]);
    expect(seating(account)).toEqual([null, null]);
  });

  it('SEA-1 given a disabled member, when they run on a public repository, then it is allowed and they stay disabled', () => {
    const account = proAccount({ members: ['ann'] });
    account.do('disableMember', { memberId: 'ann' });
    account.access('ann', { visibility: 'public' });
    expect(states(account)).toEqual({ ann: 'member_disabled' });
    expect(seating(account)).toEqual([null]);
  });

  it('SEA-2 given a signup, when nobody has run anything, then nobody is a member; the first dashboard visit makes one', () => {
    const account = freeAccount();
    expect(account.facts.members).toEqual([]);
    account.access('owner', { kind: 'dashboard' });
    expect(account.member('owner')).toMatchObject({ state: 'enabled', role: 'admin' });
  });

  it('SEA-2 given one newcomer, when a burst of runs arrives, then one member and one seat come of it', () => {
    const account = proAccount({ seats: 3 });
    for (let run = 0; run < 10; run++) account.access('ann');
    for (let run = 0; run < 10; run++) account.do('admitMember', { memberId: 'ann', login: 'ann' });
    expect(states(account)).toEqual({ ann: 'enabled' });
    expect(seating(account)).toEqual(['ann', null, null]);
  });

  it('SEA-3 given a login that ends in [bot], when it runs, then it is allowed, and no member and no seat come of it', () => {
    const account = withAllocation(proAccount({ seats: 1 }));
    expect(account.access('49699333', { login: 'dependabot[bot]' })).toBeNull();
    expect(account.facts.members).toEqual([]);
    expect(seating(account)).toEqual([null]);
  });

  it.each(['ci-robot', 'dependabot[BOT]', '[bot]-of-ours'])(
    'SEA-3 given the login %s, when it runs, then it counts as a person',
    (login) => {
      const account = proAccount({ seats: 1 });
      account.access('7', { login });
      expect(seating(account)).toEqual(['7']);
    },
  );

  it('SEA-4 given a member, when they run under a new login, then they are the same member on the same seat', () => {
    const account = proAccount({ seats: 2 });
    account.access('42', { login: 'ann' });
    account.access('42', { login: 'ann-married' });
    expect(account.facts.members).toHaveLength(1);
    expect(seating(account)).toEqual(['42', null]);
  });

  it('SEA-4 given a private repository, when a run has no sender, then it is allowed and nobody becomes a member', () => {
    const account = proAccount({ seats: 1 });
    expect(account.access(null)).toBeNull();
    expect(account.facts.members).toEqual([]);
  });
});

describe('the free plan', () => {
  it('SEA-5 given five members on Free, when a sixth runs, then they are created disabled, and the five go on', () => {
    const account = freeAccount(...FIVE);
    expect(refusalOf(() => account.access('fay'))).toBe('free_plan_limit');
    expect(states(account)).toEqual({
      ann: 'enabled',
      bob: 'enabled',
      cid: 'enabled',
      dan: 'enabled',
      eve: 'enabled',
      fay: 'no_seat',
    });
    for (const member of FIVE) expect(account.access(member)?.memberId).toBe(member);
  });

  it('SEA-5 given five enabled members on Free, when an admin enables a sixth, then it is refused', () => {
    const account = freeAccount(...FIVE);
    refusalOf(() => account.access('fay'));
    expect(refusalOf(() => account.do('enableMember', { memberId: 'fay' }))).toBe('free_plan_limit');
  });

  it('SEA-5 SEA-9 given five members on Free, when a sixth runs, visits or is enabled, then the sentence says what Free includes and who can act', () => {
    const account = freeAccount(...FIVE);
    const said =
      'The Free plan includes 5 users on private repositories. An admin can upgrade to Pro or disable a member.';
    expect(() => account.access('fay')).toThrow(said);
    expect(() => account.access('fay')).toThrow(said);
    expect(() => account.access('fay', { kind: 'dashboard' })).toThrow(said);
    expect(() => account.do('enableMember', { memberId: 'fay' })).toThrow(said);
  });

  it('SEA-9 given a member on Free whom an admin disabled, when they run, then that is the reason, not the plan', () => {
    const account = freeAccount(...FIVE);
    account.do('disableMember', { memberId: 'bob' });
    expect(refusalOf(() => account.access('bob'))).toBe('member_disabled');
  });

  it('SEA-5 given five members of whom one is disabled, when another comes, then there is room: only the enabled count', () => {
    const account = freeAccount(...FIVE);
    account.do('disableMember', { memberId: 'bob' });
    expect(account.access('fay')?.state).toBe('enabled');
    expect(refusalOf(() => account.do('enableMember', { memberId: 'bob' }))).toBe('free_plan_limit');
  });
});

describe('seats of Pro', () => {
  it.each([true, false])(
    'SEA-6 given a free seat and automatic allocation %s, when a newcomer runs, then they take it at no charge',
    (enabled) => {
      const account = proAccount({ seats: 2, members: ['ann'] });
      account.do('setAutomaticAllocation', { enabled });
      account.until(MID_APRIL).access('bob');
      expect(seating(account)).toEqual(['ann', 'bob']);
      expect(account.facts.pendingLines).toEqual([]);
    },
  );

  it('SEA-7 given automatic allocation and no free seat, when a newcomer runs, then a seat is added and billed and the run goes ahead', () => {
    const account = withAllocation(proAccount({ members: ['ann'] })).until(MID_APRIL);
    expect(account.access('bob')?.state).toBe('enabled');
    expect(seating(account)).toEqual(['ann', 'bob']);
    // 2000 × 15 days ÷ 30 days
    expect(account.facts.pendingLines.map((line) => line.amount)).toEqual([1000]);
  });

  it('SEA-8 given no automatic allocation and no free seat, when a newcomer runs, then they are created disabled and the run is blocked', () => {
    const account = proAccount({ members: ['ann'] });
    expect(refusalOf(() => account.access('bob'))).toBe('no_seat');
    expect(states(account)).toEqual({ ann: 'enabled', bob: 'no_seat' });
    expect(seating(account)).toEqual(['ann']);
    expect(account.facts.pendingLines).toEqual([]);
  });

  it('SEA-8 given one free seat, when two newcomers come, then exactly one gets it', () => {
    const account = proAccount({ seats: 2, members: ['ann'] });
    account.access('bob');
    expect(refusalOf(() => account.access('cid'))).toBe('no_seat');
    expect(seating(account)).toEqual(['ann', 'bob']);
  });

  it('SEA-9 given a member without a seat and one who was disabled, when they run or visit, then the refusal says why and where to act', () => {
    const account = proAccount({ members: ['ann', 'bob'] });
    account.do('disableMember', { memberId: 'bob' });
    account.access('cid');
    refusalOf(() => account.access('dan'));
    for (const kind of ['run', 'dashboard'] as const) {
      expect(refusalOf(() => account.access('bob', { kind }))).toBe('member_disabled');
      expect(refusalOf(() => account.access('dan', { kind }))).toBe('no_seat');
    }
    expect(() => account.access('bob')).toThrow(Refusal);
    expect(() => account.access('bob')).toThrow(/admin.*Members page/);
    expect(() => account.access('dan')).toThrow(/no seat.*admin.*Members page/i);
  });

  it('SEA-10 given a manually disabled member and automatic allocation, when they run again and again, then they stay disabled', () => {
    const account = withAllocation(proAccount({ seats: 2, members: ['ann', 'bob'] }));
    account.do('disableMember', { memberId: 'bob' });
    expect(refusalOf(() => account.access('bob'))).toBe('member_disabled');
    // Leaving is not known to the account; whoever comes back is admitted anew under the same id.
    account.do('admitMember', { memberId: 'bob', login: 'bob-is-back' });
    account.until(MAY);
    expect(refusalOf(() => account.access('bob', { kind: 'dashboard' }))).toBe('member_disabled');
    expect(seating(account)).toEqual(['ann', null]);
  });

  it('SEA-10 given a member without a seat, when an admin disables them on purpose, then the reason is the admin’s, and enabling undoes it', () => {
    const account = proAccount({ members: ['ann'] });
    refusalOf(() => account.access('bob'));
    account.do('disableMember', { memberId: 'bob' });
    expect(refusalOf(() => account.access('bob'))).toBe('member_disabled');
    account.do('enableMember', { memberId: 'bob' });
    expect(account.access('bob')?.state).toBe('enabled');
  });

  it('SEA-10 given a manually disabled member, when the account goes to Free and back to Pro, then they stay disabled', () => {
    const account = proAccount({ members: ['ann', 'bob'] });
    account.do('disableMember', { memberId: 'bob' });
    account.do('changePlan', { plan: 'free' });
    account.until(MAY);
    account.do('subscribe', { plan: 'pro', seats: 2 });
    expect(states(account)).toEqual({ ann: 'enabled', bob: 'member_disabled' });
    expect(seating(account)).toEqual(['ann', null]);
  });

  it('SEA-11 given a member who found no seat, when automatic allocation is turned on, then they stay disabled; newcomers get seats', () => {
    const account = proAccount({ members: ['ann'] });
    refusalOf(() => account.access('bob'));
    withAllocation(account);
    expect(refusalOf(() => account.access('bob'))).toBe('no_seat');
    expect(account.access('cid')?.state).toBe('enabled');
    expect(states(account)).toEqual({ ann: 'enabled', bob: 'no_seat', cid: 'enabled' });
    expect(seating(account)).toEqual(['ann', 'cid']);
  });

  it('SEA-12 given a paid seat that is free, when a member is re-enabled, then they take it and nothing is charged', () => {
    const account = proAccount({ members: ['ann', 'bob'] });
    account.do('disableMember', { memberId: 'bob' });
    account.until(MID_APRIL).do('enableMember', { memberId: 'bob' });
    expect(seating(account)).toEqual(['ann', 'bob']);
    expect(account.facts.pendingLines).toEqual([]);
  });

  it('SEA-12 given no free seat and no automatic allocation, when a member is re-enabled, then a seat is added and prorated', () => {
    const account = proAccount({ members: ['ann', 'bob'] });
    account.do('disableMember', { memberId: 'bob' });
    account.access('cid');
    account.until(MID_APRIL).do('enableMember', { memberId: 'bob' });
    expect(seating(account)).toEqual(['ann', 'cid', 'bob']);
    // 2000 × 15 ÷ 30
    expect(account.facts.pendingLines).toMatchObject([{ kind: 'proration', quantity: 1, amount: 1000 }]);
  });

  it('SEA-12 given three without a seat, a free one and one that is leaving, when all are enabled, then one is bought, on one line', () => {
    const account = proAccount({ seats: 4, members: ['ann', 'bob', 'cid', 'dan'] });
    for (const memberId of ['bob', 'cid', 'dan']) account.do('disableMember', { memberId });
    account.access('eve');
    account.do('removeSeats', { count: 1 });
    account.until(MID_APRIL);
    const memberIds = ['bob', 'cid', 'dan', 'bob', 'ann'];
    const preview = account.preview('enableMembers', { memberIds });
    expect(account.do('enableMembers', { memberIds })).toEqual({ enabled: 3, bought: 1 });
    expect(new Set(seating(account))).toEqual(new Set(['ann', 'bob', 'cid', 'dan', 'eve']));
    // 2000 × 15 ÷ 30
    expect(account.facts.pendingLines).toMatchObject([{ kind: 'proration', quantity: 1, amount: 1000 }]);
    expect(account.upcoming()?.total).toBe(preview.nextInvoiceCents);
    expect(account.member('bob')).toMatchObject({ state: 'enabled', stateSince: MID_APRIL });
    expect(account.facts.seats.filter((seat) => seat.removalRequestedAt !== null)).toEqual([]);
  });

  it('SEA-12 given a yearly plan and none free, when two are enabled together, then one line on one invoice pays for both', () => {
    const account = proAccount({ members: ['ann', 'bob', 'cid'], interval: 'year' });
    for (const memberId of ['bob', 'cid']) account.do('disableMember', { memberId });
    for (const newcomer of ['dan', 'eve']) account.access(newcomer);
    account.do('enableMembers', { memberIds: ['bob', 'cid'] });
    expect(lastInvoice(account).lines).toMatchObject([{ kind: 'proration', quantity: 2, amount: 36000 }]);
  });

  it('SEA-12 given one who is not known, or too many for Free, when several are enabled, then nobody is', () => {
    const account = freeAccount(...FIVE);
    for (const memberId of ['bob', 'cid']) account.do('disableMember', { memberId });
    account.access('fay');
    const before = account.facts;
    const refused = (...memberIds: string[]) => refusalOf(() => account.do('enableMembers', { memberIds }));
    expect(refused('bob', 'nobody')).toBe('unknown_member');
    expect(refused('bob', 'cid')).toBe('free_plan_limit');
    expect(account.facts).toEqual(before);
    account.do('enableMembers', { memberIds: ['cid'] });
    expect(account.member('cid')?.state).toBe('enabled');
  });

  it('SEA-12 given an enabled member, when they are enabled once more, then nothing changes and nothing is charged', () => {
    const account = proAccount({ members: ['ann'] });
    const before = account.facts;
    expect(account.do('enableMember', { memberId: 'ann' })).toEqual({ changed: false });
    expect(account.facts).toEqual(before);
  });

  it('SEA-13 given two members on two seats, when one is disabled, then the seat is free at once, and the bill falls only when it is removed', () => {
    const account = proAccount({ members: ['ann', 'bob'] });
    account.do('disableMember', { memberId: 'bob' });
    expect(seating(account)).toEqual(['ann', null]);
    expect(account.upcoming()?.total).toBe(4000);
    account.do('removeSeats', { count: 1 });
    expect(account.upcoming()?.total).toBe(2000);
    account.until(MAY);
    expect(seating(account)).toEqual(['ann']);
    expect(account.bills.map(([purpose, total]) => [purpose, total])).toEqual([
      ['start', 4000],
      ['cycle', 2000],
    ]);
  });

  it('SEA-14 given a member whose run has begun, when they are disabled, then the run’s minutes are recorded; the next run is refused', () => {
    const account = proAccount({ members: ['ann', 'bob'] });
    account.access('bob');
    account.do('disableMember', { memberId: 'bob' });
    expect(account.useMeter('macro_minutes', 600)).toMatchObject({ includedUnits: 600 });
    expect(refusalOf(() => account.access('bob'))).toBe('member_disabled');
  });
});

describe('surprises that must not be', () => {
  it('SEA-15 given automatic allocation, when a seat is added, then the admins are told who, why and what it costs', () => {
    const account = withAllocation(proAccount({ members: ['ann'] })).until(MID_APRIL);
    account.access('bob');
    const told = account.notices.filter((notice) => notice.kind === 'seat_added_automatically');
    const detail = {
      ...{ member: 'bob', login: 'bob', reason: 'no seat was free, and automatic allocation is on' },
      ...{ amountCents: 1000, seatPriceCents: 2000, from: MID_APRIL, until: MAY, billed: 'next_invoice' },
      ...{ seats: 2, ceiling: null },
    };
    expect(told).toEqual([{ at: MID_APRIL, kind: 'seat_added_automatically', detail }]);
  });

  it('SEA-15 given a yearly plan and a ceiling, when a seat is added, then the admins are told that it is charged now, and of the ceiling', () => {
    const account = withAllocation(proAccount({ interval: 'year', members: ['ann'] }), 2);
    account.access('bob');
    const told = account.notices.find((notice) => notice.kind === 'seat_added_automatically');
    expect(told?.detail).toMatchObject({
      amountCents: 18000,
      seatPriceCents: 18000,
      billed: 'now',
      seats: 2,
      ceiling: 2,
    });
    expect(lastInvoice(account).total).toBe(18000);
  });

  it('SEA-15 given a ceiling of two seats, when a third newcomer runs, then they are created disabled; an admin may still go further', () => {
    const account = withAllocation(proAccount({ members: ['ann'] }), 2);
    account.access('bob');
    expect(refusalOf(() => account.access('cid'))).toBe('no_seat');
    expect(seating(account)).toEqual(['ann', 'bob']);
    account.do('enableMember', { memberId: 'cid' });
    expect(seating(account)).toEqual(['ann', 'bob', 'cid']);
  });

  it('SEA-15 given a new account, when nobody has asked for it, then automatic allocation is off and without a ceiling', () => {
    expect(freeAccount().facts.account.automaticAllocation).toEqual({ enabled: false, ceiling: null });
  });

  it('SEA-16 given a repository that turns public, when its members run on, then nobody’s seat changes', () => {
    const account = proAccount({ members: ['ann', 'bob'] });
    const before = account.facts;
    for (const member of ['ann', 'bob']) account.access(member, { visibility: 'public' });
    expect(account.facts).toEqual(before);
  });

  it('SEA-16 given a repository that turns private, when somebody runs, then they count from that run on, with nothing in arrears', () => {
    const account = withAllocation(proAccount({ at: APRIL, members: ['ann'] }));
    account.access('bob', { visibility: 'public' });
    account.until(MID_APRIL).access('bob');
    expect(account.facts.seats.map(({ memberId, addedAt }) => [memberId, addedAt])).toEqual([
      ['ann', APRIL],
      ['bob', MID_APRIL],
    ]);
    // From the 16th, not from the 1st: 2000 × 15 ÷ 30
    expect(account.facts.pendingLines.map((line) => line.amount)).toEqual([1000]);
  });
});

describe('while a payment is missing', () => {
  const pastDue = (): ReturnType<typeof proAccount> => {
    const account = withAllocation(proAccount({ seats: 3, members: ['ann', 'bob'] }));
    account.card = { kind: 'failed', reason: 'declined', detail: 'card_declined' };
    return account.until(MAY);
  };

  it('INV-5 given a failed renewal, when members work, then paid seats go on, and a free paid seat is still handed out', () => {
    const account = pastDue();
    expect(account.facts.account.phase).toBe('past_due');
    expect(account.access('ann')?.state).toBe('enabled');
    expect(account.access('cid')?.state).toBe('enabled');
    expect(seating(account)).toEqual(['ann', 'bob', 'cid']);
  });

  it('INV-5 given a failed renewal, when automatic allocation would add a seat, then it is refused, and the newcomer is admitted once it is paid', () => {
    const account = pastDue();
    account.access('cid');
    expect(refusalOf(() => account.access('dan'))).toBe('payment_failed');
    expect(account.member('dan')).toBeNull();
    expect(account.facts.seats).toHaveLength(3);
    for (const act of [
      (): unknown => account.do('addSeats', { count: 1 }),
      (): unknown => account.do('removeSeats', { memberId: 'bob' }),
    ]) {
      expect(refusalOf(act)).toBe('payment_failed');
    }
    account.card = { kind: 'paid' };
    account.withCard();
    expect(account.facts.account.phase).toBe('active');
    expect(account.access('dan')?.state).toBe('enabled');
    expect(account.facts.seats).toHaveLength(4);
  });

  it('INV-5 given every try failed, when six members were on seats, then five stay under Free rules; INV-6 paying late brings the sixth back', () => {
    const account = proAccount({ members: [...FIVE, 'fay'] });
    account.card = { kind: 'failed', reason: 'declined', detail: 'card_declined' };
    account.until('2026-05-09T00:00:00Z');
    expect(account.facts.account.phase).toBe('free');
    expect(states(account)).toMatchObject({ ann: 'enabled', eve: 'enabled', fay: 'no_seat' });
    account.card = { kind: 'paid' };
    account.withCard();
    expect(account.facts.account.phase).toBe('active');
    expect(states(account)).toMatchObject({ ann: 'enabled', fay: 'enabled' });
    expect(seating(account)).toEqual([...FIVE, 'fay']);
  });
});
