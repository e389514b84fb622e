import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';

import { noAdminAnyMore } from './present-role.ts';
import type { Principal, Scope } from '../../client/credentials/principal.ts';
import { HttpRefusal } from '../answers/problem.ts';

/** Finds out who asks. @throws HttpRefusal `unauthorized`. */
export type Authenticate = (request: FastifyRequest) => Promise<Principal>;

/**
 * Who may use a route. `scope`: what a server key needs. `portal`: `admin` for admins of the account in the path; `member` for all of its
 * people; `self` for admins, and for members where the member in the path is themselves; null: no portal token at all. What members get
 * is read through `forMembers`, which knows no amounts (SEA-17).
 */
export type Access =
  | 'public'
  | { readonly scope: Scope; readonly portal: 'admin' | null }
  | { readonly scope: Scope; readonly portal: 'member' | 'self'; readonly forMembers: z.ZodType };

/** What an operator's key includes. */
const OPERATOR_INCLUDES: ReadonlySet<Scope> = new Set<Scope>(['accounts:read', 'accounts:write']);

/**
 * The one decision about who may do what. Nobody sees another account than their own, whatever the route does.
 * @throws HttpRefusal `forbidden`; Refusal `member_not_admin` for somebody who was an admin when their session began.
 */
export function authorize(principal: Principal, access: Exclude<Access, 'public'>, params: unknown): void {
  if (principal.kind === 'key') {
    const { scopes } = principal;
    const isGranted =
      scopes.includes(access.scope) || (scopes.includes('operator') && OPERATOR_INCLUDES.has(access.scope));
    if (!isGranted) throw new HttpRefusal('forbidden', `This key does not have the scope ${access.scope}.`);
    return;
  }
  const { account, member } = (params ?? {}) as { readonly account?: unknown; readonly member?: unknown };
  if (access.portal === null) throw new HttpRefusal('forbidden', 'A portal token cannot be used for this request.');
  if (account !== principal.accountId) throw new HttpRefusal('forbidden', 'This token belongs to a different account.');
  if (principal.role === 'admin' || access.portal === 'member') return;
  if (access.portal === 'self' && member === principal.memberId) return;
  if (principal.wasAdmin === true) throw noAdminAnyMore(principal);
  throw new HttpRefusal('forbidden', 'This action requires an admin of the account.');
}
