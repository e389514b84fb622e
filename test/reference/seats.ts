import { type AccountState, type Member, tell } from './account-state.ts';
import type { Second } from './calendar.ts';
import { freePlanOf } from './offers.ts';

export function enabledOf(state: AccountState): Member[] {
  return state.members.filter((member) => member.state === 'enabled');
}

/** Whether the running plan is one whose seats are paid for, and how they stand. */
export function seatsOf(
  state: AccountState,
): { quantity: number; used: number; free: number; awaiting: number } | null {
  const seats = state.subscription?.seats ?? null;
  if (seats === null) return null;
  const enabled = enabledOf(state);
  const awaiting = seats.leavingFree + enabled.filter((member) => member.leaving).length;
  return { quantity: seats.quantity, used: enabled.length, free: seats.quantity - enabled.length, awaiting };
}

export function isAdmin(state: AccountState, member: Member): boolean {
  return member.id === state.owner;
}

export function enable(state: AccountState, member: Member, at: Second): void {
  member.state = 'enabled';
  member.reason = null;
  member.leaving = false;
  member.enabledAt = at;
  member.enabledNth = 1 + Math.max(0, ...state.members.map((other) => other.enabledNth));
}

export function disable(member: Member, reason: NonNullable<Member['reason']>): void {
  member.state = 'disabled';
  member.reason = reason;
  member.leaving = false;
  member.isSeatKept = false;
}

/** INV-5, INV-6: while a subscription is suspended Free has room for so many; seats stay theirs, and who pays late finds everybody in place. */
export function fitWhileSuspended(state: AccountState): void {
  const limit = freeLimit(state) ?? Infinity;
  const inOrder = bySeniority(state);
  for (const member of inOrder) member.isSeatKept = true;
  for (const member of inOrder.slice(limit)) {
    member.state = 'disabled';
    member.reason = 'no_seat';
  }
}

/** Everybody is back on their seat; who came meanwhile gets one that is free. */
export function seatAgain(state: AccountState, at: Second): void {
  const seats = state.subscription!.seats;
  for (const member of state.members) {
    if (!member.isSeatKept || member.state === 'enabled' || seats === null) continue;
    const { leaving } = member;
    enable(state, member, at);
    member.leaving = leaving;
  }
  if (seats !== null) {
    let free = seats.quantity - seats.leavingFree - state.members.filter(({ isSeatKept }) => isSeatKept).length;
    for (const member of enabledOf(state)) {
      if (member.isSeatKept) continue;
      if (free > 0) free -= 1;
      else disable(member, 'no_seat');
    }
  }
  for (const member of state.members) member.isSeatKept = false;
}

/** SBI-10: admins first, then the earliest enabled. */
export function bySeniority(state: AccountState): Member[] {
  return enabledOf(state).sort(
    (a, b) =>
      Number(isAdmin(state, b)) - Number(isAdmin(state, a)) || a.enabledAt - b.enabledAt || a.enabledNth - b.enabledNth,
  );
}

/** Those who are chosen stay first, and as many others as there is room for; the rest is disabled (SBI-10). */
export function keepOnly(state: AccountState, room: number, chosen: readonly string[] | null): number {
  const inOrder = bySeniority(state);
  const first = inOrder.filter((member) => chosen?.includes(member.id) === true);
  const staying = [...first, ...inOrder.filter((member) => !first.includes(member))].slice(0, room);
  const leaving = enabledOf(state).filter((member) => !staying.includes(member));
  for (const member of leaving) disable(member, 'no_seat');
  for (const member of staying) member.leaving = false;
  return leaving.length;
}

/** The most members that the free plan has room for (SEA-5); null: any number. */
export function freeLimit(state: AccountState): number | null {
  return freePlanOf(state)?.seats?.limit ?? null;
}

export function fitToFreePlan(state: AccountState, keep: readonly string[] | null): void {
  const limit = freeLimit(state);
  if (keep !== null || (limit !== null && enabledOf(state).length > limit)) keepOnly(state, limit ?? Infinity, keep);
  for (const member of state.members) member.leaving = false;
}

/**
 * SEA-8, SEA-15: at a trial's end those who are enabled may be more than the seats that were asked for. With automatic
 * allocation seats are added up to its ceiling; who has none then is disabled.
 */
export function fitToSeats(state: AccountState, at: Second): void {
  const seats = state.subscription!.seats;
  if (seats === null) return;
  const { enabled, ceiling } = state.allocation;
  while (enabled && enabledOf(state).length > seats.quantity && seats.quantity < (ceiling ?? Infinity)) {
    seats.quantity += 1;
    tell(state, at, 'seat_added_automatically');
  }
  fitToPaidSeats(state, at);
}

/** SEA-8: the same for those who came while the first payment was missing; no seats are added then, since the invoice stands. */
export function fitToPaidSeats(state: AccountState, at: Second): void {
  const seats = state.subscription!.seats;
  if (seats === null || enabledOf(state).length <= seats.quantity) return;
  keepOnly(state, seats.quantity, null);
  tell(state, at, 'members_without_seat');
}

/** SBI-5, SBI-6: removed seats end with the cycle. */
export function removeLeaving(state: AccountState): void {
  const seats = state.subscription?.seats ?? null;
  if (seats === null) return;
  const leaving = enabledOf(state).filter((member) => member.leaving);
  for (const member of leaving) disable(member, 'seat_removed');
  seats.quantity -= seats.leavingFree + leaving.length;
  seats.leavingFree = 0;
}
