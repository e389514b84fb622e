import { describe, expect, it } from 'vitest';

import { decideCommand } from '../../../billing/commands/decide-command.ts';
import { projectTo } from '../../../billing/views/project.ts';
import { addSeconds } from '../../../billing/calendar/instant.ts';
import { type AccountInMemory, instant, refusalOf } from '../account-in-memory.ts';
import {
  APRIL,
  brief,
  freeAccount,
  lastInvoice,
  MAY,
  MID_APRIL,
  proAccount,
  seating,
  states,
} from '../seats/pro-account.ts';

const DECLINED = { kind: 'failed', reason: 'declined', detail: 'no' } as const;

describe('months and years', () => {
  it('SBI-9 given a month with a pending proration, when it becomes a year, then all is settled on one invoice and a new anchor begins', () => {
    const account = proAccount({ seats: 2 }).until('2026-04-11T00:00:00Z');
    account.do('addSeats', { count: 1 });
    account.until(MID_APRIL).do('changePlan', { interval: 'year' });
    expect(brief(lastInvoice(account).lines)).toEqual([
      // −(2000 × 3 × 15 ÷ 30)
      ['credit', 3, -3000],
      // 2000 × 20 ÷ 30 = 1333.33
      ['proration', 1, 1333],
      // 3 × 18000
      ['seats', 3, 54000],
    ]);
    expect(account.bills).toEqual([
      ['start', 4000, 'paid'],
      ['plan-change', 52333, 'paid'],
    ]);
    expect(account.facts.pendingLines).toEqual([]);
    expect(account.facts.subscription?.cycle).toEqual({ start: MID_APRIL, end: '2027-04-16T00:00:00Z' });
    // Nothing more at the old boundary.
    account.until('2026-12-31T00:00:00Z');
    expect(account.bills).toHaveLength(2);
  });

  it('SBI-9 given seats that await removal, when the month becomes a year, then they end now, credited, and their members are disabled', () => {
    const account = proAccount({ members: ['ann', 'bob', 'cid'] }).until(MID_APRIL);
    account.do('removeSeats', { memberId: 'bob' });
    account.do('changePlan', { interval: 'year' });
    expect(brief(lastInvoice(account).lines)).toEqual([
      // −(2000 × 3 × 15 ÷ 30)
      ['credit', 3, -3000],
      ['seats', 2, 36000],
    ]);
    expect(seating(account)).toEqual(['ann', 'cid']);
    expect(states(account)).toEqual({ ann: 'enabled', bob: 'seat_removed', cid: 'enabled' });
  });

  it('SBI-9 given the very second of subscribing, when the month becomes a year, then the whole month is credited', () => {
    const account = proAccount({ seats: 1 });
    account.do('changePlan', { interval: 'year' });
    // 18000 − 2000
    expect(account.bills).toEqual([
      ['start', 2000, 'paid'],
      ['plan-change', 16000, 'paid'],
    ]);
    expect(account.facts.subscription?.cycle).toEqual({ start: APRIL, end: '2027-04-01T00:00:00Z' });
    account.until('2026-05-02T00:00:00Z');
    expect(account.bills).toHaveLength(2);
  });

  it('SBI-9 given a credit greater than the year, when a seat is added later, then the rest of the credit pays for it first', () => {
    const account = proAccount({ seats: 11 });
    account.do('removeSeats', { count: 10 });
    account.do('changePlan', { interval: 'year' });
    // 18000 − 11 × 2000 = −4000: nothing to charge, carried
    expect(account.bills.at(-1)).toEqual(['plan-change', -4000, 'carried']);
    account.until('2026-06-13T00:00:00Z').do('addSeats', { count: 1 });
    // 18000 × 292 ÷ 365 = 14400, − 4000
    expect(account.bills.at(-1)).toEqual(['seats', 10400, 'paid']);
  });

  it('SBI-9 given a card that declines, when the month becomes a year, then it is refused and the month that is paid goes on, with all that waited', () => {
    const account = proAccount({ members: ['ann', 'bob', 'cid'] }).until('2026-04-11T00:00:00Z');
    account.do('addSeats', { count: 1 });
    account.useMeter('macro_minutes', 700 * 60);
    account.do('removeSeats', { memberId: 'bob' });
    account.until(MID_APRIL).card = DECLINED;
    const before = account.facts;
    expect(refusalOf(() => account.do('changePlan', { interval: 'year' }))).toBe('payment_failed');
    // −(4 × 2000 × 15 ÷ 30) + 1333 + 100 minutes at 32 per 10 + 3 × 18000: void, and nobody is past due over it.
    expect(account.bills.at(-1)).toEqual(['plan-change', 51653, 'void']);
    expect(account.notices.at(-1)?.kind).toBe('plan_payment_failed');
    expect(account.facts.account.phase).toBe('active');
    expect(account.facts.subscription).toEqual(before.subscription);
    expect(account.facts.seats).toEqual(before.seats);
    expect(states(account)).toEqual({ ann: 'enabled', bob: 'enabled', cid: 'enabled' });
    // The rest of the month is used and billed as if the year had never been asked for.
    account.useMeter('macro_minutes', 50 * 60);
    account.card = { kind: 'paid' };
    account.until(MAY);
    // 3 × 2000 + 1333 for the seat of April 11 + 150 minutes: 480
    expect(account.bills.at(-1)).toEqual(['cycle', 7813, 'paid']);
    expect(account.facts.subscription?.cycle).toEqual({ start: MAY, end: '2026-06-01T00:00:00Z' });
  });

  it('SBI-9 given a declined change to a year, when it is asked for again with a card that works, then the year begins', () => {
    const account = proAccount({ seats: 1 }).until(MID_APRIL);
    account.card = DECLINED;
    expect(refusalOf(() => account.do('changePlan', { interval: 'year' }))).toBe('payment_failed');
    account.card = { kind: 'paid' };
    account.do('changePlan', { interval: 'year' });
    expect(account.bills.slice(1)).toEqual([
      ['plan-change', 17000, 'void'],
      ['plan-change', 17000, 'paid'],
    ]);
    expect(account.facts.subscription?.cycle).toEqual({ start: MID_APRIL, end: '2027-04-16T00:00:00Z' });
    expect(account.facts.pendingLines).toEqual([]);
  });

  it('SBI-9 given a payment that Stripe does not answer, then the month goes on, nothing else changes, and at its end it is renewed', () => {
    const account = proAccount({ seats: 1 }).until(MID_APRIL);
    const envelope = { commandId: 'year', actor: 'admin', effectiveAt: account.now } as const;
    const command = { type: 'changePlan', interval: 'year' } as const;
    const waiting = decideCommand(account.facts, account.catalog, { ...envelope, command }).after;
    expect(waiting.subscription).toMatchObject({ interval: 'month', awaitedTerms: { interval: 'year' } });
    for (const body of [{ type: 'cancel' }, { type: 'addSeats', count: 1 }, command] as const)
      expect(
        refusalOf(() => decideCommand(waiting, account.catalog, { ...envelope, commandId: 'other', command: body })),
      ).toBe('change_pending');
    const renewed = projectTo(waiting, account.catalog, instant(MAY));
    expect(renewed.subscription).toMatchObject({ interval: 'month', cycle: { start: MAY }, awaitedTerms: null });
    expect(renewed.liveInvoices.map(({ purpose, total }) => [purpose, total])).toEqual([['cycle', 2000]]);
  });

  it('SBI-9 given a year, when it becomes a month, then at the end of the year', () => {
    const account = proAccount({ seats: 2, interval: 'year' }).until(MID_APRIL);
    expect(account.do('changePlan', { interval: 'month' })).toEqual({
      effective: 'cycle_end',
      at: '2027-04-01T00:00:00Z',
    });
    account.until('2027-04-01T00:00:00Z');
    expect(account.bills.map(([purpose, total]) => [purpose, total])).toEqual([
      ['start', 36000],
      ['cycle', 4000],
    ]);
    expect(account.facts.subscription?.cycle).toEqual({ start: '2027-04-01T00:00:00Z', end: '2027-05-01T00:00:00Z' });
  });

  it('CAL-2 SBI-9 given a yearly plan that began on Feb 29, when it becomes monthly, then its months are counted from that anchor', () => {
    const account = proAccount({ seats: 1, interval: 'year', at: '2028-02-29T12:00:00Z' });
    account.do('changePlan', { interval: 'month' });
    account.until('2029-02-28T12:00:00Z');
    expect(account.facts.subscription?.cycle).toEqual({ start: '2029-02-28T12:00:00Z', end: '2029-03-29T12:00:00Z' });
  });
});

