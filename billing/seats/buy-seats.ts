import { formatDate } from '../calendar/instant.ts';
import type { Line, Seat } from '../model/facts.ts';
import { planOf, priceMinorOf } from '../model/terms.ts';
import {
  assertNothingAwaited,
  changeAccount,
  changeSeats,
  makeLine,
  recordAudit,
  subscriptionOf,
  type Turn,
} from '../model/turn.ts';
import { countOf } from '../model/counts.ts';
import { billAdvance } from '../invoicing/given-back.ts';
import { proratedAmount, prorationInputs, prorationRounding } from '../money/proration.ts';
import { Refusal } from '../refusal.ts';
import { countSeats } from './seats.ts';

/**
 * Brings `count` more seats that stay: first those that await removal, at no charge (SBI-12), free ones before taken ones,
 * then bought ones, prorated (SBI-2, SBI-3).
 */
export function addSeats(turn: Turn, count: number): { boughtSeats: readonly Seat[]; takenBackCount: number } {
  const before = countSeats(turn.facts.seats);
  const takenBack = leavingSeats(turn).slice(0, count);
  for (const seat of takenBack) keepSeat(turn, seat.seatNumber);
  turn.keptSeats.push(...takenBack);
  const boughtSeats = buySeats(turn, count - takenBack.length);
  recordAudit(turn, 'seats.added', before, countSeats(turn.facts.seats));
  return { boughtSeats, takenBackCount: takenBack.length };
}

function leavingSeats(turn: Turn): readonly Seat[] {
  const leaving = turn.facts.seats.filter((seat) => seat.removalRequestedAt !== null);
  return [...leaving.filter((seat) => seat.memberId === null), ...leaving.filter((seat) => seat.memberId !== null)];
}

/** Takes a seat's removal back. */
export function keepSeat(turn: Turn, seatNumber: number): void {
  changeSeats(turn, (seat) => (seat.seatNumber === seatNumber ? { ...seat, removalRequestedAt: null } : seat));
}

/**
 * SBI-11: the addition that kept these seats was not paid for, so they await removal again. Not one on which somebody else sits by now,
 * who is not to lose it over that (SBI-7), nor the last one that stays.
 */
export function letGoAgain(turn: Turn, keptSeats: readonly Seat[]): void {
  const before = countSeats(turn.facts.seats).awaitingRemoval;
  for (const { seatNumber, memberId, removalRequestedAt } of keptSeats) {
    const seat = turn.facts.seats.find((candidate) => candidate.seatNumber === seatNumber);
    const staying = turn.facts.seats.filter((candidate) => candidate.removalRequestedAt === null).length;
    if (seat?.removalRequestedAt !== null || staying === 1) continue;
    if (seat.memberId !== null && seat.memberId !== memberId) continue;
    changeSeats(turn, (other) => (other === seat ? { ...other, removalRequestedAt } : other));
  }
  const { awaitingRemoval } = countSeats(turn.facts.seats);
  if (awaitingRemoval !== before)
    recordAudit(turn, 'seats.removal_requested', { awaitingRemoval: before }, { awaitingRemoval });
}

/** Adds seats that are charged for the rest of the cycle: next invoice on monthly plans, at once on yearly ones. */
export function buySeats(turn: Turn, count: number): readonly Seat[] {
  if (count === 0) return [];
  assertNothingAwaited(turn);
  const subscription = subscriptionOf(turn);
  if (subscription.state !== 'running') {
    throw new Refusal({ code: 'payment_failed', message: 'Seats can be added again once the open invoice is paid.' });
  }
  const seats = createSeats(turn, count);
  const line = prorationLine(turn, count);
  billAdvance(turn, subscription.cycle, line.amount);
  if (subscription.interval === 'year') {
    turn.immediateLines.push(line);
    turn.immediateSeatNumbers.push(...seats.map((seat) => seat.seatNumber));
  } else {
    turn.facts = { ...turn.facts, pendingLines: [...turn.facts.pendingLines, line] };
  }
  return seats;
}

/** Seats without a charge of their own: what a new cycle's advance line pays for. */
export function createSeats(turn: Turn, count: number): readonly Seat[] {
  const first = turn.facts.account.nextSeatNumber;
  const seats = Array.from({ length: count }, (_, index): Seat => ({
    seatNumber: first + index,
    addedAt: turn.at,
    endedAt: null,
    memberId: null,
    removalRequestedAt: null,
  }));
  turn.facts = { ...turn.facts, seats: [...turn.facts.seats, ...seats] };
  changeAccount(turn, { nextSeatNumber: first + count });
  return seats;
}

/** One line, rounded once (MON-2), for seats that begin together: price × seats × remaining ÷ whole cycle (MON-4). */
function prorationLine(turn: Turn, count: number): Line {
  const subscription = subscriptionOf(turn);
  const { pack, interval, cycle } = subscription;
  const seatPrice = priceMinorOf(planOf(turn.catalog, subscription), pack, interval);
  const rounding = prorationRounding(turn.catalog.currency);
  return makeLine(turn, {
    kind: 'proration',
    quantity: count,
    amount: proratedAmount(seatPrice * count, cycle, turn.at, turn.catalog.currency),
    periodStart: turn.at,
    periodEnd: cycle.end,
    description: `${seatsInWords(count)} added on ${formatDate(turn.at)}, until ${formatDate(cycle.end)}`,
    explanation: {
      rule: interval === 'year' ? 'SBI-3' : 'SBI-2',
      formula: `price × seats × remaining seconds ÷ seconds in the cycle, ${rounding.words}`,
      inputs: { priceCents: seatPrice, seats: count, ...prorationInputs(cycle, turn.at), ...rounding.inputs },
    },
  });
}

export function seatsInWords(count: number): string {
  return countOf(count, 'seat');
}
