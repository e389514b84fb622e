import { notActingAdmin } from '../../billing/seats/acting-admin.ts';
import type { Refusal } from '../../billing/refusal.ts';
import type { PortalClaims } from '../../client/credentials/portal-tokens.ts';
import type { AccountReader } from '../../client/queries/account-view.ts';
import type { Principal } from '../../client/credentials/principal.ts';

/** Finds out what a portal session's person may be now. */
export type Presently = (principal: Principal) => Promise<Principal>;

type Reader = Pick<AccountReader, 'actsAsAdmin'>;

/**
 * SEA-17: a token says what its person was when it was signed, and lives for an hour. Who is no admin any more is a plain member from
 * the next request on, and sees what members see. Support and keys are nobody's members, and stay what they are.
 */
export function presentRoles(reader: Reader): Presently {
  return async (principal) => {
    if (principal.kind === 'key' || principal.isMember !== true || principal.role === 'member') return principal;
    if (await reader.actsAsAdmin(principal.accountId, principal.memberId)) return principal;
    return { ...principal, role: 'member', wasAdmin: true };
  };
}

/** The same of a token by itself. */
export async function presentRoleOf(
  reader: Reader,
  { role, isSupport, accountId, memberId }: PortalClaims,
): Promise<'admin' | 'member'> {
  if (role === 'member' || isSupport) return role;
  return (await reader.actsAsAdmin(accountId, memberId)) ? 'admin' : 'member';
}

export function noAdminAnyMore({ accountId, memberId }: Extract<Principal, { kind: 'portal' }>): Refusal {
  return notActingAdmin(accountId, memberId);
}
