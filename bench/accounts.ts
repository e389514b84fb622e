import type pg from 'pg';

import type { Perennial } from '../client/perennial.ts';

/** Higher than any run gets: what is measured is charging, not refusing. */
const CAP_CENTS = 9_000_000_000_000;

/** An account of Qodo's Pro Teams, paid from its first day on. */
export async function payingAccount(perennial: Perennial, accountId: string): Promise<string> {
  await perennial.signUp({ accountId, ownerId: `owner of ${accountId}`, catalog: 'qodo' });
  await perennial.addPaymentMethod(accountId, 'pm_card_visa');
  const terms = { plan: 'pro-teams', pack: 'small', capCents: CAP_CENTS, startNow: true } as const;
  await perennial.execute(accountId, { type: 'subscribe', ...terms });
  return accountId;
}

/** An account of CodSpeed's Pro with one member who has a seat. */
export async function seatedAccount(perennial: Perennial, accountId: string, memberId: string): Promise<string> {
  await perennial.signUp({ accountId, ownerId: `owner of ${accountId}`, catalog: 'codspeed' });
  await perennial.addPaymentMethod(accountId, 'pm_card_visa');
  await perennial.execute(accountId, { type: 'subscribe', plan: 'pro', interval: 'month', seats: 5 });
  await perennial.checkAccess(accountId, { kind: 'run', sender: { id: memberId }, visibility: 'private' });
  return accountId;
}

/**
 * Copies of an account, as rows alone: nobody's workflow waits for them, and usage and access need none. Answers their ids. Thousands of
 * signups would measure Temporal.
 */
export async function copyAccount(pool: pg.Pool, accountId: string, count: number): Promise<readonly string[]> {
  for (const table of ['accounts', 'subscriptions', 'seats', 'members']) await copyRows(pool, table, accountId, count);
  await pool.query('analyze accounts, subscriptions, seats, members');
  return Array.from({ length: count }, (_, index) => `${accountId}-${String(index + 1)}`);
}

/** The account's id stands in several columns, and in its head: it is replaced in the row's text. */
async function copyRows(pool: pg.Pool, table: string, accountId: string, count: number): Promise<void> {
  await pool.query(
    `insert into ${table}
     select copy.* from ${table} original, generate_series(1, $2::int) number,
       lateral json_populate_record(null::${table}, replace(row_to_json(original)::text, $1, $1 || '-' || number)::json) copy
     where original.account_id = $1`,
    [accountId, count],
  );
}
