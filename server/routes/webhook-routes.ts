import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import type { Webhooks } from '../../client/operations/webhooks.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { answers, POSTED } from '../answers/answers.ts';
import { id } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';

/** What any of these routes can refuse with. */
const CODES: readonly ProblemCode[] = [...POSTED, 'unknown_webhook_endpoint', 'unknown_webhook_message'];

const eventType = z
  .string()
  .max(100)
  .regex(/^[a-z_]+(\.[a-z_]+)*(\.\*)?$/, 'expected a type like invoice.paid, or invoice.*')
  .meta({ examples: ['invoice.paid', 'invoice.*'] });
const eventTypes = z
  .array(eventType)
  .max(100)
  .nullable()
  .meta({ description: 'The event types that the endpoint receives; null for all of them.' });
const url = z
  .string()
  .max(2000)
  .meta({ examples: ['https://example.com/webhooks'] });
const description = z.string().max(500);

const endpoint = z
  .object({
    endpointId: z.string(),
    url,
    description,
    eventTypes,
    enabled: z.boolean(),
    failingSince: z.string().nullable().meta({
      description:
        'When a message could not be delivered after the last attempt; null again after the next successful delivery.',
    }),
    previousSecretUntil: z
      .string()
      .nullable()
      .meta({ description: 'Until when messages are also signed with the previous secret.' }),
    createdAt: z.string(),
  })
  .meta({ id: 'WebhookEndpoint' });
const endpointWithSecret = endpoint
  .extend({ secret: z.string().meta({ description: 'The signing secret. It is returned only in this response.' }) })
  .meta({ id: 'WebhookEndpointWithSecret' });
const endpointInput = z.strictObject({
  url,
  description: description.optional(),
  eventTypes: eventTypes.optional(),
  enabled: z.boolean().optional(),
});
const delivery = z
  .object({
    deliveryId: z.int(),
    messageId: z.string(),
    type: z.string(),
    accountId: z.string().nullable(),
    state: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.int(),
    nextAttemptAt: z.string().nullable(),
    tries: z.array(
      z.object({
        at: z.string(),
        durationMs: z.int(),
        status: z
          .int()
          .nullable()
          .meta({ description: 'Null if there was no response; `problem` then has the reason.' }),
        problem: z.string().nullable(),
        response: z.string().nullable().meta({ description: 'The first kilobyte of the response body.' }),
      }),
    ),
  })
  .meta({ id: 'WebhookDelivery' });
