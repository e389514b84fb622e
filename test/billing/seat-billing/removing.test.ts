import { describe, expect, it } from 'vitest';

import { refusalOf } from '../account-in-memory.ts';
import {
  awaiting,
  brief,
  lastInvoice,
  MAY,
  MID_APRIL,
  proAccount,
  seating,
  states,
  withAllocation,
} from '../seats/pro-account.ts';

describe('removing seats', () => {
  it('SBI-5 given a month half over, when a seat is removed, then it stays until the end, and nothing is credited', () => {
    const account = proAccount({ seats: 2 }).until(MID_APRIL);
    expect(account.do('removeSeats', { count: 1 })).toMatchObject({ endsAt: MAY });
    expect(account.facts.seats).toHaveLength(2);
    expect(account.facts.pendingLines).toEqual([]);
    account.until('2026-04-30T23:59:59Z');
    expect(account.facts.seats).toHaveLength(2);
    account.until(MAY);
    expect(account.facts.seats).toHaveLength(1);
    expect(brief(lastInvoice(account).lines)).toEqual([['seats', 1, 2000]]);
    expect(account.endedSeats.map((seat) => seat.endedAt)).toEqual([MAY]);
  });

  it('SBI-6 given two free seats of three, when three are removed by count, then it is refused; two are removed', () => {
    const account = proAccount({ seats: 3, members: ['ann'] });
    expect(refusalOf(() => account.do('removeSeats', { count: 3 }))).toBe('seats_in_use');
    account.do('removeSeats', { count: 2 });
    expect(awaiting(account)).toBe(2);
    expect(refusalOf(() => account.do('removeSeats', { count: 1 }))).toBe('seats_in_use');
    expect(refusalOf(() => account.do('removeSeats', { memberId: 'ann' }))).toBe('last_seat');
  });

  it('SBI-6 given a taken seat, when it is removed by its member’s name, then they keep access until the end and are then disabled', () => {
    const account = proAccount({ members: ['ann', 'bob'] }).until(MID_APRIL);
    account.do('removeSeats', { memberId: 'bob' });
    expect(refusalOf(() => account.do('removeSeats', { memberId: 'bob' }))).toBe('no_change');
    account.until('2026-04-30T23:59:59Z');
    expect(account.access('bob')?.state).toBe('enabled');
    account.until(MAY);
    expect(states(account)).toEqual({ ann: 'enabled', bob: 'seat_removed' });
    expect(refusalOf(() => account.access('bob'))).toBe('no_seat');
    expect(account.bills.at(-1)).toEqual(['cycle', 2000, 'paid']);
  });

  it('SBI-6 given somebody without a seat, when their seat is to be removed, then it is refused', () => {
    const account = proAccount({ seats: 2, members: ['ann', 'bob'] });
    account.do('disableMember', { memberId: 'bob' });
    expect(refusalOf(() => account.do('removeSeats', { memberId: 'bob' }))).toBe('no_seat');
    expect(refusalOf(() => account.do('removeSeats', { memberId: 'zoe' }))).toBe('unknown_member');
  });
});