describe('from Free to Pro', () => {
  it('SBI-10 given three enabled members and a disabled one, when the account subscribes, then there are three seats, taken', () => {
    const account = freeAccount('ann', 'bob', 'cid', 'dan');
    account.do('disableMember', { memberId: 'bob' });
    expect(account.do('subscribe', { plan: 'pro' })).toMatchObject({ seats: 3 });
    expect(seating(account)).toEqual(['ann', 'cid', 'dan']);
    // 3 × 2000
    expect(account.bills).toEqual([['start', 6000, 'paid']]);
  });

  it('SBI-10 given nobody yet, when the account subscribes, then there is one seat; too few seats for the members are refused', () => {
    const nobody = freeAccount();
    nobody.do('subscribe', { plan: 'pro' });
    expect(nobody.bills).toEqual([['start', 2000, 'paid']]);
    const two = freeAccount('ann', 'bob');
    expect(refusalOf(() => two.do('subscribe', { plan: 'pro', seats: 1 }))).toBe('not_enough_seats');
  });
});

describe('from Pro to Free', () => {
  const EIGHT = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8'];

  /** Eight people, a minute after each other; m7 and m8 are admins, and m1 was enabled last. */
  function eight(): AccountInMemory {
    const account = proAccount({ seats: 8 });
    for (const member of EIGHT) account.until(addSeconds(account.now, 60)).access(member);
    account.do('disableMember', { memberId: 'm1' });
    account.until(addSeconds(account.now, 60)).do('enableMember', { memberId: 'm1' });
    const members = account.facts.members.map((member) =>
      member.memberId === 'm7' || member.memberId === 'm8' ? { ...member, role: 'admin' as const } : member,
    );
    account.facts = { ...account.facts, members };
    return account;
  }

  const enabledAfter = (account: AccountInMemory): readonly string[] =>
    Object.entries(states(account.until(MAY))).flatMap(([member, state]) => (state === 'enabled' ? [member] : []));

  it('SBI-10 given eight members, when Pro becomes Free, then at the end of the cycle admins stay first, then the earliest enabled', () => {
    const account = eight();
    account.do('changePlan', { plan: 'free' });
    account.until('2026-04-30T23:59:59Z');
    for (const member of EIGHT) expect(account.access(member)?.state).toBe('enabled');
    expect(enabledAfter(account)).toEqual(['m2', 'm3', 'm4', 'm7', 'm8']);
    expect(account.facts.account.phase).toBe('free');
    expect(account.facts.seats).toEqual([]);
    expect(refusalOf(() => account.access('m1'))).toBe('free_plan_limit');
    // Nothing is left to pay: no final invoice.
    expect(account.bills).toEqual([['start', 16000, 'paid']]);
  });

  it('SBI-10 given an admin’s choice, when Pro becomes Free, then the chosen stay, and the rest of the five as without a choice', () => {
    const account = eight();
    account.do('changePlan', { plan: 'free', keepMemberIds: ['m6', 'm1'] });
    expect(enabledAfter(account)).toEqual(['m1', 'm2', 'm6', 'm7', 'm8']);
  });

  it('SBI-10 given a choice of five, when Pro becomes Free, then exactly they stay', () => {
    const account = eight();
    account.do('changePlan', { plan: 'free', keepMemberIds: ['m2', 'm3', 'm4', 'm5', 'm6'] });
    expect(enabledAfter(account)).toEqual(['m2', 'm3', 'm4', 'm5', 'm6']);
  });

  it('SBI-10 given a stranger among the chosen, when Pro is to become Free, then it is refused and nothing is scheduled', () => {
    const account = eight();
    expect(refusalOf(() => account.do('changePlan', { plan: 'free', keepMemberIds: ['m2', 'zoe'] }))).toBe(
      'unknown_member',
    );
    expect(account.facts.subscription?.change).toBeNull();
  });

  it('SBI-10 given a pending proration, when Pro becomes Free, then the final invoice settles it', () => {
    const account = proAccount({ seats: 1 }).until(MID_APRIL);
    account.do('addSeats', { count: 1 });
    account.do('changePlan', { plan: 'free' });
    account.until(MAY);
    // 2000 × 15 ÷ 30; no advance for May
    expect(account.bills.at(-1)).toEqual(['final', 1000, 'paid']);
  });

  it('SBI-10 given a change to Free that is taken back, when the cycle ends, then Pro goes on with everybody', () => {
    const account = eight();
    account.do('changePlan', { plan: 'free' });
    account.do('resume', {});
    expect(enabledAfter(account)).toEqual(EIGHT);
    expect(account.bills.at(-1)).toEqual(['cycle', 16000, 'paid']);
  });
});
