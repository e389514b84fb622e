import { readFileSync } from 'node:fs';

import type { Middleware } from 'openapi-fetch';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly 'x-codes'?: readonly string[] }>>>>;
}

const { paths } = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as Document;

/** Holds every answer of a test to the OpenAPI document: a code that is not documented for the operation fails the test. */
export const documentedCodes: Middleware = {
  onResponse: async ({ schemaPath, request, response }) => {
    if (response.headers.get('content-type')?.includes('problem+json') !== true) return;
    const { code, status, requestId } = (await response.clone().json()) as Record<string, unknown>;
    const documented = paths[schemaPath]?.[request.method.toLowerCase()]?.['x-codes'] ?? [];
    if (!documented.includes(String(code))) {
      throw new Error(`${request.method} ${schemaPath} answers ${String(code)}, which it does not document`);
    }
    if (status !== response.status || requestId !== response.headers.get('x-request-id')) {
      throw new Error(`the problem ${String(code)} contradicts its own headers`);
    }
  },
};
