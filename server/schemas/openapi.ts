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
A billing engine for trials, credits with overage and spending caps, seats, metered budgets, and invoices.

- Amounts are integers in the currency's minor unit (\`…Cents\`). Dates and times are in UTC, like \`2027-01-31T00:00:00Z\`. Periods include their start and exclude their end.
- Errors are \`application/problem+json\` with a stable \`code\`. See \`docs/errors.md\` for how to resolve each of them.
- Every POST accepts an \`Idempotency-Key\`. Repeating a request with the same key and content has no further effect and returns the same response.
- Lists are paginated as \`{ items, nextCursor }\`. Pass \`?cursor=\` to get the next page.
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
