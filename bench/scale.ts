import pg from 'pg';

import { Perennial } from '../client/perennial.ts';
import { migrate } from '../db/migrate.ts';
import { copyAccount, seatedAccount } from './accounts.ts';
import { medianCheckMs } from './access.ts';
import type { Comparison } from './compare.ts';
import type { Ground } from './ground.ts';

const CHECKS = 2_000;
const MEMBER = 'mia';
const SMALL = { accounts: 1_000, events: 100_000 };
const LARGE = { accounts: 100_000, events: 10_000_000 };
/** Events are written in parts, so that no statement is as long as the whole. */
const EVENTS_AT_ONCE = 500_000;

/** The same installation twice, a hundred times as big: what an access check costs must not depend on it. */
export async function scaleComparison(
  ground: Ground,
  report: (line: string) => void,
): Promise<{ readonly comparison: Comparison; readonly stop: () => Promise<void> }> {
  const original = await seatedAccount(ground.perennial, 'scale', MEMBER);
  const small = await copyOfDatabase(ground, 'bench_small', original, SMALL, report);
  const large = await copyOfDatabase(ground, 'bench_large', original, LARGE, report);
  // A rate, so that more is better as everywhere: checks that fit into a second at the median time.
  const rate =
    ({ perennial, accounts }: Installation) =>
    async (): Promise<number> =>
      1000 / (await medianCheckMs(perennial, accounts, MEMBER, CHECKS));
  return {
    comparison: {
      name: 'access checks one after the other with 100,000 accounts and 10 million events ÷ with 1,000 accounts (1/p50)',
      unit: 'checks/s',
      ours: { name: 'large', run: rate(large) },
      baseline: { name: 'small', run: rate(small) },
      atLeast: 1 / 1.15,
    },
    stop: async () => {
      await small.perennial.close();
      await large.perennial.close();
    },
  };
}

interface Installation {
  readonly perennial: Perennial;
  readonly accounts: readonly string[];
}

async function copyOfDatabase(
  { pool, options }: Ground,
  name: string,
  original: string,
  size: { readonly accounts: number; readonly events: number },
  report: (line: string) => void,
): Promise<Installation> {
  const url = new URL(options.databaseUrl);
  await pool.query(`create database ${name}`);
  url.pathname = `/${name}`;
  await migrate(url.href);
  const copy = new pg.Pool({ connectionString: url.href, max: 4 });
  await takeOver(pool, copy, original);
  report(`${name}: ${size.accounts.toLocaleString('en')} accounts, ${size.events.toLocaleString('en')} events`);
  const accounts = await copyAccount(copy, original, size.accounts);
  await writeEvents(copy, original, size);
  await copy.end();
  return { perennial: await Perennial.connect({ ...options, databaseUrl: url.href }), accounts };
}

/** The rows that make the account, from one database to the other. */
async function takeOver(from: pg.Pool, to: pg.Pool, accountId: string): Promise<void> {
  const { rows: catalogs } = await from.query<{ row: string }>('select row_to_json(c)::text as row from catalogs c');
  for (const { row } of catalogs) {
    await to.query('insert into catalogs select * from json_populate_record(null::catalogs, $1::json)', [row]);
  }
  for (const table of ['accounts', 'subscriptions', 'seats', 'members']) {
    const { rows } = await from.query<{ row: string }>(
      `select row_to_json(t)::text as row from ${table} t where account_id = $1`,
      [accountId],
    );
    for (const { row } of rows) {
      await to.query(`insert into ${table} select * from json_populate_record(null::${table}, $1::json)`, [row]);
    }
  }
}

async function writeEvents(
  pool: pg.Pool,
  accountId: string,
  { accounts, events }: { readonly accounts: number; readonly events: number },
): Promise<void> {
  await pool.query("select make_usage_month(timestamptz '2027-01-01 00:00:00+00')");
  for (let from = 1; from <= events; from += EVENTS_AT_ONCE) {
    const range = [accountId, accounts, from, Math.min(events, from + EVENTS_AT_ONCE - 1)];
    await pool.query(
      `insert into usage_events
       select $1 || '-' || (n % $2::int + 1), n::text, 'macro_minutes', 'macro_minutes', 60, 60, 0, 0, 'mia', null,
         timestamptz '2027-01-01 00:00:00+00' + n % 2600000 * interval '1 second', timestamptz '2027-02-01 00:00:00+00',
         timestamptz '2027-01-01 00:00:00+00'
       from generate_series($3::int, $4::int) n`,
      range,
    );
    await pool.query(
      `insert into usage_event_ids
       select $1 || '-' || (n % $2::int + 1), n::text, null, timestamptz '2027-01-01 00:00:00+00' + n % 2600000 * interval '1 second'
       from generate_series($3::int, $4::int) n`,
      range,
    );
  }
  await pool.query('vacuum analyze usage_events, usage_event_ids, accounts, members');
}
