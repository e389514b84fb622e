import { z } from 'zod';

import { epochMs, instantFromEpochMs, parseInstant } from '../../billing/calendar/instant.ts';
import { MAX_TOKEN_SECONDS, type PortalClaims } from '../../client/credentials/portal-tokens.ts';
import { portalLink } from '../../client/credentials/sign-in-link.ts';
import { type Api, type ApiContext, principalOf } from '../context/api.ts';
import { answers, POSTED } from '../answers/answers.ts';
import { id } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';
import { HttpRefusal } from '../answers/problem.ts';

/** What any of these routes can refuse with. */
const CODES: readonly ProblemCode[] = [...POSTED, 'unknown_account', 'unknown_member', 'member_not_admin'];

const portalClaims = z.object({
  tokenId: z.string(),
  accountId: z.string(),
  memberId: z.string(),
  role: z.enum(['admin', 'member']),
  // Kept by an older version: a session that is over by now.
  isSupport: z.boolean().default(false),
  issuedAtSeconds: z.int(),
  expiresAtSeconds: z.int(),
}) satisfies z.ZodType<PortalClaims>;

const instant = z.string().meta({ format: 'date-time' });

const session = z
  .object({
    id: z.string(),
    accountId: z.string(),
    memberId: z.string().meta({ description: 'The person that the audit log names.' }),
    role: z.enum(['admin', 'member']).meta({
      description:
        'The highest role of the session. A person who is no longer an admin acts as a member from the next request on.',
    }),
    support: z.boolean().meta({
      description:
        'True for an operator who is not a member of the account and keeps the role admin throughout the session.',
    }),
    issuedAt: instant,
    expiresAt: instant,
    token: z.string().meta({ description: 'A bearer token for this account and role, valid until it expires.' }),
    url: z.string().meta({
      description: 'A link to the pages with the token in the URL fragment, which is never sent to a server.',
    }),
  })
  .meta({ id: 'PortalSession' });

/** What one person may see and do on the pages, for a short time. */
export function portalSessionRoutes(api: Api, { perennial, publicUrl = '' }: ApiContext): void {
  const sessionOf = async (claims: PortalClaims): Promise<z.infer<typeof session>> => {
    const token = await perennial.portalTokens.sign(claims);
    const { tokenId, accountId, memberId, role, isSupport, issuedAtSeconds, expiresAtSeconds } = claims;
    return {
      ...{ id: tokenId, accountId, memberId, role, support: isSupport },
      issuedAt: instantFromEpochMs(issuedAtSeconds * 1000),
      expiresAt: instantFromEpochMs(expiresAtSeconds * 1000),
      token,
      url: portalLink(publicUrl, token),
    };
  };
  api.post(
    '/v1/accounts/:account/portal-sessions',
    {
      config: {
        access: { scope: 'accounts:write', portal: null },
        // The claims are kept and signed again: the same token, as long as it lives.
        idempotency: {
          keep: (answer) => claimsOf(session.parse(answer)),
          repeat: (kept: unknown) => sessionOf(portalClaims.parse(kept)),
        },
      },
      schema: {
        operationId: 'createPortalSession',
        tags: ['Portal'],
        summary: 'Create a portal session',
        params: z.object({ account: id }),
        body: z.strictObject({
          memberId: id,
          role: z.enum(['admin', 'member']).meta({
            description:
              'The role admin is for the owner and for enabled admins. With an operator key the role admin is available for any ' +
              'person; the audit log then names them as `support:…`.',
          }),
          asSupport: z.boolean().optional().meta({
            description:
              'An operator views the pages as this person. Actions are recorded as `support:…`. Operator keys only. Default: false.',
          }),
          expiresInSeconds: z.int().min(1).max(MAX_TOKEN_SECONDS).optional().meta({ description: 'Default 900.' }),
        }),
        ...answers({ 201: session }, CODES),
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { memberId, role, asSupport = false, expiresInSeconds } = request.body;
      const isOperator = principal.kind === 'key' && principal.scopes.includes('operator');
      if (asSupport && !isOperator) throw new HttpRefusal('forbidden', 'This key does not have the scope operator.');
      const claims = await perennial.openPortalSession({
        ...{ accountId: request.params.account, memberId, role, isOperator, asSupport },
        ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
      });
      return reply.code(201).send(await sessionOf(claims));
    },
  );
}

/** All that is kept of an answer: what the token says, and not the token. */
function claimsOf({
  id,
  issuedAt,
  expiresAt,
  accountId,
  memberId,
  role,
  support,
}: z.infer<typeof session>): PortalClaims {
  const seconds = (text: string): number => epochMs(parseInstant(text)) / 1000;
  const [issuedAtSeconds, expiresAtSeconds] = [seconds(issuedAt), seconds(expiresAt)];
  return { tokenId: id, accountId, memberId, role, isSupport: support, issuedAtSeconds, expiresAtSeconds };
}
