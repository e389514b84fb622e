import { assertId } from '../../billing/commands/command-shape.ts';
import { projectTo } from '../../billing/views/project.ts';
import type { MemberRole } from '../../billing/model/facts.ts';
import { formatCount } from '../../billing/model/counts.ts';
import { Refusal } from '../../billing/refusal.ts';
import { isActingAdmin, notActingAdmin } from '../../billing/seats/acting-admin.ts';
import { loadAccount } from '../../db/account/load-account.ts';
import type { Border } from '../context/border.ts';
import { MAX_TOKEN_SECONDS, type PortalClaims, type PortalTokens } from './portal-tokens.ts';

export interface PortalSessionInput {
  readonly accountId: string;
  readonly memberId: string;
  readonly role: MemberRole;
  /** Default 900, at most 3,600. */
  readonly expiresInSeconds?: number;
  /** Asked for by an operator: then anybody may act for the account, under a name that tells so. */
  readonly isOperator: boolean;
  /** An operator looks on as this person: what they do is support's, also where the person could do it. Default false. */
  readonly asSupport?: boolean;
}

const DEFAULT_SECONDS = 900;

/**
 * Decides who a token is for. A member, also one who is disabled, may see why; only an admin who may act now, or the account's owner, who need not
 * be a member yet (SEA-2), may change things (SEA-17), and only as long as they are one: each request looks it up again. Nothing is written: done twice, it makes two tokens that end by themselves.
 * @throws Refusal `unknown_account`, `unknown_member`, `member_not_admin`, `invalid_request`.
 */
export async function openPortalSession(
  border: Border,
  tokens: PortalTokens,
  input: PortalSessionInput,
): Promise<PortalClaims> {
  const { accountId, memberId, role, isOperator, asSupport = false, expiresInSeconds = DEFAULT_SECONDS } = input;
  assertId('memberId', memberId);
  assertLifetime(expiresInSeconds);
  const now = await border.now(accountId);
  const { facts, catalog } = await loadAccount(border.db, accountId);
  const present = projectTo(facts, catalog, now);
  const member = present.members.find((each) => each.memberId === memberId) ?? null;
  if (role === 'member' && member === null) throw unknownMember(accountId, memberId);
  const isAdmin = isActingAdmin(present, memberId);
  if (role === 'admin' && !isAdmin && !isOperator) {
    throw member === null ? unknownMember(accountId, memberId) : notActingAdmin(accountId, member.login, 'role');
  }
  // AUD-2: the audit must not say that a member did what an operator did.
  const isSupport = role === 'admin' && (asSupport || !isAdmin);
  const name = isSupport ? `support:${memberId}` : memberId;
  return tokens.claimsFor({ accountId, memberId: name, role, isSupport }, expiresInSeconds);
}

function assertLifetime(seconds: number): void {
  if (Number.isSafeInteger(seconds) && seconds >= 1 && seconds <= MAX_TOKEN_SECONDS) return;
  const message = `expiresInSeconds: expected a whole number of seconds from 1 to ${formatCount(MAX_TOKEN_SECONDS)} (1 hour), found ${String(seconds)}.`;
  throw new Refusal({ code: 'invalid_request', message, field: 'expiresInSeconds' });
}

function unknownMember(accountId: string, memberId: string): Refusal {
  const message = `The account ${accountId} has no member "${memberId}".`;
  return new Refusal({ code: 'unknown_member', message, field: 'memberId' });
}
