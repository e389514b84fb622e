import { addSeconds, type Instant } from '../../billing/calendar/instant.ts';
import type { Database } from '../database.ts';
import type { UsedSignInCodeRow } from '../tables.ts';

/** By so much the clocks of two processes may differ: none forgets a code that another still takes for live. */
const FORGOTTEN_AFTER_SECONDS = 3600;

/** True for one of all who bring a code. Those that have ended are forgotten: nobody gets in with them. */
export async function spendSignInCode(db: Database, code: UsedSignInCodeRow, now: Instant): Promise<boolean> {
  await db('usedSignInCodes').where('endsAt', '<', addSeconds(now, -FORGOTTEN_AFTER_SECONDS)).delete();
  const spent = (await db('usedSignInCodes')
    .insert(code)
    .onConflict('codeId')
    .ignore()
    .returning('codeId')) as unknown[];
  return spent.length === 1;
}
