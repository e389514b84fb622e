import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { REFUSAL_CODES } from '../../billing/refusal-codes.ts';
import { HTTP_CODES } from '../../server/schemas/http-codes.ts';
import { dumpDatabase } from '../engine/database-dump.ts';
import { subscribedToCredits, subscribedToPro } from '../engine/engine-under-test.ts';
import { textOf } from './answer-text.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';
import { type Components, type Schema, valueOf } from './schema-arbitrary.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema?: Schema;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | null;
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly parameters?: readonly Parameter[];
            readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
          }
        >
      >
    >
  >;
  readonly components?: { readonly schemas?: Components };
}

/** As many requests of each operation; `PERENNIAL_FUZZ_RUNS` looks further, and fast-check's seed repeats what was found. */
const RUNS = Number(process.env['PERENNIAL_FUZZ_RUNS'] ?? '12');
const STACK = /\n\s+at |node_modules|\.ts:\d+/;
const CODES: ReadonlySet<string> = new Set([...Object.keys(REFUSAL_CODES), ...Object.keys(HTTP_CODES)]);

function operationsOf(document: Document): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      ...{ method: method.toUpperCase(), path, parameters },
      body: requestBody?.content['application/json']?.schema ?? null,
    })),
  );
}

describe('every route, with whatever may come', () => {
  let api: ApiUnderTest;
  let document: Document;
  let known: readonly string[];

  beforeAll(async () => {
    api = await openApi();
    document = (await (await fetch(`${api.url}/openapi.json`)).json()) as Document;
    const credits = await subscribedToCredits(api.engine, { now: '2027-01-01T00:00:00Z', capCents: 1_000 });
    const seats = await subscribedToPro(api.engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month' });
    await api.engine.perennial.checkAccess(seats.accountId, { kind: 'dashboard', member: { id: 'mia' } });
    known = [
      ...[credits.accountId, seats.accountId, credits.clockId, seats.clockId, 'mia', 'review', 'credits'],
      ...['qodo', 'codspeed', 'pro', 'pro-teams', 'small', 'macro_minutes', `${seats.accountId}-0001`],
    ];
  });
  afterAll(async () => {
    await api.close();
  });

  it('the document has the operations', () => {
    expect(operationsOf(document).length).toBeGreaterThan(30);
  });

  it('AUD-1 given any request, when it is answered, then never with a fault, nor with a stack, and a "no" has a code and wrote nothing', async () => {
    const components = document.components?.schemas ?? {};
    for (const operation of operationsOf(document)) {
      const requests = requestOf(operation, components, known);
      await fc.assert(
        fc.asyncProperty(requests, async ({ path, body }) => {
          const before = await dumpDatabase(api.engine.db);
          const answer = await fetch(`${api.url}${path}`, {
            method: operation.method,
            headers: {
              authorization: `Bearer ${api.key}`,
              ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            },
            ...(body === undefined ? {} : { body }),
          });
          const text = await textOf(answer);
          expect(answer.status, text).toBeLessThan(500);
          expect(text).not.toMatch(STACK);
          if (answer.status < 400) return;
          expect(answer.headers.get('content-type')).toContain('application/problem+json');
          const { code } = JSON.parse(text) as { code: string };
          expect(CODES, code).toContain(code);
          expect(await dumpDatabase(api.engine.db)).toEqual(before);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    }
  }, 300_000);
});

function requestOf(
  { path, parameters, body }: Operation,
  components: Components,
  known: readonly string[],
): fc.Arbitrary<{ path: string; body: string | undefined }> {
  const valuesIn = (place: Parameter['in']): fc.Arbitrary<Record<string, unknown>> =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter((parameter) => parameter.in === place)
          .map(({ name, schema }) => [name, valueOf(schema ?? {}, components, known)]),
      ),
      place === 'path' ? {} : { requiredKeys: [] },
    );
  const sent =
    body === null
      ? fc.constant(undefined)
      : fc.oneof(
          { arbitrary: valueOf(body, components, known).map((value) => JSON.stringify(value)), weight: 10 },
          { arbitrary: fc.constantFrom('', '{', '[]', 'null', '{"a":NaN}', '{"a":1e999}', '"\\ud800"'), weight: 1 },
        );
  return fc.tuple(valuesIn('path'), valuesIn('query'), sent).map(([inPath, inQuery, text]) => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(inPath[name]));
    const query = Object.entries(inQuery).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
    return { path: `${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`, body: text };
  });
}

/** As a client would write it: a lone surrogate cannot even be sent. An empty part of a path would be another path. */
function encoded(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return encodeURIComponent(Buffer.from(text).toString()) || '%20';
}
