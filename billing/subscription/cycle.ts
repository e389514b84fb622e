import type { Instant } from '../calendar/instant.ts';
import { cycleFrom, type Period } from '../calendar/period.ts';
import { nextMeterBoundary, openMeterCycle } from '../usage/meter-cycle.ts';
import { withCap } from '../usage/overage.ts';
import type { Line, Member, MeterCycle, ScheduledChange, ScheduledEnd } from '../model/facts.ts';
import { metersOf, planOf, priceMinorOf } from '../model/terms.ts';
import {
  changeAccount,
  changeSeats,
  changeSubscription,
  giveNotice,
  moveSubscription,
  moveTo,
  planNamed,
  recordAudit,
  removeSubscription,
  subscriptionOf,
  type Turn,
} from '../model/turn.ts';
import { type BalancePeriod, balancePeriodAt, noteUseTerms } from '../model/use-terms.ts';
import { closeEndedCycles, closeMeterCycles, owesMore } from '../invoicing/arrears.ts';
import { billAdvance } from '../invoicing/given-back.ts';
import {
  comeToNothing,
  finishDrafts,
  giveUpExhausted,
  hasNewCharge,
  isNewCharge,
  issueInvoice,
  takePendingLines,
  takeSetOffLines,
  totalOf,
} from '../invoicing/issue-invoice.ts';
import { createSeats } from '../seats/buy-seats.ts';
import { endLeavingSeats, endSeats, seatEverybody, setDisabled, shrinkToFree } from '../seats/members.ts';
import { byStanding, enabledMembers } from '../seats/seats.ts';
import { adoptTerms } from './adopt-terms.ts';
import { advanceLines } from './advance-lines.ts';
import { moveToNextCatalog } from './migrate-catalog.ts';

/** The first cycle begins at the turn's instant: seats are made, members sit down, the start invoice is issued (TRI-4, TRI-5). */
export function startSubscription(turn: Turn): void {
  finishDrafts(turn);
  const { seatsAtStart } = subscriptionOf(turn);
  moveSubscription(turn, 'running', { seatsAtStart: 0, ...anchoredAt(turn, turn.at) });
  if (seatsAtStart > 0) seatMembers(turn, seatsAtStart);
  const { cycle } = subscriptionOf(turn);
  const advance = advanceLines(turn);
  billAdvance(turn, cycle, totalOf(advance));
  // Named by its command where one caused it: who cancels an unpaid start and subscribes again in the same second gets another invoice.
  const cause = turn.commandId === null ? {} : { cause: turn.commandId };
  // Without a charge there is no invoice, and what waits goes on waiting (MON-6).
  const waiting = advance.some(isNewCharge) ? takeSetOffLines(turn) : [];
  issueInvoice(turn, { purpose: 'start', period: cycle, ...cause, lines: [...waiting, ...advance] });
  // Who is sent an invoice works while it is not due (CRE-18).
  const awaitsPayment = turn.facts.liveInvoices.some(({ purpose, dueAt }) => purpose === 'start' && dueAt === null);
  if (!awaitsPayment) activate(turn);
  recordAudit(turn, 'subscription.started', null, {
    plan: subscriptionOf(turn).plan,
    cycle,
    seats: turn.facts.seats.length,
  });
}

function anchoredAt(
  turn: Turn,
  anchor: Instant,
): { anchor: Instant; cycle: { start: Instant; end: Instant }; meterBoundaryAt: Instant } {
  const cycle = cycleFrom(anchor, subscriptionOf(turn).interval, anchor);
  return { anchor, cycle, meterBoundaryAt: nextMeterBoundary(anchor, anchor) };
}

/**
 * SEA-8, SEA-15: those who came while nothing was sold by the seat get the seats that were asked for: admins first, then the earliest enabled. With
 * automatic allocation seats are added for the others, up to its ceiling, and told of; whoever is left is disabled, and the admins are told.
 */
