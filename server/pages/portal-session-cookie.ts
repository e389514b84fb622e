import { z } from 'zod';

import { instantFromEpochMs } from '../../billing/calendar/instant.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { liveClaims, unauthorized } from '../auth/found-credentials.ts';
import { Guesses } from '../auth/guesses.ts';
import { presentRoleOf } from '../auth/present-role.ts';
import { assertSameOrigin } from './same-origin.ts';
import { endSession, keepSession, sessionCookie } from '../auth/session-cookies.ts';

const BODY_LIMIT_BYTES = 8192;
const MAX_TOKEN_LENGTH = 4096;

const session = z.object({
  accountId: z.string(),
  memberId: z.string(),
  role: z.enum(['admin', 'member']),
  expiresAt: z.string(),
});

/** Puts the portal token of a link, which came in the link's fragment, where scripts cannot read it: into a cookie, to the token's end. */
export function portalSessionCookie(api: Api, { perennial, publicUrl }: ApiContext): void {
  const isSecure = publicUrl?.startsWith('https:') === true;
  const guesses = new Guesses();
  const shared = { config: { access: 'public' as const }, bodyLimit: BODY_LIMIT_BYTES };
  api.post(
    '/portal/session',
    {
      ...shared,
      schema: {
        hide: true,
        body: z.strictObject({ token: z.string().min(1).max(MAX_TOKEN_LENGTH) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      assertSameOrigin(request, publicUrl);
      guesses.assertFew(request.ip);
      const { token } = request.body;
      const found = await perennial.portalTokens.find(token);
      if (found.kind === 'unknown') guesses.note(request.ip);
      const { expiresAtSeconds } = liveClaims(found);
      const maxAgeSeconds = Math.max(0, expiresAtSeconds - Math.floor(Date.now() / 1000));
      keepSession(reply, 'portal', token, { isSecure, maxAgeSeconds });
      return reply.code(204).send(null);
    },
  );
  api.get('/portal/session', { ...shared, schema: { hide: true, response: { 200: session } } }, async (request) => {
    const token = sessionCookie(request, 'portal');
    if (token === null) throw unauthorized('There is no active session.');
    const claims = liveClaims(await perennial.portalTokens.find(token));
    const { accountId, memberId, expiresAtSeconds } = claims;
    const role = await presentRoleOf(perennial.read, claims);
    return { accountId, memberId, role, expiresAt: instantFromEpochMs(expiresAtSeconds * 1000) };
  });
  api.delete(
    '/portal/session',
    { ...shared, schema: { hide: true, response: { 204: z.null() } } },
    (request, reply) => {
      assertSameOrigin(request, publicUrl);
      endSession(reply, 'portal', { isSecure });
      void reply.code(204);
      return null;
    },
  );
}