const nextCursor = z.string().nullable();
const paging = z.strictObject({
  cursor: id.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const endpointParams = z.object({ endpoint: id });
const replayed = z.object({
  deliveries: z.int().meta({ description: 'The number of deliveries that were restarted.' }),
});

const config = { access: { scope: 'operator', portal: null } } as const;
/** Done once under the key by `Webhooks` itself: an answer with a secret in it must not be kept. */
const secretConfig = { ...config, idempotency: 'command' } as const;
const tags = ['Webhooks'];

/** Where events are sent, what became of them, and sending them again. For those who run the installation. */
export function webhookRoutes(api: Api, { perennial }: Pick<ApiContext, 'perennial'>): void {
  const { webhooks } = perennial;
  endpointRoutes(api, webhooks);
  endpointChangeRoutes(api, webhooks);
  deliveryRoutes(api, webhooks);
}

function endpointRoutes(api: Api, webhooks: Webhooks): void {
  api.post(
    '/v1/webhook-endpoints',
    {
      config: secretConfig,
      schema: {
        operationId: 'createWebhookEndpoint',
        tags,
        summary: 'Create a webhook endpoint',
        body: endpointInput,
        ...answers({ 201: endpointWithSecret }, CODES),
      },
    },
    async ({ body: { url: address, ...rest }, headers }, reply) =>
      reply.code(201).send(mutable(await webhooks.create({ url: address, ...defined(rest) }, keyOf(headers)))),
  );
  api.get(
    '/v1/webhook-endpoints',
    {
      config,
      schema: {
        ...{ operationId: 'listWebhookEndpoints', tags, summary: 'List webhook endpoints', querystring: paging },
        ...answers({ 200: z.object({ items: z.array(endpoint), nextCursor }) }, CODES),
      },
    },
    async ({ query }) => spread(await webhooks.list(query)),
  );
  api.get(
    '/v1/webhook-endpoints/:endpoint',
    {
      config,
      schema: {
        operationId: 'getWebhookEndpoint',
        tags,
        summary: 'Retrieve a webhook endpoint',
        params: endpointParams,
        ...answers({ 200: endpoint }, CODES),
      },
    },
    async ({ params }) => mutable(await webhooks.get(params.endpoint)),
  );
}

function endpointChangeRoutes(api: Api, webhooks: Webhooks): void {
  api.patch(
    '/v1/webhook-endpoints/:endpoint',
    {
      config,
      schema: {
        ...{ operationId: 'updateWebhookEndpoint', tags, summary: 'Update, enable, or disable a webhook endpoint' },
        ...{ params: endpointParams, body: endpointInput.partial(), ...answers({ 200: endpoint }, CODES) },
      },
    },
    async ({ params, body: change }) => mutable(await webhooks.update(params.endpoint, defined(change))),
  );
  api.delete(
    '/v1/webhook-endpoints/:endpoint',
    {
      config,
      schema: {
        ...{
          operationId: 'deleteWebhookEndpoint',
          tags,
          summary: 'Delete a webhook endpoint and its deliveries',
        },
        ...{ params: endpointParams, ...answers({ 204: z.null() }, CODES) },
      },
    },
    async ({ params }, reply) => {
      await webhooks.delete(params.endpoint);
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/v1/webhook-endpoints/:endpoint/rotate-secret',
    {
      config: secretConfig,
      schema: {
        ...{
          operationId: 'rotateWebhookSecret',
          tags,
          summary: 'Rotate the signing secret; both secrets sign until the previous one expires',
        },
        params: endpointParams,
        body: z.strictObject({ overlapSeconds: z.int().min(0).max(604_800).optional() }).nullish(),
        ...answers({ 200: endpointWithSecret }, CODES),
      },
    },
    async ({ params, body: rotation, headers }) =>
      mutable(
        await webhooks.rotateSecret(params.endpoint, {
          idempotencyKey: keyOf(headers),
          overlapSeconds: rotation?.overlapSeconds,
        }),
      ),
  );
}

function deliveryRoutes(api: Api, webhooks: Webhooks): void {
  api.get(
    '/v1/webhook-endpoints/:endpoint/deliveries',
    {
      config,
      schema: {
        ...{
          operationId: 'listWebhookDeliveries',
          tags,
          summary: 'List the messages sent to an endpoint, with every attempt, newest first',
        },
        ...{ params: endpointParams, querystring: paging },
        ...answers({ 200: z.object({ items: z.array(delivery), nextCursor }) }, CODES),
      },
    },
    async ({ params, query }) => {
      const { items, nextCursor: next } = await webhooks.deliveries(params.endpoint, query);
      return { items: items.map((each) => ({ ...each, tries: [...each.tries] })), nextCursor: next };
    },
  );
  api.post(
    '/v1/webhook-messages/:message/replay',
    {
      config,
      schema: {
        ...{ operationId: 'replayWebhookMessage', tags, summary: 'Resend a message' },
        params: z.object({ message: id }),
        body: z.strictObject({ endpointId: id.optional() }).nullish(),
        ...answers({ 202: replayed }, CODES),
      },
    },
    async ({ params, body }, reply) => {
      const deliveries = await webhooks.replayMessage(params.message, body?.endpointId ?? null);
      return reply.code(202).send({ deliveries });
    },
  );
  api.post(
    '/v1/webhook-endpoints/:endpoint/replay',
    {
      config,
      schema: {
        ...{
          operationId: 'replayWebhookMessages',
          tags,
          summary: 'Resend all messages since a point in real time',
        },
        params: endpointParams,
        body: z.strictObject({ since: z.iso.datetime() }),
        ...answers({ 202: replayed }, CODES),
      },
    },
    async ({ params, body }, reply) => {
      const deliveries = await webhooks.replaySince(params.endpoint, new Date(body.since));
      return reply.code(202).send({ deliveries });
    },
  );
}

/** Without a key each request is a new one. */
function keyOf(headers: Readonly<Record<string, unknown>>): string {
  const key = headers['idempotency-key'];
  return typeof key === 'string' && key !== '' ? key : randomUUID();
}

type Defined<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> };

/** Fields that were left out are not there, instead of there and undefined. */
function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>;
}

/** Serializers want lists that they could change. */
function mutable<Row extends { readonly eventTypes: readonly string[] | null }>(
  row: Row,
): Omit<Row, 'eventTypes'> & { eventTypes: string[] | null } {
  return { ...row, eventTypes: row.eventTypes === null ? null : [...row.eventTypes] };
}

function spread<Row extends { readonly eventTypes: readonly string[] | null }>(list: {
  readonly items: readonly Row[];
  readonly nextCursor: string | null;
}): { items: ReturnType<typeof mutable<Row>>[]; nextCursor: string | null } {
  return { items: list.items.map(mutable), nextCursor: list.nextCursor };
}