function seatMembers(turn: Turn, asked: number): void {
  const members = byStanding(enabledMembers(turn.facts), []);
  const { enabled, ceiling } = turn.facts.account.automaticAllocation;
  const most = enabled ? Math.max(asked, ceiling ?? members.length) : asked;
  const seats = createSeats(turn, Math.max(asked, Math.min(members.length, most)));
  const seated = new Map(seats.map((seat, index) => [seat.seatNumber, members[index]?.memberId ?? null]));
  changeSeats(turn, (seat) => ({ ...seat, memberId: seated.get(seat.seatNumber) ?? seat.memberId }));
  for (const member of members.slice(asked, seats.length)) tellOfSeatAtStart(turn, member);
  disableWithoutSeat(turn, members.slice(seats.length));
}

function disableWithoutSeat(turn: Turn, members: readonly Member[]): void {
  if (members.length === 0) return;
  for (const member of members) setDisabled(turn, member, 'no_seat');
  const logins = members.map(({ login }) => login);
  giveNotice(turn, 'members_without_seat', { logins, seats: turn.facts.seats.length });
}

/** SEA-8: who came while the first payment was missing may be more than the seats that were paid for then. */
function seatThoseWhoCame(turn: Turn): void {
  const members = byStanding(enabledMembers(turn.facts), []);
  const seats = turn.facts.seats.length;
  if (members.length > seats) {
    changeSeats(turn, (seat) => ({ ...seat, memberId: null }));
    disableWithoutSeat(turn, members.slice(seats));
  }
}

function tellOfSeatAtStart(turn: Turn, { memberId, login }: Member): void {
  const subscription = subscriptionOf(turn);
  const { pack, interval, cycle } = subscription;
  const priceCents = priceMinorOf(planOf(turn.catalog, subscription), pack, interval);
  recordAudit(turn, 'seats.allocated', null, { memberId, quantity: turn.facts.seats.length });
  giveNotice(turn, 'seat_added_automatically', {
    member: memberId,
    login,
    reason: 'fewer seats were asked for than there were members, and automatic allocation is on',
    amountCents: priceCents,
    seatPriceCents: priceCents,
    from: cycle.start,
    until: cycle.end,
    billed: 'now',
    seats: turn.facts.seats.length,
    ceiling: turn.facts.account.automaticAllocation.ceiling,
  });
}

/** TRI-5, INV-6: paid, or nothing to pay: service is there at once, in the same cycle. */
export function activate(turn: Turn): void {
  const { account, subscription } = turn.facts;
  if (subscription === null || subscription.state === 'scheduled') return;
  // While suspended no month of metered use was turned; the next boundary is the next one from here.
  const meterBoundaryAt =
    subscription.state === 'suspended' ? nextMeterBoundary(subscription.anchor, turn.at) : subscription.meterBoundaryAt;
  const firstPaidAt = subscription.firstPaidAt ?? turn.at;
  moveSubscription(turn, 'running', { meterBoundaryAt, firstPaidAt, recoveryEndsAt: null });
  if (account.phase === 'trialing') changeAccount(turn, { trialEndsAt: turn.at });
  moveTo(turn, 'active');
  if (account.phase !== 'active' && account.phase !== 'past_due') takeOverMeters(turn);
  if (planOf(turn.catalog, subscription).seats === null) return;
  if (subscription.firstPaidAt === null) seatThoseWhoCame(turn);
  seatEverybody(turn);
}

/**
 * Other terms of metered use come into force: what a trial or a free plan gave ends here and owes nothing, save what began this very
 * instant, which goes on under the new terms. A month that was cut short when payments failed goes on where it was (INV-6).
 */
export function takeOverMeters(turn: Turn): void {
  noteUseTerms(turn);
  const period = balancePeriodAt(turn.facts.account, turn.at);
  const meterCycles = turn.facts.meterCycles.map((cycle): MeterCycle => {
    if (cycle.start === period.start && cycle.start < turn.at) return goingOn(turn, cycle, period);
    if (cycle.closedAt !== null || (cycle.end <= turn.at && cycle.start < turn.at)) return cycle;
    if (cycle.start < turn.at)
      return { ...cycle, end: turn.at, closedAt: turn.at, billedOverageUnits: cycle.overageUnits };
    return underNewTerms(turn, cycle);
  });
  turn.facts = { ...turn.facts, meterCycles };
}

