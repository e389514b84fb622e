import { assertUsable, usageModeOf } from '../billing/account/decide-usage.ts';
import { projectTo } from '../billing/account/project.ts';
import type { Instant } from '../billing/calendar/instant.ts';
import { assertBudgetOpen } from '../billing/credits/charge-usage.ts';
import { meterCycleAt, openMeterCycle } from '../billing/credits/meter-cycle.ts';
import type { MeterCycle } from '../billing/facts/facts.ts';
import { Refusal } from '../billing/refusal.ts';
import type { Database } from './database.ts';
import { loadAccount, lockAccount } from './load-account.ts';

/**
 * Whether metered work may begin now (BUD-2), without recording anything.
 * @throws Refusal `budget_reached`, or why the account may use nothing at all; a budget's refusal is counted.
 */
export async function assertMeterOpen(db: Database, accountId: string, meter: string, now: Instant): Promise<void> {
  const loaded = await loadAccount(db, accountId);
  const facts = projectTo(loaded.facts, loaded.catalog, now);
  assertUsable(facts, loaded.catalog, { meter }, now);
  const cycle = meterCycleAt(facts, meter, now) ?? openMeterCycle(facts, loaded.catalog, meter, now);
  try {
    assertBudgetOpen(cycle, usageModeOf(facts, now));
  } catch (error) {
    if (error instanceof Refusal && error.code === 'budget_reached') await countRefusal(db, accountId, cycle);
    throw error;
  }
}

/** CRE-6: a refusal leaves no trace but its count, for the customer who asks what was turned away. */
async function countRefusal(db: Database, accountId: string, { meter, start }: MeterCycle): Promise<void> {
  await db.transaction(async (trx) => {
    // Shared, like every writer of balances: a boundary must not put back the count that it read before.
    await lockAccount(trx, accountId, 'shared');
    await trx('meterCycles').where({ accountId, meter, cycleStart: start }).increment('refusals', 1);
  });
}
