import { type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import type { Database } from '../../db/database.ts';
import { loadPlace } from '../../db/account/load-account.ts';
import { testClockNow } from '../../db/account/test-clocks.ts';

/** The instant it is for an account: on its test clock, or on the wall. @throws Refusal `unknown_account`. */
export async function accountNow(db: Database, accountId: string): Promise<Instant> {
  const place = await loadPlace(db, accountId);
  if (place.testClockId !== null) return testClockNow(db, place.testClockId);
  return instantFromEpochMs(Date.now() + place.clockOffsetSeconds * 1000);
}
