import { createHash } from 'node:crypto';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { Refusal } from '../billing/refusal.ts';
import type { RequestClaim } from '../db/access/idempotent-requests.ts';
import type { IdempotentRequests } from '../client/commands/idempotent-requests.ts';
import { principalOf } from './context/api.ts';
import type { Idempotency } from './context/idempotency.ts';
import { ownerOf } from '../client/credentials/principal.ts';
import { HttpRefusal } from './answers/problem.ts';

const MAX_KEY_LENGTH = 200;
/** Visible characters and blanks: it is a header. */
const KEY = /^[\x20-\x7e]+$/;

/** By request, between the claim and the answer. */
type Claims = WeakMap<FastifyRequest, RequestClaim>;

/**
 * POSTs that are not commands, with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same key and content again get the
 * same answer; the same key with other content, or while the first is under way, is refused. What was refused or broke leaves no trace and
 * may be sent again. Where this process dies between the act and its answer, a repeat acts again after 90 seconds: every such act bears that.
 */
export function repeatRequests(app: FastifyInstance, requests: IdempotentRequests): void {
  const claims: Claims = new WeakMap();
  // Called back where there is no key, which is nearly always: a promise for nothing costs as much as the hook.
  app.addHook('preHandler', (request, reply, done) => {
    if (request.method !== 'POST' || request.principal === null || howOf(request) === 'command') done();
    else if (request.headers['idempotency-key'] === undefined) done();
    else
      claimOrRepeat(request, reply).then(() => {
        done();
      }, done);
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    const claim = claims.get(request);
    if (claim === undefined) done(null, payload);
    else
      void settle(claim, request, reply, payload).then(() => {
        done(null, payload);
      });
  });

  /** Where it answers itself, the request goes no further: it is sent. */
  async function claimOrRepeat(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const owner = ownerOf(principalOf(request));
    const answer = await requests.claim({ owner, idempotencyKey: keyOf(request), digest: digestOf(request) });
    if (answer.kind === 'act') claims.set(request, answer.claim);
    else await answerRepeat(answer, request, reply);
  }

  async function settle(
    claim: RequestClaim,
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
  ): Promise<void> {
    claims.delete(request);
    try {
      if (reply.statusCode < 300) await requests.answered(claim, reply.statusCode, keptOf(request, payload));
      else await requests.released(claim);
    } catch (error) {
      // What was done, was done: the answer is true, and its claim is given away by and by.
      request.log.error({ err: error }, 'the answer under an idempotency key could not be kept');
    }
  }
}

function howOf(request: FastifyRequest): Idempotency {
  return request.routeOptions.config.idempotency ?? 'stored';
}

/** @throws Refusal `invalid_request`. */
function keyOf({ headers }: FastifyRequest): string {
  const key = headers['idempotency-key'];
  if (typeof key === 'string' && key.length <= MAX_KEY_LENGTH && KEY.test(key)) return key;
  const message = `Idempotency-Key: expected 1 to ${String(MAX_KEY_LENGTH)} printable ASCII characters.`;
  throw new Refusal({ code: 'invalid_request', message, field: 'Idempotency-Key' });
}

function digestOf({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(sorted(body))}`)
    .digest('hex');
}

/** The same content, in whatever order its fields were sent. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([name, field]) => [name, sorted(field)]);
}

async function answerRepeat(
  answer: Exclude<Awaited<ReturnType<IdempotentRequests['claim']>>, { kind: 'act' }>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (answer.kind === 'conflict') {
    throw new Refusal({
      code: 'idempotency_conflict',
      message: 'This Idempotency-Key was already used for a different request.',
      field: 'Idempotency-Key',
    });
  }
  if (answer.kind === 'in-progress') {
    const message = 'A request with this Idempotency-Key is in progress.';
    throw new HttpRefusal('request_in_progress', message, { 'retry-after': '1' });
  }
  const how = howOf(request);
  const kept: unknown = JSON.parse(answer.answer);
  const repeated = typeof how === 'object' ? await how.repeat(kept) : kept;
  await reply
    .code(answer.status)
    .header('idempotent-replayed', 'true')
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(repeated);
}

function keptOf(request: FastifyRequest, payload: unknown): string {
  const how = howOf(request);
  const text = typeof payload === 'string' && payload !== '' ? payload : 'null';
  return typeof how === 'object' ? JSON.stringify(how.keep(JSON.parse(text))) : text;
}
