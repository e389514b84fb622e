import { compareUse } from '../billing/reconciliation/compare-use.ts';
import { openDatabase, readConsistently } from '../db/database.ts';
import { sumUse } from '../db/usage/sums-of-use.ts';
import type { Comparison } from './compare.ts';
import type { Ground } from './ground.ts';
import { load, type Target } from './http-load.ts';
import { copyRows, insertRows, updateOneRow } from './usage-baselines.ts';

const BATCH = 500;
const BATCHES = 240;
const SENDERS = 4;
const CLIENTS = 64;
const SINGLE_EVENTS = 20_000;
const UPDATE_MS = 4_000;

/** Sends events whose ids nobody has sent, and remembers how many: what was acknowledged is counted afterwards. */
export class EventSource {
  readonly #run = process.hrtime.bigint().toString(36);
  sent = 0;

  next(account: string): object {
    this.sent += 1;
    return {
      id: `${this.#run}-${String(this.sent)}`,
      account,
      feature: 'review',
      credits: 1,
      member: 'mia',
      model: 'sonnet',
    };
  }
}

export function usageComparisons(
  { pool, stack }: Ground,
  api: Target,
  accounts: readonly string[],
  events: EventSource,
): readonly Comparison[] {
  const [hot = ''] = accounts;
  const few = accounts.slice(0, 50);
  const batch = (): string =>
    JSON.stringify({ events: Array.from({ length: BATCH }, (_, index) => events.next(few[index % few.length] ?? '')) });
  const batches = {
    name: 'batches of 500 over HTTP',
    run: async () => {
      const bodies = Array.from({ length: BATCHES }, batch);
      return (await load(api, { path: '/v1/usage', bodies, connections: SENDERS })).perSecond * BATCH;
    },
  };
  const single = (name: string, account: () => string): Comparison['ours'] => ({
    name,
    run: async () => {
      const bodies = Array.from({ length: SINGLE_EVENTS }, () => JSON.stringify({ events: [events.next(account())] }));
      return (await load(api, { path: '/v1/usage', bodies, connections: CLIENTS })).perSecond;
    },
  });
  const onHot = single('single events, 64 clients, one hot account', () => hot);
  let turn = 0;
  const spread = single('single events, 64 clients, 1,000 accounts', () => accounts[turn++ % accounts.length] ?? '');
  const rows = BATCH * BATCHES;
  return [
    {
      name: 'events in batches of 500 over HTTP ÷ `COPY` into a table with the same indexes',
      unit: 'events/s',
      ours: batches,
      baseline: { name: 'COPY', run: () => copyRows(pool, few, rows) },
      atLeast: 0.25,
    },
    {
      name: 'the same ÷ a bare `INSERT … unnest … ON CONFLICT`',
      unit: 'events/s',
      ours: batches,
      baseline: {
        name: 'INSERT',
        run: () => insertRows(pool, few, { batches: BATCHES, size: BATCH, atOnce: SENDERS }),
      },
      atLeast: 0.5,
    },
    {
      name: 'single events over HTTP, 64 clients, one hot account ÷ 64 connections updating one row',
      unit: 'events/s',
      ours: onHot,
      baseline: { name: 'UPDATE', run: () => updateOneRow(stack.databaseUrl, CLIENTS, UPDATE_MS) },
      atLeast: 4,
    },
    {
      name: 'one hot account ÷ events spread over 1,000 accounts',
      unit: 'events/s',
      ours: onHot,
      baseline: spread,
      atLeast: 0.7,
    },
  ];
}

/** Counts what the ledger has against what was acknowledged, and compares the books (AUD-3). Empty when nothing is wrong. */
export async function countUsage({ pool, stack }: Ground, { sent }: EventSource): Promise<readonly string[]> {
  const problems: string[] = [];
  const db = openDatabase(stack.databaseUrl, 1);
  try {
    const accounts = await readConsistently(db, (snapshot) => sumUse(snapshot, null));
    const events = [...accounts.values()].reduce((sum, account) => sum + account.events.inLedger, 0);
    if (events < sent) problems.push(`${String(sent - events)} events were lost`);
    if (events > sent) problems.push(`${String(events - sent)} events too many`);
    for (const [accountId, books] of accounts)
      problems.push(...compareUse(books).map(({ sentence }) => `${accountId}: ${sentence}`));
  } finally {
    await db.destroy();
  }
  // Nobody lowers a cap here, so what has accrued is within it (CRE-6).
  const { rows } = await pool.query<{ over: string }>(`
    select count(*) as over from meter_cycles
    where cap_minor is not null and price_minor is not null and overage_units * price_minor > cap_minor * price_per_units`);
  if (rows[0]?.over !== '0') problems.push(`${String(rows[0]?.over)} balances are over their cap`);
  return problems;
}
