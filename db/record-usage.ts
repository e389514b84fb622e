import { createHash } from 'node:crypto';

import {
  assertTimely,
  assertUsable,
  chargeUsage,
  type PricedUsage,
  usageModeOf,
} from '../billing/account/decide-usage.ts';
import { projectTo } from '../billing/account/project.ts';
import { earliest, type Instant } from '../billing/calendar/instant.ts';
import { assertBudgetOpen, type UsageParts } from '../billing/credits/charge-usage.ts';
import { meterCycleAt, openMeterCycle } from '../billing/credits/meter-cycle.ts';
import type { MeterCycle } from '../billing/facts/facts.ts';
import { Refusal } from '../billing/refusal.ts';
import type { Database, Transaction } from './database.ts';
import { loadAccount, type LoadedAccount, lockAccount, meterCycleFromRow } from './load-account.ts';

/** One event of use. The same id with the same content is the same event, for as long as the account exists (CRE-11). */
export interface UsageEvent {
  readonly eventId: string;
  readonly feature: string;
  readonly memberId: string | null;
  readonly model: string | null;
  readonly occurredAt: Instant;
}

export interface RecordedUsage extends UsageParts {
  readonly meter: string;
  readonly isDuplicate: boolean;
}

type Pricing = (account: LoadedAccount) => PricedUsage;

/**
 * Records one event, or refuses it whole, in one transaction; acknowledged means committed. The balance is decided under its row's
 * lock, so accrued overage never exceeds the cap, whatever happens at once (CRE-6). What is refused leaves nothing but a count.
 * @throws Refusal `spending_cap_reached`, `budget_reached`, `trial_ended`, `idempotency_conflict`, `event_too_old`, …
 */
export async function recordUsage(
  db: Database,
  accountId: string,
  event: UsageEvent,
  price: Pricing,
  now: Instant,
): Promise<RecordedUsage> {
  try {
    return await db.transaction((trx) => recordInTransaction(trx, accountId, event, price, now));
  } catch (error) {
    if (error instanceof Refusal) await countRefusal(db, accountId, earliest(event.occurredAt, now), error);
    throw error;
  }
}

async function recordInTransaction(
  trx: Transaction,
  accountId: string,
  event: UsageEvent,
  price: Pricing,
  now: Instant,
): Promise<RecordedUsage> {
  // Shared: commands and boundaries wait for us and we for them, so an event is in the sum that closes a cycle, or late; never neither.
  const loaded = await loadAccount(trx, accountId, 'shared');
  const priced = price(loaded);
  const repeated = await findEvent(trx, accountId, event, priced);
  if (repeated !== null) return repeated;
  assertTimely(event.occurredAt, loaded.facts.account.signedUpAt, now);
  const facts = projectTo(loaded.facts, loaded.catalog, now);
  assertUsable(facts, loaded.catalog, priced, now);
  // A sender's clock may run ahead (CRE-12): the cycle that is to come has not begun, and its terms are not known.
  const balanceAt = earliest(event.occurredAt, now);
  const opened = openMeterCycle(facts, loaded.catalog, priced.meter, balanceAt);
  await openCycle(trx, accountId, opened, balanceAt);
  const cycle = await lockCycle(trx, accountId, priced.meter, balanceAt);
  if (cycle === null) throw new Error(`no cycle of ${priced.meter} holds ${balanceAt}`);
  // Another process may have recorded the very same event while we waited for the balance.
  const raced = await findEvent(trx, accountId, event, priced);
  if (raced !== null) return raced;
  const charged = chargeUsage(facts, loaded.catalog, priced, cycle, now);
  await saveBalance(trx, accountId, charged.cycle);
  await insertEvent(trx, accountId, event, priced, charged.parts, { now, cycleStart: cycle.start });
  return { ...charged.parts, meter: priced.meter, isDuplicate: false };
}

