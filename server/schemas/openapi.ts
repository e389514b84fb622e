import { readFileSync } from 'node:fs';

import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

import { withIdempotencyKeys } from './document-keys.ts';
import { finishDocument } from './finish-document.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

const DESCRIPTION = `
A durable billing engine: trials, credits with overage and caps, seats, metered budgets, invoices.

- Amounts are integers in the currency's minor unit (\`…Cents\`); instants are UTC, \`2027-01-31T00:00:00Z\`; periods are half-open.
- Errors are \`application/problem+json\` with a stable \`code\`; \`docs/errors.md\` says how to solve each.
- \`Idempotency-Key\` is taken on every POST: repeated with the same content, a request is done once and gets the same answer.
- Lists come in pages, \`{ items, nextCursor }\`; ask for the next with \`?cursor=\`.
`.trim();

/** The OpenAPI document, made from the routes, at /openapi.json; and a page to read it on, at /docs. */
export function describeApi(app: FastifyInstance): void {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Perennial', version, description: DESCRIPTION, license: { name: 'Apache-2.0' } },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withIdempotencyKeys(finishDocument(jsonSchemaTransformObject(document))),
  });
  void app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