/** A month that was cut short goes on where it was, with the cap that was set meanwhile. */
function goingOn({ catalog }: Turn, cycle: MeterCycle, { end, caps }: BalancePeriod): MeterCycle {
  if (cycle.closedAt === null && cycle.end === end) return cycle;
  return { ...withCap(catalog, cycle, caps[cycle.meter] ?? null), end, closedAt: null };
}

/**
 * A balance whose first instant is this one, or is still to come: what is counted on it counts under the terms that hold then. Where they have no month
 * that begins there, it stays apart and empty of time, and is billed with the next months that end.
 */
function underNewTerms({ catalog, facts }: Turn, cycle: MeterCycle): MeterCycle {
  const period = balancePeriodAt(facts.account, cycle.start);
  if (cycle.start !== period.start || period.kind === 'none') return { ...cycle, end: cycle.start };
  const opened = openMeterCycle(period, cycle.meter);
  const includedUnits = Math.max(opened.includedUnits, cycle.usedIncludedUnits);
  const { end, priceMinor, pricePerUnits, capMinor } = opened;
  return { ...withCap(catalog, cycle, capMinor), end, includedUnits, priceMinor, pricePerUnits };
}

/** Monthly → yearly (SBI-9) and other changes of terms that begin a new anchor now: the caller has settled what came before. */
export function restartCycle(turn: Turn): void {
  changeSubscription(turn, anchoredAt(turn, turn.at));
}

/** What was recorded ahead for a month that does not begin stays apart and empty of time: the last invoice has it (CRE-12). */
function endMonthsThatDoNotCome(turn: Turn): void {
  const meterCycles = turn.facts.meterCycles.map((cycle) =>
    cycle.closedAt === null && cycle.start === turn.at ? { ...cycle, end: turn.at } : cycle,
  );
  turn.facts = { ...turn.facts, meterCycles };
}

/**
 * A boundary of the account's months (design.md: close and open in one act). What ended is closed; at the end of what was paid in
 * advance the next cycle begins, or what was scheduled instead; one invoice takes all of it (INV-2).
 */
export function turnCycle(turn: Turn): void {
  const subscription = subscriptionOf(turn);
  const graceSeconds = turn.catalog.graceMinutes * 60;
  if (turn.at >= subscription.cycle.end && subscription.ending?.kind === 'cancel') endMonthsThatDoNotCome(turn);
  // What changed of months before joins where there is an invoice; otherwise it waits, and may still change.
  const arrears = graceSeconds === 0 ? closeEndedCycles(turn) : [];
  if (turn.at < subscription.cycle.end) {
    // BUD-3: a month within a yearly cycle. Only overage can be due.
    changeSubscription(turn, { meterBoundaryAt: nextMeterBoundary(subscription.anchor, turn.at) });
    const period = { start: subscription.meterBoundaryAt, end: subscriptionOf(turn).meterBoundaryAt };
    issueBoundaryInvoice(turn, 'cycle', { period, arrears, advance: [], graceSeconds });
    return;
  }
  if (subscription.ending !== null) {
    endSubscription(turn, subscription.ending, { arrears, graceSeconds });
    return;
  }
  moveToNextCatalog(turn);
  if (subscription.change?.kind === 'terms') renewOnTerms(turn, subscription.change);
  if (subscription.change?.kind === 'contract') adoptTerms(turn, subscription.change.terms);
  endLeavingSeats(turn);
  const { anchor, interval } = subscriptionOf(turn);
  const cycle = cycleFrom(anchor, interval, turn.at);
  changeSubscription(turn, { cycle, meterBoundaryAt: nextMeterBoundary(anchor, turn.at), change: null });
  takeOverMeters(turn);
  recordAudit(turn, 'cycle.renewed', subscription.cycle, cycle);
  const advance = advanceLines(turn);
  billAdvance(turn, cycle, totalOf(advance));
  issueBoundaryInvoice(turn, 'cycle', { period: cycle, arrears, advance, graceSeconds });
}

