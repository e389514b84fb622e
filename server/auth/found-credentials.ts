import type { ApiKey } from '../../db/access/api-keys.ts';
import type { FoundSeal, Opened } from '../../client/credentials/operator-sessions.ts';
import type { FoundToken, PortalClaims } from '../../client/credentials/portal-tokens.ts';
import type { FoundKey } from '../../client/credentials/server-keys.ts';
import { type Principal, scope } from '../../client/credentials/principal.ts';
import { HttpRefusal } from '../answers/problem.ts';

/** @throws HttpRefusal `unauthorized`, with the reason. */
export function liveKey(found: FoundKey): ApiKey {
  if (found.kind === 'live') return found.key;
  if (found.kind === 'unknown') throw unauthorized('This key does not exist.');
  throw unauthorized(found.kind === 'expired' ? 'This key has expired.' : 'This key was revoked.');
}

/** @throws HttpRefusal `unauthorized`, with the reason. */
export function liveClaims(found: FoundToken): PortalClaims {
  if (found.kind === 'live') return found.claims;
  throw unauthorized(found.kind === 'expired' ? 'This token has expired.' : 'This token is not valid.');
}

/** @throws HttpRefusal `unauthorized`, with the reason. */
export function liveSeal(found: FoundSeal, what: 'session' | 'sign-in link'): Opened {
  if (found.kind === 'live') return found.sealed;
  throw unauthorized(found.kind === 'expired' ? `This ${what} has expired.` : `This ${what} is not valid.`);
}

export function principalOfKey({ keyId, familyId, scopes }: ApiKey): Principal {
  // A scope of another version is good for nothing here.
  return { kind: 'key', keyId, familyId, scopes: scope.options.filter((each) => scopes.includes(each)) };
}

export function principalOfClaims({ accountId, memberId, role, isSupport }: PortalClaims): Principal {
  return { kind: 'portal', accountId, memberId, role, ...(isSupport ? {} : { isMember: true }) };
}

export function unauthorized(message: string): HttpRefusal {
  return new HttpRefusal('unauthorized', message, { 'www-authenticate': 'Bearer' });
}
