import type { FastifyRequest } from 'fastify';

import type { Perennial } from '../perennial.ts';
import type { Authenticate } from './authenticate.ts';
import { tooMany } from './limit-rate.ts';
import { type Principal, scope } from './principal.ts';
import { HttpRefusal } from './problem.ts';
import { TokenBuckets } from './token-buckets.ts';

const BEARER = /^Bearer +(\S+)$/i;
/** A key has 62 characters, a token with long ids a few hundred. */
const MAX_LENGTH = 4096;
/** Keys that do not exist, from one address: each costs a round trip to Postgres. */
const UNKNOWN_A_MINUTE = 60;

/**
 * Server keys and portal tokens, in the Authorization header and nowhere else: what stands in a URL stands in logs, histories and
 * Referer headers too.
 */
export function authenticateBearer({ keys, portalTokens }: Pick<Perennial, 'keys' | 'portalTokens'>): Authenticate {
  const guesses = new TokenBuckets({ requests: UNKNOWN_A_MINUTE, windowSeconds: 60 });
  return async (request) => {
    const secret = bearerOf(request);
    return secret.startsWith('perennial_') ? principalOf(secret, request.ip) : principalOfToken(secret);
  };

  /** Who guesses is soon not looked up any more. Keys that were seen lately are not concerned, also where they share the address. */
  async function principalOf(secret: string, address: string): Promise<Principal> {
    if (!keys.isAtHand(secret)) {
      const guess = guesses.look(address);
      if (!guess.isAllowed) throw tooMany('Too many keys that do not exist.', guess);
    }
    const found = await keys.find(secret);
    if (found.kind === 'unknown') guesses.take(address);
    return principalOfKey(found);
  }

  async function principalOfToken(token: string): Promise<Principal> {
    const found = await portalTokens.find(token);
    if (found.kind !== 'live') {
      throw unauthorized(found.kind === 'expired' ? 'This token has expired.' : 'This token is not known.');
    }
    const { accountId, memberId, role } = found.claims;
    return { kind: 'portal', accountId, memberId, role };
  }
}

function principalOfKey(found: Awaited<ReturnType<Perennial['keys']['find']>>): Principal {
  if (found.kind === 'unknown') throw unauthorized('This key is not known.');
  if (found.kind !== 'live')
    throw unauthorized(found.kind === 'expired' ? 'This key has expired.' : 'This key was revoked.');
  const { keyId, familyId, scopes } = found.key;
  // A scope of another version is good for nothing here.
  return { kind: 'key', keyId, familyId, scopes: scope.options.filter((each) => scopes.includes(each)) };
}

function bearerOf({ headers }: FastifyRequest): string {
  const { authorization = '' } = headers;
  const secret = authorization.length > MAX_LENGTH ? undefined : BEARER.exec(authorization)?.[1];
  if (secret === undefined) throw unauthorized('There are no credentials in the Authorization header.');
  return secret;
}

function unauthorized(message: string): HttpRefusal {
  return new HttpRefusal('unauthorized', message, { 'www-authenticate': 'Bearer' });
}
