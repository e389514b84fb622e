import fc from 'fast-check';
import { expect, it } from 'vitest';

import { addSeconds, type Instant, secondsBetween } from '../../../billing/calendar/instant.ts';
import type { Interval } from '../../../billing/calendar/period.ts';
import type { Line, Seat } from '../../../billing/model/facts.ts';
import { Refusal } from '../../../billing/refusal.ts';
import type { AccountInMemory } from '../account-in-memory.ts';
import { proAccount } from '../seats/pro-account.ts';

const PRICES: Readonly<Record<Interval, number>> = { month: 2000, year: 18000 };
const DAY = 86_400;

type Step =
  | { readonly act: 'add'; readonly count: number }
  | { readonly act: 'remove'; readonly count: number }
  | { readonly act: 'removeOf'; readonly memberId: string }
  | { readonly act: 'enable'; readonly memberId: string }
  | { readonly act: 'disable'; readonly memberId: string }
  | { readonly act: 'newcomer'; readonly memberId: string }
  | { readonly act: 'allocation'; readonly enabled: boolean }
  | { readonly act: 'wait'; readonly seconds: number }
  | { readonly act: 'toBoundary'; readonly offset: number };

const memberId = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');

function anyStep(interval: Interval): fc.Arbitrary<Step> {
  const longest = interval === 'month' ? 20 * DAY : 200 * DAY;
  return fc.oneof(
    fc.record({ act: fc.constantFrom('add' as const, 'remove' as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ act: fc.constantFrom('removeOf' as const, 'enable' as const, 'disable' as const), memberId }),
    fc.record({ act: fc.constant('newcomer' as const), memberId }),
    fc.record({ act: fc.constant('allocation' as const), enabled: fc.boolean() }),
    fc.record({ act: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: longest }) }),
    fc.record({ act: fc.constant('toBoundary' as const), offset: fc.constantFrom(-1, 0, 1) }),
  );
}

/** Does one step; what the rules refuse changes nothing, and that is part of what is tested. */
function take(account: AccountInMemory, step: Step): void {
  try {
    if (step.act === 'add') account.do('addSeats', { count: step.count });
    else if (step.act === 'remove') account.do('removeSeats', { count: step.count });
    else if (step.act === 'removeOf') account.do('removeSeats', { memberId: step.memberId });
    else if (step.act === 'enable') account.do('enableMember', { memberId: step.memberId });
    else if (step.act === 'disable') account.do('disableMember', { memberId: step.memberId });
    else if (step.act === 'newcomer') account.access(step.memberId);
    else if (step.act === 'allocation') account.do('setAutomaticAllocation', { enabled: step.enabled });
    else if (step.act === 'wait') account.until(addSeconds(account.now, step.seconds));
    else account.until(nearBoundary(account, step.offset));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

function cycleEnd(account: AccountInMemory): Instant {
  const end = account.facts.subscription?.cycle.end;
  if (end === undefined) throw new Error('the subscription is expected to go on');
  return end;
}

function nearBoundary(account: AccountInMemory, offset: number): Instant {
  const to = addSeconds(cycleEnd(account), offset);
  return to < account.now ? account.now : to;
}

/** Everything that charges a seat for a time: what was issued, and what waits for the next invoice. */
function seatLines(account: AccountInMemory): readonly Line[] {
  const lines = [...account.issued.flatMap((invoice) => invoice.lines), ...account.facts.pendingLines];
  return lines.filter((line) => line.kind === 'seats' || line.kind === 'proration');
}

const covers = (line: Line, at: Instant): boolean => line.periodStart <= at && at < line.periodEnd;
const exists = (seat: Seat, at: Instant): boolean => seat.addedAt <= at && (seat.endedAt === null || at < seat.endedAt);

/** Seats and charges are steps that change only at these instants, so being equal there is being equal every second. */
function assertEverySecondOnce(account: AccountInMemory, lines: readonly Line[]): void {
  const seats = [...account.facts.seats, ...account.endedSeats];
  const paidUntil = cycleEnd(account);
  const instants = [
    ...lines.flatMap((line) => [line.periodStart, line.periodEnd]),
    ...seats.flatMap((seat) => [seat.addedAt, seat.endedAt ?? paidUntil]),
  ];
  for (const at of new Set(instants)) {
    const billed = lines.filter((line) => covers(line, at)).reduce((sum, line) => sum + line.quantity, 0);
    const existing = at < paidUntil ? seats.filter((seat) => exists(seat, at)).length : 0;
    expect({ at, seats: billed }).toEqual({ at, seats: existing });
  }
}

/** What each line must be, worked out from the cycle it lies in: whole for an advance, the rest of the cycle for a proration. */
function assertAmounts(lines: readonly Line[], price: number): void {
  const cycles = lines.filter((line) => line.kind === 'seats');
  for (const line of lines) {
    const cycle = cycles.find((candidate) => covers(candidate, line.periodStart));
    if (cycle === undefined) throw new Error(`${line.lineId} lies in no cycle`);
    expect(line.periodEnd).toBe(cycle.periodEnd);
    const whole = BigInt(secondsBetween(cycle.periodStart, cycle.periodEnd));
    const rest = BigInt(secondsBetween(line.periodStart, line.periodEnd));
    const exactTimesTwo = 2n * BigInt(price * line.quantity) * rest;
    expect(BigInt(line.amount)).toBe((exactTimesTwo + whole) / (2n * whole));
    expect(line.amount).toBeLessThanOrEqual(price * line.quantity);
  }
}

it.each(['month', 'year'] as const)(
  'SBI-13 given a plan by the %s, when seats and members change at random, then every second of every seat is billed once, at most at the full price',
  (interval) => {
    const steps = fc.array(anyStep(interval), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (seats, series) => {
        // The 31st: clamped boundaries are met on the way.
        const account = proAccount({ seats, interval, at: '2026-01-31T10:20:30Z' });
        for (const step of series) take(account, step);
        const lines = seatLines(account);
        assertEverySecondOnce(account, lines);
        assertAmounts(lines, PRICES[interval]);
        const taken = account.facts.seats.flatMap((seat) => (seat.memberId === null ? [] : [seat.memberId]));
        const enabled = account.facts.members
          .filter((member) => member.state === 'enabled')
          .map((member) => member.memberId);
        expect([...taken].sort()).toEqual([...enabled].sort());
      }),
      { numRuns: 60 },
    );
  },
);
