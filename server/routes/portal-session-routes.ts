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
    memberId: z.string().meta({ description: 'Whom the audit will name.' }),
    role: z.enum(['admin', 'member']).meta({
      description: 'What they may be at most. An admin who is none any more is a member from the next request on.',
    }),
    support: z
      .boolean()
      .meta({ description: 'An operator, who is none of the account’s people and stays admin to the end.' }),
    issuedAt: instant,
    expiresAt: instant,
    token: z.string().meta({ description: 'A bearer token for this account, with this role, until it expires.' }),
    url: z
      .string()
      .meta({ description: 'A link to the pages that carries the token in its fragment, which no server sees.' }),
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
        summary: 'A short-lived token and link for one member',
        params: z.object({ account: id }),
        body: z.strictObject({
          memberId: id,
          role: z.enum(['admin', 'member']).meta({
            description:
              'admin: for the owner and for enabled admins. An operator’s key may open one for anybody, who is named `support:…` then.',
          }),
          asSupport: z.boolean().optional().meta({
            description:
              'An operator looks on as this person: what is done is named `support:…`, also where they could do it. For operators’ keys. Default false.',
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
