import type { DisabledReason, Member, MemberRole, Seat } from '../model/facts.ts';
import { changeInvoice, changeMember, changeSeats, giveNotice, recordAudit, type Turn } from '../model/turn.ts';
import { countOf } from '../model/counts.ts';
import { Refusal } from '../refusal.ts';
import { buySeats, createSeats, keepSeat } from './buy-seats.ts';
import { assertNoBot, assertNotLastAdmin } from './roles.ts';
import {
  byStanding,
  countSeats,
  enabledMembers,
  freeMemberLimit,
  freePlanLimitReached,
  isSeatBilled,
  knownMember,
  lastingFreeSeat,
  leavingFreeSeat,
  memberOf,
  seatOf,
} from './seats.ts';

/** What becomes of somebody who was not a member before. */
export type Admission =
  { readonly kind: 'enabled'; readonly seat: Seat | null } | { readonly kind: 'buy' } | { readonly kind: 'disabled' };

/** Decides about a newcomer without changing anything (SEA-5 to SEA-8, SEA-15, SBI-7). */
export function admissionOf(turn: Pick<Turn, 'facts' | 'catalog'>): Admission {
  const { facts, catalog } = turn;
  if (!isSeatBilled(facts, catalog)) {
    const hasRoom = enabledMembers(facts).length < freeMemberLimit(turn);
    return hasRoom ? { kind: 'enabled', seat: null } : { kind: 'disabled' };
  }
  const lasting = lastingFreeSeat(facts);
  if (lasting !== null) return { kind: 'enabled', seat: lasting };
  const { enabled, ceiling } = facts.account.automaticAllocation;
  if (!enabled) return { kind: 'disabled' };
  const leaving = leavingFreeSeat(facts);
  if (leaving !== null) return { kind: 'enabled', seat: leaving };
  if (facts.account.phase === 'past_due') {
    throw new Refusal({
      code: 'payment_failed',
      message: 'Automatic allocation adds no seats until the open invoice is paid.',
    });
  }
  return ceiling !== null && facts.seats.length >= ceiling ? { kind: 'disabled' } : { kind: 'buy' };
}

/** SEA-15: how many seats there may be, where a newcomer finds none free and no more may be added automatically; null where that is not the reason. */
export function ceilingReached({ facts, catalog }: Pick<Turn, 'facts' | 'catalog'>): number | null {
  const { enabled, ceiling } = facts.account.automaticAllocation;
  if (!isSeatBilled(facts, catalog) || !enabled || ceiling === null) return null;
  return facts.seats.length >= ceiling ? ceiling : null;
}

/** Makes a member of a newcomer, invited or not (SEA-2); somebody known already stays as they are. */
export function admitMember(turn: Turn, memberId: string, login: string): Member {
  const known = memberOf(turn.facts, memberId);
  if (known !== null && known.reason !== 'invited') return known;
  assertNoBot(login);
  const admission = admissionOf(turn);
  const role: MemberRole = known?.role ?? (memberId === turn.facts.account.ownerId ? 'admin' : 'member');
  const isEnabled = admission.kind !== 'disabled';
  const member: Member = {
    memberId,
    login,
    role,
    state: isEnabled ? 'enabled' : 'disabled',
    reason: isEnabled ? null : 'no_seat',
    createdAt: turn.at,
    enabledAt: isEnabled ? turn.at : null,
    stateSince: turn.at,
    reasonBefore: null,
  };
  const others = turn.facts.members.filter((other) => other !== known);
  turn.facts = { ...turn.facts, members: [...others, member] };
  const before = known === null ? null : { state: known.state, reason: known.reason };
  recordAudit(turn, 'member.created', before, { memberId, state: member.state, reason: member.reason });
  if (admission.kind === 'enabled' && admission.seat !== null) takeSeat(turn, admission.seat, memberId);
  if (admission.kind === 'buy') allocateSeat(turn, member);
  return member;
}