describe('seats that await removal', () => {
  it('SBI-7 given automatic allocation, when a newcomer comes, then they take the seat that awaits removal, at no charge', () => {
    const account = withAllocation(proAccount({ seats: 2, members: ['ann'] })).until(MID_APRIL);
    account.do('removeSeats', { count: 1 });
    account.access('bob');
    expect(seating(account)).toEqual(['ann', 'bob']);
    expect(awaiting(account)).toBe(0);
    expect(account.facts.pendingLines).toEqual([]);
    account.until(MAY);
    // The removal was canceled: both seats are billed for May.
    expect(brief(lastInvoice(account).lines)).toEqual([['seats', 2, 4000]]);
  });

  it('SBI-7 given no automatic allocation, when a newcomer comes, then the seat that awaits removal is not offered', () => {
    const account = proAccount({ seats: 2, members: ['ann'] });
    account.do('removeSeats', { count: 1 });
    expect(refusalOf(() => account.access('bob'))).toBe('no_seat');
    expect(awaiting(account)).toBe(1);
    account.until(MAY);
    expect(account.bills.at(-1)).toEqual(['cycle', 2000, 'paid']);
  });

  it.each([true, false])(
    'SBI-7 given automatic allocation %s, when an admin re-enables a member, then they take the seat that awaits removal',
    (enabled) => {
      const account = proAccount({ members: ['ann', 'bob'] });
      account.do('setAutomaticAllocation', { enabled });
      account.do('disableMember', { memberId: 'bob' });
      account.do('removeSeats', { count: 1 });
      account.until(MID_APRIL).do('enableMember', { memberId: 'bob' });
      expect(seating(account)).toEqual(['ann', 'bob']);
      expect(awaiting(account)).toBe(0);
      expect(account.facts.pendingLines).toEqual([]);
    },
  );

  it('SBI-7 given a free seat that stays and one that does not, when a newcomer comes, then they take the one that stays', () => {
    const account = withAllocation(proAccount({ seats: 3, members: ['ann'] }));
    account.do('removeSeats', { count: 1 });
    account.access('bob');
    expect(awaiting(account)).toBe(1);
    expect(account.facts.seats).toHaveLength(3);
  });

  it('SBI-7 given a taken seat that awaits removal, when a newcomer comes, then its member keeps it and a seat is bought', () => {
    const account = withAllocation(proAccount({ members: ['ann', 'bob'] })).until(MID_APRIL);
    account.do('removeSeats', { memberId: 'bob' });
    account.access('cid');
    expect(seating(account)).toEqual(['ann', 'bob', 'cid']);
    expect(awaiting(account)).toBe(1);
    // 2000 × 15 ÷ 30
    expect(brief(account.facts.pendingLines)).toEqual([['proration', 1, 1000]]);
  });
});

describe('back and forth', () => {
  it('SBI-12 given a seat that was added, when it is removed in the same cycle, then it is charged once and ends with the cycle', () => {
    const account = proAccount({ seats: 1 }).until(MID_APRIL);
    account.do('addSeats', { count: 1 });
    account.do('removeSeats', { count: 1 });
    expect(account.facts.seats).toHaveLength(2);
    account.until(MAY);
    // May for the one that stays; 2000 × 15 ÷ 30 for the other’s half of April.
    expect(brief(lastInvoice(account).lines)).toEqual([
      ['seats', 1, 2000],
      ['proration', 1, 1000],
    ]);
  });

  it('SBI-12 given two seats that await removal, when three are added, then two are taken back at no charge and one is bought', () => {
    const account = proAccount({ seats: 3 }).until(MID_APRIL);
    account.do('removeSeats', { count: 2 });
    expect(account.do('addSeats', { count: 3 })).toMatchObject({ bought: 1, takenBack: 2 });
    expect(brief(account.facts.pendingLines)).toEqual([['proration', 1, 1000]]);
    account.until(MAY);
    // 4 × 2000 + 1000
    expect(lastInvoice(account).total).toBe(9000);
  });

  it('SBI-12 given a free and a taken seat that await removal, when one is added, then the free one is taken back first', () => {
    const account = proAccount({ seats: 3, members: ['ann', 'bob'] });
    account.do('removeSeats', { memberId: 'ann' });
    account.do('removeSeats', { count: 1 });
    account.do('addSeats', { count: 1 });
    expect(account.facts.seats.map((seat) => [seat.memberId, seat.removalRequestedAt !== null])).toEqual([
      ['ann', true],
      ['bob', false],
      [null, false],
    ]);
  });

  it('SBI-12 given a seat that goes on and off many times, when the month ends, then it was charged once', () => {
    const account = proAccount({ seats: 1 });
    for (const day of ['05', '10', '15', '20']) {
      account.until(`2026-04-${day}T00:00:00Z`);
      account.do('addSeats', { count: 1 });
      account.do('removeSeats', { count: 1 });
    }
    account.until(MAY);
    // From April 5th, once: 2000 × 26 ÷ 30 = 1733.33 → 1733
    expect(brief(lastInvoice(account).lines)).toEqual([
      ['seats', 1, 2000],
      ['proration', 1, 1733],
    ]);
  });
});
