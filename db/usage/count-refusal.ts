import type { MeterCycle } from '../../billing/model/facts.ts';
import type { Database } from '../database.ts';
import { lockAccount } from '../account/load-account.ts';

/** CRE-6: a refusal leaves no trace but its count, for the customer who asks what was turned away. */
export async function countRefusal(
  db: Database,
  accountId: string,
  { meter, start }: Pick<MeterCycle, 'meter' | 'start'>,
): Promise<void> {
  await db.transaction(async (trx) => {
    // Shared, like every writer of balances: a boundary must not put back the count that it read before.
    await lockAccount(trx, accountId, 'shared');
    await trx('meterCycles').where({ accountId, meter, cycleStart: start }).increment('refusals', 1);
  });
}