/** SEA-7, SEA-15: a seat is added for a newcomer, and the admins are told who, why and what it costs. */
function allocateSeat(turn: Turn, { memberId, login }: Member): void {
  const [seat] = buySeats(turn, 1);
  if (seat === undefined) throw new Error('a bought seat is missing');
  takeSeat(turn, seat, memberId);
  const isNow = turn.immediateLines.length > 0;
  const line = turn.immediateLines.at(-1) ?? turn.facts.pendingLines.at(-1);
  if (line === undefined) throw new Error('a bought seat has no line');
  recordAudit(turn, 'seats.allocated', null, { memberId, quantity: turn.facts.seats.length });
  giveNotice(turn, 'seat_added_automatically', {
    member: memberId,
    login,
    reason: 'no seat was free, and automatic allocation is on',
    amountCents: line.amount,
    seatPriceCents: Number(line.explanation.inputs['priceCents']),
    from: line.periodStart,
    until: line.periodEnd,
    billed: isNow ? 'now' : 'next_invoice',
    seats: turn.facts.seats.length,
    ceiling: turn.facts.account.automaticAllocation.ceiling,
  });
}

function takeSeat(turn: Turn, seat: Seat, memberId: string): void {
  if (seat.removalRequestedAt !== null) {
    keepSeat(turn, seat.seatNumber);
    recordAudit(turn, 'seats.removal_canceled', { seatNumber: seat.seatNumber }, { memberId });
  }
  changeSeats(turn, (other) => (other.seatNumber === seat.seatNumber ? { ...other, memberId } : other));
  dependOnPayment(turn, seat.seatNumber);
}

/** SBI-11: who sits down on a seat that is not paid for yet loses it if that payment fails, and whoever asked for it is told so. */
function dependOnPayment(turn: Turn, seatNumber: number): void {
  const { commandId } = turn;
  const invoice = turn.facts.liveInvoices.find(
    ({ status, purpose, seatNumbers }) => status === 'open' && purpose === 'seats' && seatNumbers.includes(seatNumber),
  );
  if (invoice === undefined || commandId === null || invoice.commandIds.includes(commandId)) return;
  changeInvoice(turn, invoice, { commandIds: [...invoice.commandIds, commandId] });
}

/**
 * SEA-12: an admin enables members, all of them or, where that is refused, none. Free seats are taken, those that stay first; what is missing
 * is added together, prorated as one line.
 */
export function enableMembers(turn: Turn, memberIds: readonly string[]): { enabled: number; bought: number } {
  const members = [...new Set(memberIds)]
    .map((memberId) => knownMember(turn, memberId))
    .filter(({ state }) => state === 'disabled');
  if (members.length === 0) return { enabled: 0, bought: 0 };
  const isBilled = isSeatBilled(turn.facts, turn.catalog);
  if (!isBilled) assertFreeRoom(turn, members.length);
  const bought = isBilled ? buyMissingSeats(turn, members.length) : 0;
  for (const { memberId, reason } of members) {
    if (isBilled) takeSeat(turn, freeSeat(turn), memberId);
    changeMember(turn, memberId, { state: 'enabled', reason: null, enabledAt: turn.at });
    recordAudit(turn, 'member.enabled', { memberId, state: 'disabled', reason }, { memberId, state: 'enabled' });
  }
  return { enabled: members.length, bought };
}

function freeSeat(turn: Turn): Seat {
  const free = lastingFreeSeat(turn.facts) ?? leavingFreeSeat(turn.facts);
  if (free === null) throw new Error('a bought seat is missing');
  return free;
}

function buyMissingSeats(turn: Turn, wanted: number): number {
  const before = countSeats(turn.facts.seats);
  const missing = Math.max(0, wanted - before.free);
  if (missing === 0) return 0;
  if (turn.facts.account.phase === 'past_due') {
    throw new Refusal({ code: 'payment_failed', message: 'Seats can be added again once the open invoice is paid.' });
  }
  buySeats(turn, missing);
  recordAudit(turn, 'seats.added', before, countSeats(turn.facts.seats));
  return missing;
}

