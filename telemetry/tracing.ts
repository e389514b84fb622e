import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** A process's traces: what its servers, clients and workers do for one request, under one id. */
export interface Tracing {
  readonly resource: Resource;
  readonly spanProcessor: SpanProcessor;
  /** Sends what is still to be sent, and ends. */
  readonly stop: () => Promise<void>;
}

const SERVICE = 'perennial';

/**
 * Sends the process's traces to a collector that speaks OTLP over HTTP (`OTEL_EXPORTER_OTLP_ENDPOINT`). One per process. A collector
 * that is away costs spans, never a request: they are sent in the background and dropped when too many wait.
 */
export function startTracing(otlpEndpoint: string): Tracing {
  const url = new URL('v1/traces', otlpEndpoint.endsWith('/') ? otlpEndpoint : `${otlpEndpoint}/`).href;
  return install(new BatchSpanProcessor(new OTLPTraceExporter({ url })));
}

/** The same, to an exporter of the caller's, span by span: for tests. */
export function startTracingTo(exporter: SpanExporter): Tracing {
  return install(new SimpleSpanProcessor(exporter));
}

function install(spanProcessor: SpanProcessor): Tracing {
  const resource = new Resource({ 'service.name': SERVICE });
  const provider = new BasicTracerProvider({ resource, spanProcessors: [spanProcessor] });
  provider.register({ contextManager: new AsyncLocalStorageContextManager().enable() });
  return {
    resource,
    spanProcessor,
    stop: async () => {
      await provider.shutdown();
      trace.disable();
      propagation.disable();
      context.disable();
    },
  };
}
