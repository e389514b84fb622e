import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import cookie from '@fastify/cookie';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';

import type { Api, ApiContext } from './context/api.ts';
import { answerError, answerErrors } from './answers/answer-errors.ts';
import { closeUnused } from './limits/close-unused.ts';
import { guardRoutes } from './auth/guard-routes.ts';
import { limitRate } from './auth/limit-rate.ts';
import { limitUnderWay } from './limits/limit-under-way.ts';
import { addPages } from './pages/add-pages.ts';
import { describeApi } from './schemas/openapi.ts';
import { logOfRequest } from './log.ts';
import { measureAnswers } from './measure.ts';
import { presentRoles } from './auth/present-role.ts';
import { repeatRequests } from './repeat-requests.ts';
import { sendSafeHeaders } from './answers/safe-headers.ts';
import { addRoutes } from './routes/add-routes.ts';

/** Ids are short; a batch of 1,000 events has a limit of its own. */
const BODY_LIMIT_BYTES = 262_144;
/** Percent-encoded, an id of 200 characters is up to nine times as long. */
const PARAM_LENGTH = 2400;
const REQUEST_TIMEOUT_MS = 30_000;
const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The API without a port. Routes are complete once it is `ready()`. */
export function buildApi(context: ApiContext): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = context.logger;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: logOfRequest,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: PARAM_LENGTH },
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID();
    },
    // Whoever is connected while it stops hears of it, instead of losing the connection.
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      void answerError(error, request, reply.header('x-request-id', request.id));
    },
  });
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('principal', null);
  answerErrors(app);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  sendSafeHeaders(app);
  logAnswers(app);
  measureAnswers(app);
  closeUnused(app);
  limitUnderWay(app, context.maxUnderWay);
  guardRoutes(app, {
    authenticate: context.authenticate,
    limit: limitRate(context.rateLimits),
    presently: presentRoles(context.perennial.read),
  });
  repeatRequests(app, context.perennial.requests);
  // Read only where a page asks to be known by one.
  void app.register(cookie, { hook: false });
  describeApi(app);
  void app.register((scope) => {
    const api = scope.withTypeProvider() as Api;
    addRoutes(api, context);
    addPages(api, context);
    return Promise.resolve();
  });
  return app;
}

/** Serves the API. Port 0 is any that is free. `close` lets what is under way be answered. */
export async function startApi(
  context: ApiContext,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const app = buildApi(context);
  await app.listen({ host, port });
  const { port: bound } = app.server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${String(bound)}`, close: () => app.close() };
}

/** One line per answer. Paths are logged as routes: what stands in them may be a secret of somebody. */
function logAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { principal, method, routeOptions } = request;
    app.log.info(
      {
        requestId: request.id,
        method,
        route: routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        by: principal === null ? null : principal.kind === 'key' ? `key:${principal.keyId}` : principal.memberId,
        account: (request.params as { account?: string } | undefined)?.account ?? null,
      },
      'answered',
    );
    done();
  });
}
