import { type AccountState, catalogOf, type Member, type Subscription, tell } from './account-state.ts';
import type { Second } from './calendar.ts';
import { fraction } from './fraction.ts';
import { lineOf, prorated, waitingAt } from './invoices.ts';
import { pricesOf } from './offers.ts';
import { assertPaid } from './paying-now.ts';
import { issueDrafts } from './payments.ts';
import { isPastDue } from './phase.ts';
import { no, RefusedWithTrace } from './refused.ts';
import { disable, enable, enabledOf, freeLimit, isAdmin, seatsOf } from './seats.ts';
import { advanceThing, cycleOf, dueDaysOf } from './subscription-life.ts';
import { spanAt } from './terms-in-force.ts';

/** A subscription whose seats can change now. */
function seated(state: AccountState): Subscription {
  const { subscription } = state;
  if (subscription === null) return no('not_subscribed');
  if (subscription.seats === null) no('plan_has_no_seats');
  if (subscription.state !== 'active' || !subscription.isFirstPaid || isPastDue(state)) no('payment_failed');
  return subscription;
}

/** SBI-2, SBI-3, SBI-12: seats that await removal are taken back first, free ones before taken ones; the rest is bought. */
export function addSeats(state: AccountState, at: Second, count: number): void {
  const subscription = seated(state);
  const seats = subscription.seats!;
  const free = Math.min(count, seats.leavingFree);
  const taken = enabledOf(state)
    .filter((member) => member.leaving)
    .slice(0, count - free);
  const bought = count - free - taken.length;
  const takeBack = (): void => {
    seats.leavingFree -= free;
    for (const member of taken) member.leaving = false;
  };
  if (bought > 0) buySeats(state, subscription, at, bought, takeBack);
  else takeBack();
}

/** MON-4: for what is left of the cycle; on a yearly plan at once, on a monthly one with the next invoice. */
export function buySeats(
  state: AccountState,
  subscription: Subscription,
  at: Second,
  count: number,
  granted: () => void,
): void {
  const seats = subscription.seats!;
  if (subscription.state === 'scheduled') {
    granted();
    seats.quantity += count;
    return;
  }
  const { seat } = pricesOf(catalogOf(state), subscription);
  const cycle = cycleOf(subscription);
  const thing = advanceThing(subscription);
  const amount = prorated(state, fraction(BigInt(seat ?? 0) * BigInt(count)), at, cycle);
  const line = { ...lineOf('proration', amount, at, cycle.to, thing), quantity: count };
  const grant = (): void => {
    granted();
    seats.quantity += count;
  };
  if (subscription.interval === 'month') {
    const id = `proration ${state.prorations.length}`;
    state.prorations.push({ id, line: { ...line, takes: id } });
    grant();
    return;
  }
  issueDrafts(state, at);
  const lines = [line, ...waitingAt(state, at).any];
  assertPaid(
    state,
    at,
    {
      purpose: 'seats',
      from: at,
      to: cycle.to,
      lines,
      dueDays: dueDaysOf(subscription),
      failure: 'seat_payment_failed',
    },
    grant,
  );
}

/** SBI-5, SBI-6: free ones by count, a taken one by its member; until the cycle's end nothing changes. */
export function removeSeats(state: AccountState, asked: { count?: number; member?: string }): void {
  const subscription = seated(state);
  const seats = subscription.seats!;
  const { free, awaiting } = seatsOf(state)!;
  if (asked.member !== undefined) {
    const member = memberOf(state, asked.member);
    if (member.state !== 'enabled') no('no_seat');
    if (member.leaving) no('no_change');
    assertNotLastAdmin(state, member);
    if (seats.quantity - awaiting - 1 < 1) no('last_seat');
    member.leaving = true;
    return;
  }
  const count = asked.count!;
  if (count > free - seats.leavingFree) no('seats_in_use');
  if (seats.quantity - awaiting - count < 1) no('last_seat');
  seats.leavingFree += count;
}

export function memberOf(state: AccountState, id: string): Member {
  return state.members.find((member) => member.id === id) ?? no('unknown_member');
}

function assertNotLastAdmin(state: AccountState, member: Member): void {
  if (isAdmin(state, member) && member.state === 'enabled') no('last_admin');
}

/** A ceiling that is not named stays. */
export function setAllocation(state: AccountState, enabled: boolean, ceiling: number | null | undefined): void {
  state.allocation = { enabled, ceiling: ceiling === undefined ? state.allocation.ceiling : ceiling };
}

/** SEA-13: the seat is free at once; where it awaits removal, it still does. */
export function disableMember(state: AccountState, id: string): void {
  const member = memberOf(state, id);
  if (member.state === 'disabled' && member.reason === 'member_disabled') return;
  assertNotLastAdmin(state, member);
  if (member.leaving) state.subscription!.seats!.leavingFree += 1;
  disable(member, 'member_disabled');
}

