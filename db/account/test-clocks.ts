import { Refusal } from '../../billing/refusal.ts';
import { formatInstant, type Instant } from '../../billing/calendar/instant.ts';
import type { Cut } from './account-pages.ts';
import type { Database } from '../database.ts';

/** Makes a clock that stands still at an instant. @throws Refusal `invalid_request` when the id is taken by another instant's clock. */
export async function createTestClock(db: Database, clockId: string, nowAt: Instant): Promise<void> {
  const made = (await db('testClocks')
    .insert({ clockId, nowAt })
    .onConflict('clockId')
    .ignore()
    .returning('clockId')) as unknown[];
  if (made.length === 0 && (await testClockNow(db, clockId)) !== nowAt) {
    throw new Refusal({
      code: 'invalid_request',
      message: `The test clock "${clockId}" already exists.`,
      field: 'clockId',
    });
  }
}

export async function testClockNow(db: Database, clockId: string): Promise<Instant> {
  const row = await db('testClocks').where({ clockId }).first<{ nowAt: Instant } | undefined>('nowAt');
  if (row === undefined) {
    throw new Refusal({
      code: 'unknown_test_clock',
      message: `There is no test clock "${clockId}".`,
      field: 'clockId',
    });
  }
  return row.nowAt;
}

/** Moves a clock forward, never back. @throws Refusal `date_before_clock`. */
export async function moveTestClock(db: Database, clockId: string, to: Instant): Promise<void> {
  const moved = await db('testClocks').where({ clockId }).where('nowAt', '<=', to).update({ nowAt: to });
  if (moved === 1) return;
  const now = await testClockNow(db, clockId);
  throw new Refusal({
    code: 'date_before_clock',
    message: `${formatInstant(to)} is before the time of the clock, ${formatInstant(now)}.`,
    field: 'to',
  });
}

export async function accountsOnClock(db: Database, testClockId: string): Promise<readonly string[]> {
  const rows = await db('accounts').where({ testClockId }).orderBy('accountId').select<
    {
      accountId: string;
    }[]
  >('accountId');
  return rows.map((row) => row.accountId);
}

export interface TestClockRow {
  readonly clockId: string;
  readonly now: Instant;
  readonly accountIds: readonly string[];
}

/** By id, in the order of its bytes. */
export async function testClockPage(
  db: Database,
  { after, count }: Cut<readonly [string]>,
): Promise<readonly TestClockRow[]> {
  const ids = db.raw(
    `(select coalesce(json_agg(account_id order by account_id collate "C"), '[]') from accounts a
      where a.test_clock_id = test_clocks.clock_id) as account_ids`,
  );
  const query = db('testClocks')
    .orderByRaw('clock_id collate "C"')
    .limit(count)
    .select<TestClockRow[]>('clockId', 'nowAt as now', ids);
  if (after !== null) void query.whereRaw('clock_id collate "C" > ?', [after[0]]);
  return query;
}
