import { z } from 'zod';

import type { Api, ApiContext } from '../context/api.ts';

const PROBE_TIMEOUT_MS = 1000;

const health = z.object({ status: z.literal('ok') });
const readiness = z.object({
  status: z.enum(['ready', 'not_ready']),
  away: z
    .array(z.enum(['postgres', 'temporal']))
    .meta({ description: 'The dependencies that did not respond within a second.' }),
});

export function healthRoutes(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/healthz',
    {
      schema: {
        operationId: 'health',
        tags: ['Operation'],
        summary: 'Check that the process is alive',
        security: [],
        response: { 200: health },
      },
    },
    () => ({ status: 'ok' as const }),
  );
  api.get(
    '/readyz',
    {
      schema: {
        operationId: 'readiness',
        tags: ['Operation'],
        summary: 'Check that Postgres and Temporal respond',
        security: [],
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const away = await perennial.away(PROBE_TIMEOUT_MS);
      if (away.length === 0) return { status: 'ready' as const, away: [] };
      return reply
        .code(503)
        .header('retry-after', '5')
        .send({ status: 'not_ready', away: [...away] });
    },
  );
}
