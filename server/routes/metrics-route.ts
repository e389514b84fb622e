import { METRICS_CONTENT_TYPE, metricsText } from '../../telemetry/metrics.ts';
import type { Api, ApiContext } from '../context/api.ts';

/** Public like the probes: it counts answers and connections, and names no account and no amount. */
export function metricsRoute(api: Api, { workerMetricsAddress }: ApiContext): void {
  api.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        tags: ['Operation'],
        summary: 'Prometheus metrics of the process and its Temporal worker',
        security: [],
        produces: ['text/plain'],
      },
    },
    async (_request, reply) => {
      const text = await metricsText(workerMetricsAddress ?? null);
      return reply.type(METRICS_CONTENT_TYPE).send(text);
    },
  );
}
