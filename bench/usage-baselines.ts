import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { perSecond, rateOf } from './compare.ts';

/** The ledger's columns, and the indexes that its two tables have together. */
const COLUMNS = [
  ...[
    'account_id text',
    'event_id text',
    'digest uuid',
    'feature text',
    'meter text',
    'units bigint',
    'included_units bigint',
  ],
  ...['overage_units bigint', 'trial_units bigint', 'member_id text', 'model text', 'occurred_at timestamptz'],
  ...['recorded_at timestamptz', 'cycle_start timestamptz'],
];
const NAMES = COLUMNS.map((column) => column.split(' ')[0]).join(', ');
const AT = '2027-01-01 00:00:00+00';
const DIGEST = '00000000-0000-0000-0000-000000000000';

type Row = readonly (string | null)[];

/** Tables to write rows into that mean nothing, as fast as Postgres can. */
export async function createBaselineTables(pool: pg.Pool): Promise<void> {
  for (const table of ['bench_copied', 'bench_inserted']) {
    await pool.query(`create table ${table} (${COLUMNS.join(', ')}, primary key (account_id, event_id))`);
    await pool.query(`create index on ${table} (account_id, occurred_at)`);
  }
  await pool.query('create table bench_row (id integer primary key, n bigint not null)');
  await pool.query('insert into bench_row values (1, 0)');
}

function rowOf(accountId: string, eventId: string): Row {
  return [accountId, eventId, DIGEST, 'review', 'credits', '1', '0', '1', '0', 'mia', 'sonnet', AT, AT, AT];
}

/** Rows per second of one `COPY`. */
export async function copyRows(pool: pg.Pool, accounts: readonly string[], count: number): Promise<number> {
  const run = process.hrtime.bigint().toString(36);
  const lines = Array.from(
    { length: count },
    (_, index) => `${rowOf(accounts[index % accounts.length] ?? '', `${run}-${String(index)}`).join('\t')}\n`,
  );
  const client = await pool.connect();
  try {
    const startedAt = performance.now();
    await pipeline(Readable.from(lines), client.query(copyFrom(`copy bench_copied (${NAMES}) from stdin`)));
    return perSecond(count, startedAt);
  } finally {
    client.release();
  }
}

/** Rows per second of `INSERT … unnest … ON CONFLICT`, in batches, by some connections at once. */
export async function insertRows(
  pool: pg.Pool,
  accounts: readonly string[],
  { batches, size, atOnce }: { readonly batches: number; readonly size: number; readonly atOnce: number },
): Promise<number> {
  const types = COLUMNS.map((column, index) => `$${String(index + 1)}::${column.split(' ')[1] ?? ''}[]`);
  const text = `insert into bench_inserted (${NAMES}) select * from unnest(${types.join(', ')}) on conflict do nothing`;
  const run = process.hrtime.bigint().toString(36);
  const batchOf = (batch: number): readonly (readonly (string | null)[])[] => {
    const rows = Array.from({ length: size }, (_, index) =>
      rowOf(accounts[index % accounts.length] ?? '', `${run}-${String(batch)}-${String(index)}`),
    );
    return COLUMNS.map((_, column) => rows.map((row) => row[column] ?? null));
  };
  const left = Array.from({ length: batches }, (_, batch) => batchOf(batch)).values();
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    for (const values of left) await pool.query({ name: 'bench-insert', text, values: [...values] });
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return perSecond(batches * size, startedAt);
}

/** Commits per second of many connections that all update one row. */
export async function updateOneRow(databaseUrl: string, atOnce: number, durationMs: number): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      return client;
    }),
  );
  try {
    const query = { name: 'bench-update', text: 'update bench_row set n = n + 1 where id = $1', values: [1] };
    return await rateOf(async (worker) => clients[worker]?.query(query), atOnce, durationMs);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}
