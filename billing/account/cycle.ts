import type { Instant } from '../calendar/instant.ts';
import { type Interval, type Period, periodAt } from '../calendar/period.ts';
import { nextMeterBoundary, openMeterCycle } from '../credits/meter-cycle.ts';
import type { Line, MeterCycle, NewTerms, ScheduledChange } from '../facts/facts.ts';
import { metersOf, planOf } from '../facts/terms.ts';
import {
  changeAccount,
  changeSeats,
  changeSubscription,
  moveTo,
  planNamed,
  recordAudit,
  subscriptionOf,
  type Turn,
} from '../facts/turn.ts';
import { closeMeterCycles } from '../invoice/arrears.ts';
import { finishInvoice, issueInvoice, takePendingLines } from '../invoice/issue-invoice.ts';
import { createSeats } from '../seats/buy-seats.ts';
import { endLeavingSeats, endSeats, seatEverybody, shrinkToFree } from '../seats/members.ts';
import { enabledMembers } from '../seats/seats.ts';
import { adoptTerms } from './adopt-terms.ts';
import { advanceLines } from './advance-lines.ts';
import { moveToNextCatalog } from './migrate-catalog.ts';

/** The first cycle begins at the turn's instant: seats are made, members sit down, the start invoice is issued (TRI-4, TRI-5). */
export function startSubscription(turn: Turn): void {
  const { seatsAtStart } = subscriptionOf(turn);
  changeSubscription(turn, { state: 'running', seatsAtStart: 0, ...cycleFrom(turn, turn.at) });
  if (seatsAtStart > 0) seatMembers(turn, seatsAtStart);
  const { cycle } = subscriptionOf(turn);
  // Named by its command where one caused it: who cancels an unpaid start and subscribes again in the same second gets another invoice.
  const cause = turn.commandId === null ? {} : { cause: turn.commandId };
  issueInvoice(turn, {
    purpose: 'start',
    period: cycle,
    ...cause,
    lines: [...takePendingLines(turn), ...advanceLines(turn)],
  });
  // Who is sent an invoice works while it is not due (CRE-18).
  const awaitsPayment = turn.facts.liveInvoices.some(({ purpose, dueAt }) => purpose === 'start' && dueAt === null);
  if (!awaitsPayment) activate(turn);
  recordAudit(turn, 'subscription.started', null, {
    plan: subscriptionOf(turn).plan,
    cycle,
    seats: turn.facts.seats.length,
  });
}

function cycleFrom(
  turn: Turn,
  anchor: Instant,
): { anchor: Instant; cycle: { start: Instant; end: Instant }; meterBoundaryAt: Instant } {
  const { start, end } = periodAt(anchor, subscriptionOf(turn).interval, anchor);
  return { anchor, cycle: { start, end }, meterBoundaryAt: nextMeterBoundary(anchor, anchor) };
}

function seatMembers(turn: Turn, quantity: number): void {
  const seats = createSeats(turn, Math.max(quantity, enabledMembers(turn.facts).length));
  const members = enabledMembers(turn.facts);
  const seated = new Map(seats.map((seat, index) => [seat.seatNumber, members[index]?.memberId ?? null]));
  changeSeats(turn, (seat) => ({ ...seat, memberId: seated.get(seat.seatNumber) ?? seat.memberId }));
}

/** TRI-5, INV-6: paid, or nothing to pay: service is there at once, in the same cycle. */
export function activate(turn: Turn): void {
  const { account, subscription } = turn.facts;
  if (subscription === null || subscription.state === 'scheduled') return;
  // While suspended no month of metered use was turned; the next boundary is the next one from here.
  const meterBoundaryAt =
    subscription.state === 'suspended' ? nextMeterBoundary(subscription.anchor, turn.at) : subscription.meterBoundaryAt;
  changeSubscription(turn, { state: 'running', meterBoundaryAt, firstPaidAt: subscription.firstPaidAt ?? turn.at });
  if (account.phase === 'trialing') changeAccount(turn, { trialEndsAt: turn.at });
  moveTo(turn, 'active');
  if (account.phase !== 'active' && account.phase !== 'past_due') takeOverMeters(turn);
  if (planOf(turn.catalog, subscription).seats !== null) seatEverybody(turn);
}

