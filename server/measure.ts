import { context, propagation, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Histogram } from 'prom-client';

import { httpSeconds } from '../telemetry/metrics.ts';

/**
 * Times every answer by its route, and makes a span of it that what the request causes hangs on: its commands, their workflow, their
 * activities. A caller's own trace is continued (`traceparent`).
 */
export function measureAnswers(app: FastifyInstance): void {
  countAnswers(app);
  const tracer = trace.getTracer('perennial/http');
  // Where nobody records traces, spans are nothing, and cost what something costs.
  if (tracer.startSpan('probe').isRecording()) traceAnswers(app, tracer);
}

function countAnswers(app: FastifyInstance): void {
  // There are as many as routes times codes; to look labels up anew costs more than to count.
  const known = new Map<string, Histogram.Internal<'method' | 'route' | 'status'>>();
  app.addHook('onResponse', ({ method, routeOptions }, { statusCode, elapsedTime }, done) => {
    const route = routeOptions.url ?? 'unknown';
    const name = `${method} ${route} ${String(statusCode)}`;
    let seconds = known.get(name);
    if (seconds === undefined) {
      seconds = httpSeconds.labels({ method, route, status: String(statusCode) });
      known.set(name, seconds);
    }
    seconds.observe(elapsedTime / 1000);
    done();
  });
}

function traceAnswers(app: FastifyInstance, tracer: Tracer): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', (request, _reply, done) => {
    const caller = propagation.extract(context.active(), request.headers);
    const name = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    spans.set(request, tracer.startSpan(name, { kind: SpanKind.SERVER }, caller));
    done();
  });
  // Only here: what is called back while a body arrives belongs to the connection, not to the request.
  app.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else context.with(trace.setSpan(context.active(), span), done);
  });
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const span = spans.get(request);
    span?.setAttributes({ 'http.response.status_code': statusCode, 'perennial.request_id': request.id });
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
}
