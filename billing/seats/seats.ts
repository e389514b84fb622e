import type { Facts, Member, Seat } from '../model/facts.ts';
import type { SeatCounts } from '../model/document.ts';
import { planOf } from '../model/terms.ts';
import { planNamed, type Turn } from '../model/turn.ts';
import { Refusal } from '../refusal.ts';
import { type Catalog, isFreePlan } from '../catalog/catalog.ts';
import { countOf } from '../model/counts.ts';

/** Seats as people count them: what is taken, what is free, what ends with the cycle. */
export function countSeats(seats: readonly Seat[]): SeatCounts {
  const used = seats.filter((seat) => seat.memberId !== null).length;
  const awaitingRemoval = seats.filter((seat) => seat.removalRequestedAt !== null).length;
  return { quantity: seats.length, used, free: seats.length - used, awaitingRemoval };
}

/** SEA-3: never a member. Case-sensitive; a service account without the suffix counts as a person. */
export function isBot(login: string): boolean {
  return login.endsWith('[bot]');
}

/** A free seat that stays: it is handed out first (SEA-6). */
export function lastingFreeSeat(facts: Facts): Seat | null {
  return facts.seats.find((seat) => seat.memberId === null && seat.removalRequestedAt === null) ?? null;
}

/** A free seat that ends with the cycle: taking it cancels its removal (SBI-7). */
export function leavingFreeSeat(facts: Facts): Seat | null {
  return facts.seats.find((seat) => seat.memberId === null && seat.removalRequestedAt !== null) ?? null;
}

export function seatOf(facts: Facts, memberId: string): Seat | null {
  return facts.seats.find((seat) => seat.memberId === memberId) ?? null;
}

export function memberOf(facts: Facts, memberId: string): Member | null {
  return facts.members.find((member) => member.memberId === memberId) ?? null;
}

export function knownMember(turn: Turn, memberId: string): Member {
  const member = memberOf(turn.facts, memberId);
  if (member === null) {
    throw new Refusal({
      code: 'unknown_member',
      message: `The account ${turn.facts.account.accountId} has no member "${memberId}".`,
      field: 'memberId',
    });
  }
  return member;
}

export function enabledMembers(facts: Facts): readonly Member[] {
  return facts.members.filter((member) => member.state === 'enabled');
}

/** SBI-10, SEA-8: who gets a place where there are too few: those an admin chose, then admins, then the earliest enabled. */
export function byStanding(members: readonly Member[], chosenIds: readonly string[]): readonly Member[] {
  const chosen = new Set(chosenIds);
  const rank = (member: Member): number => (chosen.has(member.memberId) ? 0 : member.role === 'admin' ? 1 : 2);
  const since = (member: Member): string => member.enabledAt ?? member.createdAt;
  return [...members].sort((a, b) => rank(a) - rank(b) || (since(a) < since(b) ? -1 : since(a) > since(b) ? 1 : 0));
}

/** Whether seats, not the free plan's limit or a trial, decide who takes part: the subscription is paid and running. */
export function isSeatBilled(facts: Facts, catalog: Catalog): boolean {
  const { account, subscription } = facts;
  if (subscription === null || (account.phase !== 'active' && account.phase !== 'past_due')) return false;
  return planOf(catalog, subscription).seats !== null;
}

/** What the free plan's limit is read from. */
export interface FreePlanTerms {
  readonly facts: Pick<Facts, 'account'>;
  readonly catalog: Catalog;
}

/** Most enabled members where no seats are sold: the free plan's limit (SEA-5); Infinity in a trial, and on a paid plan without seats. */
export function freeMemberLimit({ facts, catalog }: FreePlanTerms): number {
  const { phase } = facts.account;
  const isUnlimited = phase === 'trialing' || phase === 'active' || phase === 'past_due';
  if (isUnlimited || catalog.defaultPlan === null) return Number.POSITIVE_INFINITY;
  return planNamed(catalog, catalog.defaultPlan).seats?.limit ?? Number.POSITIVE_INFINITY;
}

/**
 * SEA-5: what a member is refused with whom the free plan has no room for; null where it has no limit. Its sentence says what the plan
 * includes, and that an admin can act.
 */
export function freePlanLimitReached({ facts, catalog }: FreePlanTerms): Refusal | null {
  const limit = freeMemberLimit({ facts, catalog });
  if (catalog.defaultPlan === null || !Number.isFinite(limit)) return null;
  const free = planNamed(catalog, catalog.defaultPlan).title;
  const sold = Object.values(catalog.plans).find((plan) => plan.selfServe && !isFreePlan(plan))?.title ?? 'a paid plan';
  return new Refusal({
    code: 'free_plan_limit',
    message: `The ${free} plan includes ${countOf(limit, 'user')} on private repositories. An admin can upgrade to ${sold} or disable a member.`,
  });
}

/** CRE-1: a catalog that sells nothing by the seat provisions nothing per member. */
export function hasMembers(catalog: Catalog): boolean {
  return Object.values(catalog.plans).some((plan) => plan.seats !== null);
}
