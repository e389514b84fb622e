import { z } from 'zod';

import { parseInstant } from '../../billing/calendar/instant.ts';
import type { ApiKey } from '../../db/access/api-keys.ts';
import type { MadeKey } from '../../client/credentials/server-keys.ts';
import type { Api, ApiContext } from '../context/api.ts';
import type { KeptAnswer } from '../context/idempotency.ts';
import { scope } from '../../client/credentials/principal.ts';
import { answers, POSTED } from '../answers/answers.ts';
import { id } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';

/** What any of these routes can refuse with. */
const CODES: readonly ProblemCode[] = [...POSTED, 'unknown_key', 'key_not_live'];

const instant = z.string().meta({ format: 'date-time', examples: ['2027-01-31T00:00:00Z'] });

const apiKey = z
  .object({
    id: z.string().meta({ description: 'The public part of the key: `perennial_<id>_…`.' }),
    name: z.string(),
    scopes: z.array(scope),
    createdAt: instant,
    lastUsedAt: instant.nullable().meta({ description: 'Updated at most once per minute.' }),
    expiresAt: instant.nullable(),
    revokedAt: instant.nullable(),
    rotatedTo: z.string().nullable().meta({ description: 'The successor of this key.' }),
  })
  .meta({ id: 'ApiKey' });

const madeKey = apiKey
  .extend({
    secret: z.string().nullable().meta({
      description:
        'Returned once, and null if the request is repeated: the secret is not stored. Rotate the key if the secret was lost.',
    }),
  })
  .meta({ id: 'MadeApiKey' });

const newKey = z.strictObject({
  name: id.meta({ description: 'A name for the key, such as the program that uses it.' }),
  scopes: z.array(scope).min(1).max(20),
  expiresAt: instant
    .nullable()
    .optional()
    .meta({ description: 'Absent or null: the key is valid until it is revoked.' }),
});

const params = z.object({ key: id });
const access = { scope: 'operator', portal: null } as const;
const tags = ['Keys'];

/** What is kept of an answer under an Idempotency-Key: everything but the secret. */
const withoutSecret: KeptAnswer = {
  keep: (answer) => ({ ...madeKey.parse(answer), secret: null }),
  repeat: (kept) => kept,
};

/** An installation's server keys, for operators. */
export function keyRoutes(api: Api, context: ApiContext): void {
  const { keys } = context.perennial;
  api.post(
    '/v1/keys',
    {
      config: { access, idempotency: withoutSecret },
      schema: {
        operationId: 'createKey',
        tags,
        summary: 'Create a server key; its secret is returned only in this response',
        body: newKey,
        ...answers({ 201: madeKey }, CODES),
      },
    },
    async ({ body: { name, scopes, expiresAt } }, reply) => {
      const end = expiresAt == null ? null : parseInstant(expiresAt, 'expiresAt');
      return reply.code(201).send(madeDocument(await keys.create({ name, scopes, expiresAt: end })));
    },
  );
  addListing(api, context);
  api.post(
    '/v1/keys/:key/rotate',
    {
      config: { access, idempotency: withoutSecret },
      schema: {
        operationId: 'rotateKey',
        tags,
        summary: 'Rotate a key; the previous key stays valid for a while',
        params,
        body: z.strictObject({
          overlapHours: z
            .int()
            .min(0)
            .max(2160)
            .optional()
            .meta({ description: 'How many hours both keys are valid. Default: 24.' }),
        }),
        ...answers({ 201: madeKey }, CODES),
      },
    },
    async (request, reply) =>
      reply.code(201).send(madeDocument(await keys.rotate(request.params.key, request.body.overlapHours))),
  );
  api.delete(
    '/v1/keys/:key',
    {
      config: { access },
      schema: {
        operationId: 'revokeKey',
        tags,
        summary: 'Revoke a key permanently; every process refuses it within 5 seconds',
        params,
        ...answers({ 200: apiKey }, CODES),
      },
    },
    async (request) => keyDocument(await keys.revoke(request.params.key)),
  );
}

function addListing(api: Api, { perennial: { keys } }: ApiContext): void {
  api.get(
    '/v1/keys',
    {
      config: { access },
      schema: {
        operationId: 'listKeys',
        tags,
        summary: 'List all keys, newest first, including expired and revoked ones',
        querystring: z.strictObject({
          limit: z.coerce.number().int().min(1).max(100).default(50),
          cursor: id.optional(),
        }),
        ...answers({ 200: z.object({ items: z.array(apiKey), nextCursor: z.string().nullable() }) }, CODES),
      },
    },
    async ({ query: { limit, cursor } }) => {
      // One more than asked for tells whether there are more.
      const found = await keys.list({ limit: limit + 1, after: cursor ?? null });
      const items = found.slice(0, limit);
      return { items: items.map(keyDocument), nextCursor: found.length > limit ? (items.at(-1)?.keyId ?? null) : null };
    },
  );
}

function keyDocument({ keyId, familyId: _family, scopes, ...key }: ApiKey): z.infer<typeof apiKey> {
  return { id: keyId, ...key, scopes: scope.options.filter((each) => scopes.includes(each)) };
}

function madeDocument({ key, secret }: MadeKey): z.infer<typeof madeKey> {
  return { ...keyDocument(key), secret };
}