function assertFreeRoom(turn: Turn, wanted: number): void {
  const isFull = enabledMembers(turn.facts).length + wanted > freeMemberLimit(turn);
  const refusal = isFull ? freePlanLimitReached(turn) : null;
  if (refusal !== null) throw refusal;
}

/** SEA-10, SEA-13: intentional, so nothing but an admin undoes it; the seat is free at once, the bill stays. */
export function disableMember(turn: Turn, memberId: string): { changed: boolean } {
  const member = knownMember(turn, memberId);
  if (member.reason === 'member_disabled') return { changed: false };
  assertNotLastAdmin(turn, member);
  setDisabled(turn, member, 'member_disabled');
  return { changed: true };
}

/** Disables a member and frees the seat. */
export function setDisabled(turn: Turn, member: Member, reason: DisabledReason): void {
  changeSeats(turn, (seat) => (seat.memberId === member.memberId ? { ...seat, memberId: null } : seat));
  markDisabled(turn, member, reason);
}

function markDisabled(turn: Turn, member: Member, reason: DisabledReason): void {
  changeMember(turn, member.memberId, { state: 'disabled', reason });
  const { memberId, state } = member;
  recordAudit(
    turn,
    'member.disabled',
    { memberId, state, reason: member.reason },
    { memberId, state: 'disabled', reason },
  );
}

/** SBI-5, SBI-6: marks seats to end with the cycle: free ones by count, a taken one by its member. */
export function requestRemoval(turn: Turn, wanted: { count?: number; memberId?: string }): void {
  const before = turn.facts.seats.filter((seat) => seat.removalRequestedAt !== null).length;
  const leaving =
    wanted.memberId === undefined ? freeSeats(turn, wanted.count ?? 1) : [takenSeat(turn, wanted.memberId)];
  const staying = turn.facts.seats.length - before;
  if (leaving.length >= staying) {
    throw new Refusal({
      code: 'last_seat',
      message: `A paid plan keeps at least one seat, and only ${countOf(staying, 'seat')} would remain at the end of the cycle as it is.`,
    });
  }
  const numbers = new Set(leaving.map((seat) => seat.seatNumber));
  changeSeats(turn, (seat) => (numbers.has(seat.seatNumber) ? { ...seat, removalRequestedAt: turn.at } : seat));
  recordAudit(
    turn,
    'seats.removal_requested',
    { awaitingRemoval: before },
    { awaitingRemoval: before + leaving.length },
  );
}

function freeSeats(turn: Turn, count: number): readonly Seat[] {
  const free = turn.facts.seats.filter((seat) => seat.memberId === null && seat.removalRequestedAt === null);
  if (free.length < count) {
    throw new Refusal({
      code: 'seats_in_use',
      message: `${countOf(count, 'seat')} cannot be removed: only ${String(free.length)} ${free.length === 1 ? 'is' : 'are'} free. Name the members whose seats should be removed.`,
      field: 'count',
    });
  }
  return free.slice(-count);
}

function takenSeat(turn: Turn, memberId: string): Seat {
  const member = knownMember(turn, memberId);
  const seat = seatOf(turn.facts, memberId);
  if (seat === null) {
    throw new Refusal({
      code: 'no_seat',
      message: `The member ${memberId} has no seat to remove.`,
      field: 'memberId',
    });
  }
  if (seat.removalRequestedAt !== null) {
    throw new Refusal({
      code: 'no_change',
      message: `The seat of ${memberId} is already scheduled for removal.`,
      field: 'memberId',
    });
  }
  assertNotLastAdmin(turn, member);
  return seat;
}

/** At the cycle's end: seats that await removal end, and their members are disabled (SBI-6). */
export function endLeavingSeats(turn: Turn): void {
  const leaving = turn.facts.seats.filter((seat) => seat.removalRequestedAt !== null);
  endSeats(
    turn,
    leaving.map((seat) => seat.seatNumber),
    'seat_removed',
  );
}

