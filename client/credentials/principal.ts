import { z } from 'zod';

/** What a server key may be good for. `operator` is for the people who run the installation; `sandbox` moves test clocks. */
export const scope = z
  .enum(['usage:write', 'access:check', 'accounts:read', 'accounts:write', 'operator', 'sandbox'])
  .meta({ id: 'Scope' });
export type Scope = z.infer<typeof scope>;

/** Who asks. A server key is the product's backend; a portal token is one person of one account, for a short time. */
export type Principal =
  | {
      readonly kind: 'key';
      readonly keyId: string;
      readonly scopes: readonly Scope[];
      /** The first key of its line of rotations, along which limits and idempotency keys are shared. Absent: itself. */
      readonly familyId?: string;
    }
  | {
      readonly kind: 'portal';
      readonly accountId: string;
      readonly role: 'admin' | 'member';
      readonly memberId: string;
      /** One of the account's people, whose commands hold only if they are an admin still when those are decided. Absent: support, who is none. */
      readonly isMember?: true;
      /** Their token says admin, and they are none any more. */
      readonly wasAdmin?: true;
    };

/** Whose requests are counted, and repeated, together. */
export function ownerOf(principal: Principal): string {
  if (principal.kind === 'key') return `key ${principal.familyId ?? principal.keyId}`;
  return `portal ${JSON.stringify([principal.accountId, principal.memberId])}`;
}

/** Whom the audit names (AUD-2): the person, or the key that asked for somebody. */
export function actorOf(principal: Principal): string {
  return principal.kind === 'portal' ? principal.memberId : `key:${principal.keyId}`;
}
