import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Refusal } from '../../billing/refusal.ts';
import { refusalOf } from './failures.ts';
import { HttpRefusal, PROBLEM_TYPE, problemOf } from './problem.ts';

/** Every error leaves as a problem (RFC 9457). What nobody expected is logged whole and answered without a word of it. */
export function answerErrors(app: FastifyInstance): void {
  const paths = knownPaths(app);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((request, reply) => sendProblem(missing(paths, request), request, reply));
}

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = refusalOf(error) ?? new HttpRefusal('internal', 'Something unexpected went wrong.');
  if (refusal instanceof HttpRefusal && (refusal.code === 'internal' || refusal.code === 'unavailable')) {
    request.log.error({ err: error }, refusal.code);
  }
  return sendProblem(refusal, request, reply);
}

export function sendProblem(
  refusal: Refusal | HttpRefusal,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const body = problemOf(refusal, request.id);
  if (refusal instanceof HttpRefusal) void reply.headers(refusal.headers);
  return reply
    .code(body.status)
    .type(PROBLEM_TYPE)
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(body);
}

type Paths = ReadonlyMap<string, { readonly pattern: RegExp; readonly methods: Set<string> }>;

function knownPaths(app: FastifyInstance): Paths {
  const paths = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`);
    const known = paths.get(url) ?? { pattern, methods: new Set() };
    for (const each of [method].flat()) known.methods.add(each);
    paths.set(url, known);
  });
  return paths;
}

/** A path that exists under other methods says which. */
function missing(paths: Paths, request: FastifyRequest): HttpRefusal {
  const [path = '/'] = request.url.split('?');
  const allowed = [...paths.values()].flatMap(({ pattern, methods }) => (pattern.test(path) ? [...methods] : []));
  // A route that takes anything may still have nothing to give: a file that is not there.
  if (allowed.length === 0 || allowed.includes(request.method))
    return new HttpRefusal('not_found', 'There is no endpoint at this path.');
  const allow = [...new Set(allowed)].sort().join(', ');
  return new HttpRefusal('method_not_allowed', `This path accepts ${allow}.`, { allow });
}