/**
 * When terms change: seats that await removal end. Then there are as many as asked for, never fewer than are taken (null: as many as there
 * are); what is too much ends free. `none`: the new terms have no seats, and who is enabled stays so.
 */
export function resizeSeats(turn: Turn, wanted: number | null | 'none'): void {
  endLeavingSeats(turn);
  if (wanted === 'none') {
    changeSeats(turn, (seat) => ({ ...seat, memberId: null }));
    const all = turn.facts.seats.map((seat) => seat.seatNumber);
    endSeats(turn, all, 'no_seat');
    return;
  }
  const enabled = enabledMembers(turn.facts).length;
  const quantity = Math.max(1, wanted ?? turn.facts.seats.length, enabled);
  const free = turn.facts.seats.filter((seat) => seat.memberId === null).map((seat) => seat.seatNumber);
  const tooMany = Math.max(0, turn.facts.seats.length - quantity);
  endSeats(turn, tooMany === 0 ? [] : free.slice(-tooMany), 'no_seat');
  const tooFew = quantity - turn.facts.seats.length;
  if (tooFew > 0) createSeats(turn, tooFew);
  seatEverybody(turn);
}

/** Ends seats and disables the members on them; `unpaid`: for the reason of before, for nothing came of their being enabled (SBI-11). */
export function endSeats(turn: Turn, seatNumbers: readonly number[], reason: DisabledReason | 'unpaid'): void {
  if (seatNumbers.length === 0) return;
  const ending = new Set(seatNumbers);
  for (const seat of turn.facts.seats.filter((candidate) => ending.has(candidate.seatNumber))) {
    const member = seat.memberId === null ? null : memberOf(turn.facts, seat.memberId);
    if (member !== null) setDisabled(turn, member, reason === 'unpaid' ? (member.reasonBefore ?? 'no_seat') : reason);
  }
  const before = turn.facts.seats.length;
  changeSeats(turn, (seat) => (ending.has(seat.seatNumber) ? { ...seat, memberId: null, endedAt: turn.at } : seat));
  const seats = turn.facts.seats.filter((seat) => seat.endedAt === null);
  turn.endedSeats.push(...turn.facts.seats.filter((seat) => seat.endedAt !== null));
  turn.facts = { ...turn.facts, seats };
  recordAudit(turn, 'seats.ended', { quantity: before }, { quantity: seats.length });
}

/** SBI-10: who stays on a free plan: those an admin chose, then admins, then the earliest enabled; the rest is disabled. */
export function shrinkToFree(
  turn: Turn,
  rule: { limit: number; keepMemberIds: readonly string[]; seats: 'freed' | 'kept' },
): void {
  const ranked = byStanding(enabledMembers(turn.facts), rule.keepMemberIds);
  const disable = rule.seats === 'kept' ? markDisabled : setDisabled;
  for (const member of ranked.slice(rule.limit)) disable(turn, member, 'no_seat');
}

/**
 * When a subscription comes into force: whoever is enabled sits on a seat, as far as there are seats; who has one and was disabled
 * only because payments failed is enabled again (INV-6).
 */
export function seatEverybody(turn: Turn): void {
  for (const seat of turn.facts.seats) {
    const member = seat.memberId === null ? null : memberOf(turn.facts, seat.memberId);
    if (member?.reason !== 'no_seat') continue;
    changeMember(turn, member.memberId, { state: 'enabled', reason: null, enabledAt: turn.at });
    const { memberId, reason } = member;
    recordAudit(turn, 'member.enabled', { memberId, state: 'disabled', reason }, { memberId, state: 'enabled' });
  }
  for (const member of enabledMembers(turn.facts)) {
    if (seatOf(turn.facts, member.memberId) !== null) continue;
    const seat = lastingFreeSeat(turn.facts);
    if (seat === null) setDisabled(turn, member, 'no_seat');
    else takeSeat(turn, seat, member.memberId);
  }
}
