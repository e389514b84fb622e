import type { Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Facts, Member } from '../model/facts.ts';
import { Refusal } from '../refusal.ts';
import { accountClosed } from '../model/closed-account.ts';
import { usageModeOf } from '../usage/decide-usage.ts';
import { freePlanLimitReached, type FreePlanTerms, hasMembers, isBot } from './seats.ts';

export interface AccessRequest {
  readonly kind: 'run' | 'dashboard';
  /** Null: a local or CI run without a sender (SEA-4). */
  readonly memberId: string | null;
  readonly login: string | null;
  readonly visibility: 'private' | 'public';
}

/** `allowed`; `admit`: a newcomer has to become a member first. */
export type AccessDecision =
  | { readonly kind: 'allowed'; readonly memberId: string | null }
  | { readonly kind: 'admit'; readonly memberId: string };

/** What a decision about somebody who is a member, or needs to be none, looks at: of the members, that one. */
export interface AccessFacts extends Pick<Facts, 'account' | 'subscription'> {
  readonly members: readonly KnownMember[];
}

export type KnownMember = Pick<Member, 'memberId' | 'login' | 'state' | 'reason'>;

/**
 * May this happen? Decided on the facts projected to now, without Stripe and without a worker (AUD-1).
 * @throws Refusal with the reason (`no_seat`, `member_disabled`, `trial_ended`, …).
 */
export function decideAccess(
  facts: AccessFacts,
  catalog: Catalog,
  request: AccessRequest,
  now: Instant,
): AccessDecision {
  const { account } = facts;
  // Also public: whoever wants to go on opens a new account (TRI-6).
  if (request.kind === 'run' && account.closedAt !== null) throw accountClosed(account.accountId);
  if (request.kind === 'run' && request.visibility === 'public') return { kind: 'allowed', memberId: null };
  // TRI-3: pages stay readable when use has stopped; who may see them is still a question of membership.
  if (request.kind === 'run') usageModeOf(facts, now);
  const { memberId } = request;
  if (memberId === null || !hasMembers(catalog)) return { kind: 'allowed', memberId: null };
  if (isBot(request.login ?? memberId)) return { kind: 'allowed', memberId: null };
  const member = facts.members.find((candidate) => candidate.memberId === memberId);
  const isNew = member === undefined || member.reason === 'invited';
  if (isNew && account.closedAt !== null) throw accountClosed(account.accountId);
  if (isNew) return { kind: 'admit', memberId };
  assertEnabled(member, { facts, catalog });
  return { kind: 'allowed', memberId };
}

/** SEA-9: the refusal names the reason and says where an admin can act. On the Free plan it is the plan's limit (SEA-5), for no seats are sold there. */
export function assertEnabled(member: KnownMember, terms: FreePlanTerms): void {
  if (member.state === 'enabled') return;
  if (member.reason === 'member_disabled') {
    throw new Refusal({
      code: 'member_disabled',
      message: `An admin disabled ${member.login}. An admin can enable them again on the Members page.`,
    });
  }
  const refusal = terms.facts.account.phase === 'free' ? freePlanLimitReached(terms) : null;
  if (refusal !== null) throw refusal;
  const why =
    member.reason === 'seat_removed' ? 'The seat was removed at the end of the last cycle.' : 'No seat was free.';
  throw new Refusal({
    code: 'no_seat',
    message: `${member.login} has no seat. ${why} An admin can add a seat and enable them on the Members page.`,
  });
}