async function lockCycle(trx: Transaction, accountId: string, meter: string, at: Instant): Promise<MeterCycle | null> {
  const rows = await trx('meterCycles')
    .where({ accountId, meter })
    .where('cycleStart', '<=', at)
    .where('cycleEnd', '>', at)
    .orderBy('cycleStart', 'desc')
    .limit(1)
    .forUpdate();
  return rows[0] === undefined ? null : meterCycleFromRow(rows[0]);
}

/** The first event of a cycle opens its balance; whoever comes second finds it (design.md: no worker is needed). */
async function openCycle(trx: Transaction, accountId: string, cycle: MeterCycle, at: Instant): Promise<void> {
  const existing = await trx('meterCycles')
    .where({ accountId, meter: cycle.meter })
    .where('cycleStart', '<=', at)
    .where('cycleEnd', '>', at)
    .first('meter');
  if (existing !== undefined) return;
  const { start, end, ...balance } = cycle;
  const row = { accountId, ...balance, cycleStart: start, cycleEnd: end };
  await trx('meterCycles').insert(row).onConflict(['accountId', 'meter', 'cycleStart']).merge(['cycleEnd']);
}

async function saveBalance(trx: Transaction, accountId: string, cycle: MeterCycle): Promise<void> {
  const { usedIncludedUnits, overageUnits, trialUnits } = cycle;
  await trx('meterCycles')
    .where({ accountId, meter: cycle.meter, cycleStart: cycle.start })
    .update({ usedIncludedUnits, overageUnits, trialUnits });
}

function digestOf(event: UsageEvent, priced: PricedUsage): string {
  const { feature, memberId, model } = event;
  return createHash('sha256')
    .update(JSON.stringify([feature, priced.meter, priced.units, memberId, model]))
    .digest('hex');
}

interface EventRow extends UsageParts {
  readonly meter: string;
  readonly digest: string;
}

async function findEvent(
  trx: Transaction,
  accountId: string,
  event: UsageEvent,
  priced: PricedUsage,
): Promise<RecordedUsage | null> {
  const columns = ['meter', 'digest', 'includedUnits', 'overageUnits', 'trialUnits'];
  const rows = await trx('usageEvents').where({ accountId, eventId: event.eventId }).select<EventRow[]>(columns);
  const row = rows[0];
  if (row === undefined) return null;
  if (row.digest !== digestOf(event, priced)) {
    throw new Refusal({
      code: 'idempotency_conflict',
      message: `The event id "${event.eventId}" was used for another event before.`,
      field: 'id',
    });
  }
  const { meter, includedUnits, overageUnits, trialUnits } = row;
  return { meter, includedUnits, overageUnits, trialUnits, isDuplicate: true };
}

async function insertEvent(
  trx: Transaction,
  accountId: string,
  event: UsageEvent,
  priced: PricedUsage,
  parts: UsageParts,
  at: { now: Instant; cycleStart: Instant },
): Promise<void> {
  await trx('usageEvents').insert({
    accountId,
    ...event,
    ...priced,
    ...parts,
    digest: digestOf(event, priced),
    recordedAt: at.now,
    cycleStart: at.cycleStart,
  });
}

/** CRE-6: a refusal leaves no trace but its count, for the customer who asks what was turned away. */
async function countRefusal(db: Database, accountId: string, occurredAt: Instant, refusal: Refusal): Promise<void> {
  if (refusal.code !== 'spending_cap_reached' && refusal.code !== 'budget_reached') return;
  await db.transaction(async (trx) => {
    // Shared, like every writer of balances: a boundary must not put back the count that it read before.
    await lockAccount(trx, accountId, 'shared');
    await trx('meterCycles')
      .where({ accountId })
      .where('cycleStart', '<=', occurredAt)
      .where('cycleEnd', '>', occurredAt)
      .whereNull('closedAt')
      .increment('refusals', 1);
  });
}

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
    if (error instanceof Refusal) await countRefusal(db, accountId, now, error);
    throw error;
  }
}
