import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { epochMs, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { ApiKey } from '../../db/access/api-keys.ts';
import type { Opened } from '../../client/credentials/operator-sessions.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { liveKey, liveSeal, principalOfKey, unauthorized } from '../auth/found-credentials.ts';
import { Guesses } from '../auth/guesses.ts';
import { HttpRefusal } from '../answers/problem.ts';
import { assertSameOrigin } from './same-origin.ts';
import { endSession, keepSession, sessionCookie } from '../auth/session-cookies.ts';

const BODY_LIMIT_BYTES = 8192;
const MAX_LENGTH = 4096;

const session = z.object({
  keyId: z.string(),
  scopes: z.array(z.string()),
  isSandbox: z.boolean(),
  temporalUiUrl: z.string().nullable(),
  temporalNamespace: z.string(),
  expiresAt: z.string(),
});

const credentials = z.strictObject({
  key: z.string().min(1).max(MAX_LENGTH).optional(),
  code: z.string().min(1).max(MAX_LENGTH).optional(),
});

/**
 * Signs an operator in with a key, or with the code of a sign-in link. What the browser keeps is the key, sealed: it is checked with every
 * request like a key that was sent, so that its end is the session's.
 */
export function operatorSessionCookie(api: Api, context: ApiContext): void {
  const { publicUrl, isSandbox, temporal } = context;
  const isSecure = publicUrl?.startsWith('https:') === true;
  const signIn = signInWith(context);
  const shared = { config: { access: 'public' as const }, bodyLimit: BODY_LIMIT_BYTES };
  api.post(
    '/operator/session',
    { ...shared, schema: { hide: true, body: credentials, response: { 204: z.null() } } },
    async (request, reply) => {
      assertSameOrigin(request, publicUrl);
      const { sealed, maxAgeSeconds } = await signIn(request, request.body);
      keepSession(reply, 'operator', sealed, { isSecure, maxAgeSeconds });
      return reply.code(204).send(null);
    },
  );
  api.get('/operator/session', { ...shared, schema: { hide: true, response: { 200: session } } }, async (request) => {
    const { key, expiresAtSeconds } = await signedIn(context, request);
    return {
      keyId: key.keyId,
      scopes: [...key.scopes],
      isSandbox,
      temporalUiUrl: temporal?.uiUrl ?? null,
      temporalNamespace: temporal?.namespace ?? 'default',
      expiresAt: instantFromEpochMs(expiresAtSeconds * 1000),
    };
  });
  api.delete(
    '/operator/session',
    { ...shared, schema: { hide: true, response: { 204: z.null() } } },
    (request, reply) => {
      assertSameOrigin(request, publicUrl);
      endSession(reply, 'operator', { isSecure });
      void reply.code(204);
      return null;
    },
  );
}

type SignIn = (
  request: FastifyRequest,
  given: z.output<typeof credentials>,
) => Promise<{ readonly sealed: string; readonly maxAgeSeconds: number }>;

function signInWith({ perennial: { keys, operatorSessions, signInCodes } }: ApiContext): SignIn {
  const guesses = new Guesses();
  return async ({ ip }, { key: givenKey, code }) => {
    if ((givenKey === undefined) === (code === undefined)) {
      throw new Refusal({ code: 'invalid_request', message: 'Expected either a key or a code.', field: 'key' });
    }
    guesses.assertFew(ip);
    const opened = code === undefined ? null : await opening(code, ip);
    const secret = givenKey ?? opened?.key ?? '';
    const found = await keys.find(secret);
    if (found.kind === 'unknown') guesses.note(ip);
    const key = assertOperator(liveKey(found));
    if (opened !== null && !(await signInCodes.spend(opened))) {
      throw unauthorized('This sign-in link was already used.');
    }
    const expiresAtSeconds = endOf(key, operatorSessions.endOf('session'));
    const sealed = await operatorSessions.seal('session', { key: secret, expiresAtSeconds });
    return { sealed, maxAgeSeconds: Math.max(0, expiresAtSeconds - Math.floor(Date.now() / 1000)) };
  };

  async function opening(code: string, address: string): Promise<Opened> {
    const found = await operatorSessions.open('sign-in', code);
    if (found.kind === 'unknown') guesses.note(address);
    return liveSeal(found, 'sign-in link');
  }
}

async function signedIn(
  { perennial: { keys, operatorSessions } }: ApiContext,
  request: FastifyRequest,
): Promise<{ readonly key: ApiKey; readonly expiresAtSeconds: number }> {
  const cookie = sessionCookie(request, 'operator');
  if (cookie === null) throw unauthorized('There is no active session.');
  const sealed = liveSeal(await operatorSessions.open('session', cookie), 'session');
  const key = assertOperator(liveKey(await keys.find(sealed.key)));
  return { key, expiresAtSeconds: endOf(key, sealed.expiresAtSeconds) };
}

/** A session never outlives its key; one that was rotated since ends with the overlap. */
function endOf({ expiresAt }: ApiKey, atMostSeconds: number): number {
  return expiresAt === null ? atMostSeconds : Math.min(atMostSeconds, Math.floor(epochMs(expiresAt) / 1000));
}

function assertOperator(key: ApiKey): ApiKey {
  const principal = principalOfKey(key);
  if (principal.kind === 'key' && principal.scopes.includes('operator')) return key;
  throw new HttpRefusal('forbidden', 'This key does not have the scope operator.');
}
