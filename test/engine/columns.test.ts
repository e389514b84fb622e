import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { Columns } from '../../db/usage/columns.ts';
import { type Engine, openEngine } from './engine-under-test.ts';

let engine: Engine;
let pool: pg.Pool;

beforeAll(async () => {
  engine = await openEngine();
  pool = new pg.Pool({ connectionString: engine.options.databaseUrl, options: '-c TimeZone=UTC' });
});

afterAll(async () => {
  await pool.end();
  await engine.close();
});

const LAST_SECOND = 253_402_300_799;

const rows = fc.array(
  fc.record({
    // Postgres has no U+0000, and half a surrogate is no text; no id may have either (command-shape.ts).
    text: fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !/[\0\p{Cs}]/u.test(text))),
    jsonb: fc.jsonValue().filter((value) => !JSON.stringify(value).includes('\\u')),
    bigint: fc.option(fc.maxSafeInteger()),
    integer: fc.integer(),
    boolean: fc.boolean(),
    uuid: fc.option(fc.stringMatching(/^[0-9a-f]{32}$/)),
    timestamptz: fc.integer({ min: 0, max: LAST_SECOND }).map((seconds) => instantFromEpochMs(seconds * 1_000)),
  }),
  { maxLength: 40 },
);

/** What Postgres reads, in its own words. */
async function readBack(columns: readonly Buffer[]): Promise<unknown> {
  const text = `select coalesce(json_agg(json_build_object('text', t, 'jsonb', j, 'bigint', b::text, 'integer', i, 'boolean', o,
      'uuid', replace(u::text, '-', ''), 'timestamptz', instant_text(z))), '[]') as rows
    from unnest($1::text[], $2::jsonb[], $3::bigint[], $4::integer[], $5::boolean[], $6::uuid[], $7::timestamptz[])
      as row (t, j, b, i, o, u, z)`;
  return (await pool.query<{ rows: unknown }>(text, [...columns])).rows[0]?.rows;
}

it('MON-1 CAL-1 given any rows, when they are written as columns, then Postgres reads each value as it was', async () => {
  const check = fc.asyncProperty(rows, async (given) => {
    const columns = new Columns({
      ...({ text: 'text', jsonb: 'jsonb', bigint: 'bigint', integer: 'integer' } as const),
      ...({ boolean: 'boolean', uuid: 'uuid', timestamptz: 'timestamptz' } as const),
    });
    const { to } = columns;
    for (const row of given) {
      to.text.text(row.text);
      to.jsonb.jsonb(JSON.stringify(row.jsonb));
      to.bigint.bigint(row.bigint);
      to.integer.integer(row.integer);
      to.boolean.boolean(row.boolean);
      to.uuid.uuid(row.uuid);
      to.timestamptz.timestamptz(row.timestamptz);
    }
    const expected = given.map(({ bigint, ...row }) => ({
      ...row,
      bigint: bigint === null ? null : String(bigint),
    }));
    expect(await readBack(columns.values)).toEqual(JSON.parse(JSON.stringify(expected)));
  });
  await fc.assert(check, { numRuns: 200 });
});
