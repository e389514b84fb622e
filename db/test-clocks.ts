import { Refusal } from '../billing/refusal.ts';
import type { Instant } from '../billing/calendar/instant.ts';
import type { Database } from './database.ts';

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
      message: `There is a test clock "${clockId}" already.`,
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
    message: `${to} is before the clock, which shows ${now}.`,
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