/** SEA-12: a free seat for nothing, else one is bought; all of them or none. */
export function enableMembers(state: AccountState, at: Second, ids: readonly string[]): void {
  const members = [...new Set(ids)].map((id) => memberOf(state, id)).filter(({ state: now }) => now === 'disabled');
  const enableAll = (): void => {
    for (const member of members) enable(state, member, at);
  };
  const seats = state.subscription?.seats ?? null;
  const span = spanAt(state, at);
  if (seats === null || state.subscription!.state !== 'active') {
    if (span?.kind === 'free') assertRoomOnFree(state, members.length);
    enableAll();
    return;
  }
  const { free } = seatsOf(state)!;
  const missing = members.length - (free - seats.leavingFree);
  if (missing <= 0) {
    enableAll();
    return;
  }
  const takenBack = Math.min(missing, seats.leavingFree);
  const bought = missing - takenBack;
  const grant = (): void => {
    seats.leavingFree -= takenBack;
    enableAll();
  };
  // Seats that await removal are there for it, also while an invoice is not paid.
  if (bought > 0) buySeats(state, seated(state), at, bought, grant);
  else grant();
}

function assertRoomOnFree(state: AccountState, more: number): void {
  const limit = freeLimit(state);
  if (limit !== null && enabledOf(state).length + more > limit) no('free_plan_limit');
}

// ---- Access (SEA-1 to SEA-11) ----

export interface Person {
  readonly id: string;
  readonly login: string;
}

/** May this private run, or visit, go ahead? A newcomer becomes a member by it. */
export function admit(state: AccountState, at: Second, person: Person, isVisit: boolean): void {
  const span = spanAt(state, at);
  if (person.login.endsWith('[bot]')) {
    if (span?.kind === 'none') no(span.reason ?? 'not_subscribed');
    return;
  }
  const known = state.members.find((member) => member.id === person.id);
  if (span?.kind === 'none') {
    if (!isVisit) no(span.reason ?? 'not_subscribed');
    // A visit is allowed: data stays readable (TRI-3). Where a subscription waits for its first payment at a trial's end, seats count already.
    if (state.subscription?.state !== 'active') {
      if (known === undefined) enable(state, newcomer(state, person), at);
      else assertEnabled(state, known);
      return;
    }
  }
  if (known !== undefined) assertEnabled(state, known);
  else admitNewcomer(state, at, person);
}

function assertEnabled(state: AccountState, member: Member): void {
  if (member.state === 'disabled') {
    if (member.reason === 'member_disabled') no('member_disabled');
    no(spanAt(state, state.now)?.kind === 'free' && freeLimit(state) !== null ? 'free_plan_limit' : 'no_seat');
  }
}

function admitNewcomer(state: AccountState, at: Second, person: Person): void {
  const span = spanAt(state, at);
  const seats = state.subscription?.state === 'active' ? state.subscription.seats : null;
  const limit = span?.kind === 'free' ? freeLimit(state) : null;
  const isFreeFull = limit !== null && enabledOf(state).length >= limit;
  if (!isFreeFull && (seats === null || takeSeat(state, at, person))) {
    enable(state, newcomer(state, person), at);
    return;
  }
  const member = newcomer(state, person);
  disable(member, 'no_seat');
  if (isFreeFull) throw new RefusedWithTrace('free_plan_limit');
  const { enabled, ceiling } = state.allocation;
  const isAtCeiling = enabled && ceiling !== null;
  throw new RefusedWithTrace(isAtCeiling ? 'seat_limit_reached' : 'no_seat', 'no_seat');
}

function newcomer(state: AccountState, person: Person): Member {
  const member: Member = {
    id: person.id,
    state: 'disabled',
    reason: 'no_seat',
    enabledAt: 0,
    enabledNth: 0,
    leaving: false,
    isSeatKept: false,
  };
  state.members.push(member);
  return member;
}

/** SEA-6, SBI-7, SEA-7: a free seat, else one that awaits removal, else a bought one. */
function takeSeat(state: AccountState, at: Second, person: Person): boolean {
  const seats = state.subscription!.seats!;
  const { free } = seatsOf(state)!;
  if (free - seats.leavingFree > 0) return true;
  const { enabled, ceiling } = state.allocation;
  if (!enabled) return false;
  if (seats.leavingFree > 0) {
    seats.leavingFree -= 1;
    return true;
  }
  if (isPastDue(state)) no('payment_failed');
  if (seats.quantity + 1 > (ceiling ?? Infinity)) return false;
  // The admins are told of it, and told again if it is not paid for and taken back.
  tell(state, at, 'seat_added_automatically');
  try {
    buySeats(state, state.subscription!, at, 1, () => undefined);
  } catch (error) {
    if (error instanceof RefusedWithTrace) disable(newcomer(state, person), 'no_seat');
    throw error;
  }
  return true;
}
