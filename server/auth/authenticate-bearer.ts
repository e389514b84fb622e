import type { FastifyRequest } from 'fastify';

import type { Perennial } from '../../client/perennial.ts';
import type { Authenticate } from './authenticate.ts';
import { liveClaims, liveKey, liveSeal, principalOfClaims, principalOfKey, unauthorized } from './found-credentials.ts';
import { Guesses } from './guesses.ts';
import { sessionAskedFor, sessionCookie } from './session-cookies.ts';
import type { Principal } from '../../client/credentials/principal.ts';

const BEARER = /^Bearer +(\S+)$/i;
/** A key has 62 characters, a token with long ids a few hundred. */
const MAX_LENGTH = 4096;

/**
 * Server keys and portal tokens, in the Authorization header and nowhere else: what stands in a URL stands in logs, histories and
 * Referer headers too. Our own pages name a session instead (`x-perennial-session`), whose cookie then holds the same.
 */
export function authenticateBearer({
  keys,
  portalTokens,
  operatorSessions,
}: Pick<Perennial, 'keys' | 'portalTokens' | 'operatorSessions'>): Authenticate {
  const guesses = new Guesses();
  return async (request) => {
    const { authorization } = request.headers;
    const session = authorization === undefined ? sessionAskedFor(request) : null;
    if (session !== null) return principalOfSession(request, session);
    const secret = bearerOf(request);
    return secret.startsWith('perennial_') ? principalOf(secret, request.ip) : principalOfToken(secret);
  };

  async function principalOfSession(request: FastifyRequest, session: 'portal' | 'operator'): Promise<Principal> {
    const cookie = sessionCookie(request, session);
    if (cookie === null) throw unauthorized('There is no active session.');
    if (session === 'portal') return principalOfToken(cookie);
    const { key } = liveSeal(await operatorSessions.open('session', cookie), 'session');
    return principalOf(key, request.ip);
  }

  /** Keys that were seen lately are not concerned by guesses, also where they share the address. */
  async function principalOf(secret: string, address: string): Promise<Principal> {
    if (!keys.isAtHand(secret)) guesses.assertFew(address);
    const found = await keys.find(secret);
    if (found.kind === 'unknown') guesses.note(address);
    return principalOfKey(liveKey(found));
  }

  async function principalOfToken(token: string): Promise<Principal> {
    return principalOfClaims(liveClaims(await portalTokens.find(token)));
  }
}

function bearerOf({ headers }: FastifyRequest): string {
  const { authorization = '' } = headers;
  const secret = authorization.length > MAX_LENGTH ? undefined : BEARER.exec(authorization)?.[1];
  if (secret === undefined) throw unauthorized('The Authorization header has no credentials.');
  return secret;
}