function renewOnTerms(turn: Turn, change: Extract<ScheduledChange, { kind: 'terms' }>): void {
  const { interval, pack } = subscriptionOf(turn);
  changeSubscription(turn, { interval: change.interval, pack: change.pack });
  recordAudit(turn, 'subscription.changed', { interval, pack }, { interval: change.interval, pack: change.pack });
}

interface Boundary {
  readonly arrears: readonly Line[];
  /** Of the catalog under which the cycle was used: a newer one may have another (CAT-2). */
  readonly graceSeconds: number;
}

/**
 * Every boundary's invoice, an account's last one included. Where the catalog has a grace, it stays a draft for late events (CRE-12), which a due
 * finishes. Without a charge there is none, and what a customer has to get waits (MON-6), save at the end, where nothing comes after it.
 */
function issueBoundaryInvoice(
  turn: Turn,
  purpose: 'cycle' | 'final',
  { period, arrears, advance, graceSeconds }: Boundary & { readonly period: Period; readonly advance: readonly Line[] },
): void {
  const isDraft = graceSeconds > 0 && mayOwe(turn, purpose);
  const lines = [...advance, ...arrears];
  const { pendingLines } = turn.facts;
  const hasNews = purpose === 'final' || hasNewCharge([...lines, ...pendingLines]) || owesForUse(turn);
  if (!isDraft && !hasNews) {
    // What the closed cycles give back waits beside the rest.
    turn.facts = { ...turn.facts, pendingLines: [...pendingLines, ...arrears] };
    return;
  }
  // A draft takes what waits when it is finished: before that it may be set off against another charge.
  const isNothingYet = !hasNews || comeToNothing([...lines, ...pendingLines]);
  const waiting = isDraft && isNothingYet ? [] : takePendingLines(turn);
  const changed = isDraft ? [] : closeMeterCycles(turn, turn.at);
  issueInvoice(turn, { purpose, period, lines: [...advance, ...waiting, ...arrears, ...changed], draft: isDraft });
}

/**
 * Whether a draft is worth waiting for: more is owed for use than was billed, or, as nothing comes after a final invoice, late use may still come;
 * and where the cycle has an advance, its own invoice is it.
 */
function mayOwe(turn: Turn, purpose: 'cycle' | 'final'): boolean {
  const { subscription, pendingLines } = turn.facts;
  if (metersOf(turn.catalog, subscription).length === 0) return false;
  const isRenewal = subscription?.cycle.start === turn.at;
  return purpose === 'final' || isRenewal || owesForUse(turn) || hasNewCharge(pendingLines);
}

function owesForUse(turn: Turn): boolean {
  return turn.facts.meterCycles.some((cycle) => cycle.end <= turn.at && owesMore(turn, cycle));
}

/** The end of a subscription: the last overage and all that waits are invoiced (CRE-19), then Free rules or nothing (SBI-10). */
function endSubscription(turn: Turn, ending: ScheduledEnd, boundary: Boundary): void {
  const { cycle } = subscriptionOf(turn);
  giveUpExhausted(turn);
  issueBoundaryInvoice(turn, 'final', { ...boundary, period: cycle, advance: [] });
  if (ending.kind === 'free') {
    moveToFree(turn, ending.plan, ending.keepMemberIds);
  } else {
    endLeavingSeats(turn);
    dropSubscription(turn);
    moveTo(turn, 'canceled');
    takeOverMeters(turn);
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
  takeOverMeters(turn);
}

/** Ends the subscription and all its seats; members keep their state. */
export function dropSubscription(turn: Turn): void {
  const { plan, interval, pack } = subscriptionOf(turn);
  const before = { plan, interval, pack, seats: turn.facts.seats.length };
  changeSeats(turn, (seat) => ({ ...seat, memberId: null, endedAt: turn.at }));
  turn.endedSeats.push(...turn.facts.seats);
  turn.facts = { ...turn.facts, seats: [] };
  removeSubscription(turn);
  recordAudit(turn, 'subscription.ended', before, null);
  moveToNextCatalog(turn);
}