/**
 * Paid terms of metered use come into force: what a trial or a free plan gave ends here and owes nothing, save what began this very
 * instant, which goes on under the new terms. A month that was cut short when payments failed goes on where it was (INV-6).
 */
export function takeOverMeters(turn: Turn): void {
  const { anchor, meterBoundaryAt } = subscriptionOf(turn);
  const month = periodAt(anchor, 'month', turn.at);
  const meterCycles = turn.facts.meterCycles.map((cycle): MeterCycle => {
    if (cycle.closedAt !== null) {
      const wasCutShort = cycle.start >= month.start && cycle.closedAt < turn.at;
      return wasCutShort ? { ...cycle, end: meterBoundaryAt, closedAt: null } : cycle;
    }
    if (cycle.end <= turn.at) return cycle;
    if (cycle.start < turn.at)
      return { ...cycle, end: turn.at, closedAt: turn.at, billedOverageUnits: cycle.overageUnits };
    const { usedIncludedUnits, overageUnits, trialUnits, heldUnits, refusals } = cycle;
    const opened = openMeterCycle(turn.facts, turn.catalog, cycle.meter, turn.at);
    const includedUnits = Math.max(opened.includedUnits, usedIncludedUnits);
    return { ...opened, includedUnits, usedIncludedUnits, overageUnits, trialUnits, heldUnits, refusals };
  });
  turn.facts = { ...turn.facts, meterCycles };
}

/** Monthly → yearly (SBI-9) and other changes of terms that begin a new anchor now: the caller has settled what came before. */
export function restartCycle(turn: Turn): void {
  changeSubscription(turn, cycleFrom(turn, turn.at));
}

/**
 * A boundary of the account's months (design.md: close and open in one act). What ended is closed; at the end of what was paid in
 * advance the next cycle begins, or what was scheduled instead; one invoice takes all of it (INV-2).
 */
export function turnCycle(turn: Turn): void {
  const subscription = subscriptionOf(turn);
  const graceSeconds = turn.catalog.graceMinutes * 60;
  const arrears = graceSeconds === 0 ? closeMeterCycles(turn, turn.at) : [];
  if (turn.at < subscription.cycle.end) {
    // BUD-3: a month within a yearly cycle. Only overage can be due.
    changeSubscription(turn, { meterBoundaryAt: nextMeterBoundary(subscription.anchor, turn.at) });
    const period = { start: subscription.meterBoundaryAt, end: subscriptionOf(turn).meterBoundaryAt };
    issueBoundaryInvoice(turn, 'cycle', { period, arrears, advance: [], graceSeconds });
    return;
  }
  if (subscription.change?.kind === 'cancel' || subscription.change?.kind === 'free') {
    endSubscription(turn, subscription.change, { arrears, graceSeconds });
    return;
  }
  moveToNextCatalog(turn);
  if (subscription.change?.kind === 'terms') renewOnTerms(turn, subscription.change);
  if (subscription.change?.kind === 'contract') renewOnContract(turn, subscription.change.terms);
  endLeavingSeats(turn);
  const { anchor, interval } = subscriptionOf(turn);
  const { start, end } = periodAt(anchor, interval, turn.at);
  changeSubscription(turn, {
    cycle: { start, end },
    meterBoundaryAt: nextMeterBoundary(anchor, turn.at),
    change: null,
  });
  recordAudit(turn, 'cycle.renewed', subscription.cycle, { start, end });
  issueBoundaryInvoice(turn, 'cycle', { period: { start, end }, arrears, advance: advanceLines(turn), graceSeconds });
}

/** A new interval counts its boundaries from here, else a yearly anchor of Feb 29 would be met again as a monthly one. */
function anchorFor(turn: Turn, interval: Interval): Instant {
  const before = subscriptionOf(turn);
  return before.interval === interval ? before.anchor : turn.at;
}

/** CRE-18: what was agreed for the time after this boundary. */
function renewOnContract(turn: Turn, terms: NewTerms): void {
  changeSubscription(turn, { anchor: anchorFor(turn, terms.interval) });
  adoptTerms(turn, terms);
}

