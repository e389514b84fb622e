import type { Instant } from '../../billing/calendar/instant.ts';
import type { Database } from '../database.ts';
import { loadPlace } from './load-account.ts';
import { testClockNow } from './test-clocks.ts';

/** Where the time of an account comes from, and how far its test clock has been moved: all that a run of its workflow needs to be told. */
export type ClockOfAccount =
  | { readonly kind: 'real'; readonly offsetSeconds: number }
  | { readonly kind: 'test'; readonly testClockId: string; readonly now: Instant };

/** Null where the account is closed: nothing has to run for it. @throws Refusal `unknown_account`. */
export async function clockOfOpenAccount(db: Database, accountId: string): Promise<ClockOfAccount | null> {
  const { closedAt, ...place } = await loadPlace(db, accountId);
  return closedAt === null ? clockAt(db, place) : null;
}

export async function clockAt(
  db: Database,
  { testClockId, clockOffsetSeconds }: { readonly testClockId: string | null; readonly clockOffsetSeconds: number },
): Promise<ClockOfAccount> {
  if (testClockId === null) return { kind: 'real', offsetSeconds: clockOffsetSeconds };
  return { kind: 'test', testClockId, now: await testClockNow(db, testClockId) };
}
