import { readFileSync } from 'node:fs';

import openapiTS, { astToString } from 'openapi-typescript';
import { describe, expect, it } from 'vitest';

import { openApiDocument } from '../../server/openapi/openapi-document.ts';
import { errorsPage } from '../../server/openapi/errors-page.ts';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
  readonly 'x-codes'?: readonly string[];
}

function fileOf(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

async function operations(): Promise<readonly [string, Operation][]> {
  const { paths } = (await openApiDocument()) as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
}

describe('what is written about the API', () => {
  it('given the routes, when docs/openapi.json is read, then it says what they are (npm run openapi)', async () => {
    expect(JSON.parse(fileOf('docs/openapi.json'))).toEqual(JSON.parse(JSON.stringify(await openApiDocument())));
  });

  it('given the document, when the client’s types are read, then they are its types (npm run openapi)', async () => {
    const types = astToString(await openapiTS(fileOf('docs/openapi.json')));
    const [, written] = fileOf('sdk/generated/openapi.ts').split(/^ \*\/\n\n/m);
    expect(written).toBe(types);
  });

  it('AUD-1 given every code, when docs/errors.md is read, then it says how to solve each (npm run openapi)', () => {
    expect(fileOf('docs/errors.md')).toBe(errorsPage());
  });

  it('given every operation, when it is read about, then it has a name, a summary, a tag, and its codes', async () => {
    const all = await operations();
    expect(new Set(all.map(([, { operationId }]) => operationId)).size).toBe(all.length);
    for (const [name, operation] of all) {
      expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary, name).toBeTruthy();
      expect(operation.tags, name).toHaveLength(1);
      if (name.startsWith('post /v1/'))
        expect(operation.parameters?.map((each) => each.name)).toContain('idempotency-key');
      if (name.includes(' /v1/')) expect(operation['x-codes'], name).toContain('unauthorized');
      else expect(operation.security, name).toEqual([]);
    }
  });
});