function renewOnTerms(turn: Turn, change: Extract<ScheduledChange, { kind: 'terms' }>): void {
  const { interval, pack } = subscriptionOf(turn);
  const anchor = anchorFor(turn, change.interval);
  changeSubscription(turn, { interval: change.interval, pack: change.pack, anchor });
  recordAudit(turn, 'subscription.changed', { interval, pack }, { interval: change.interval, pack: change.pack });
}

interface Boundary {
  readonly arrears: readonly Line[];
  /** Of the catalog under which the cycle was used: a newer one may have another (CAT-2). */
  readonly graceSeconds: number;
}

/** Where the catalog has a grace, the invoice stays a draft for late events (CRE-12); a pending due finishes it. */
function issueBoundaryInvoice(
  turn: Turn,
  purpose: 'cycle' | 'final',
  { period, arrears, advance, graceSeconds }: Boundary & { readonly period: Period; readonly advance: readonly Line[] },
): void {
  const hasGrace = graceSeconds > 0 && metersOf(turn.catalog, turn.facts.subscription).length > 0;
  const lines = [...advance, ...takePendingLines(turn), ...arrears];
  if (lines.length === 0 && !(hasGrace && mayOwe(turn, purpose))) return;
  issueInvoice(turn, { purpose, period, lines, draft: hasGrace });
}

/** Whether a draft without lines may get some: from overage that has accrued, or, as nothing comes after a final invoice, from late events. */
function mayOwe(turn: Turn, purpose: 'cycle' | 'final'): boolean {
  const ended = turn.facts.meterCycles.filter(
    (cycle) => cycle.closedAt === null && cycle.end <= turn.at && cycle.priceMinor !== null,
  );
  return ended.some((cycle) => purpose === 'final' || cycle.overageUnits > 0);
}

/** The grace of a closed cycle is over: its overage joins the draft, which is issued (CRE-12). */
export function finishDraft(turn: Turn, invoiceId: string): void {
  const draft = turn.facts.liveInvoices.find((invoice) => invoice.invoiceId === invoiceId);
  if (draft === undefined) throw new Error(`${invoiceId} is not live`);
  finishInvoice(turn, invoiceId, closeMeterCycles(turn, draft.issuedAt));
}

/** The end of a subscription: the last overage and all that waits are invoiced (CRE-19), then Free rules or nothing (SBI-10). */
function endSubscription(
  turn: Turn,
  change: Extract<ScheduledChange, { kind: 'cancel' | 'free' }>,
  boundary: Boundary,
): void {
  const { cycle } = subscriptionOf(turn);
  issueBoundaryInvoice(turn, 'final', { ...boundary, period: cycle, advance: [] });
  if (change.kind === 'free') {
    moveToFree(turn, change.plan, change.keepMemberIds);
  } else {
    dropSubscription(turn);
    moveTo(turn, 'canceled');
  }
}

export function moveToFree(turn: Turn, freePlan: string, keepMemberIds: readonly string[]): void {
  const limit = planNamed(turn.catalog, freePlan).seats?.limit ?? Number.POSITIVE_INFINITY;
  const leavers = turn.facts.seats.filter(
    ({ removalRequestedAt, memberId }) =>
      removalRequestedAt !== null && memberId !== null && !keepMemberIds.includes(memberId),
  );
  // Those whose seat was to end with this very cycle are disabled for that reason, and do not compete for the free places, unless an
  // admin chose them.
  endSeats(
    turn,
    leavers.map((seat) => seat.seatNumber),
    'seat_removed',
  );
  shrinkToFree(turn, { limit, keepMemberIds, seats: 'freed' });
  dropSubscription(turn);
  moveTo(turn, 'free');
}

/** Ends the subscription and all its seats; members keep their state. */
export function dropSubscription(turn: Turn): void {
  const { plan, interval, pack } = subscriptionOf(turn);
  const before = { plan, interval, pack, seats: turn.facts.seats.length };
  changeSeats(turn, (seat) => ({ ...seat, memberId: null, endedAt: turn.at }));
  turn.endedSeats.push(...turn.facts.seats);
  turn.facts = { ...turn.facts, seats: [], subscription: null };
  recordAudit(turn, 'subscription.ended', before, null);
  moveToNextCatalog(turn);
}
