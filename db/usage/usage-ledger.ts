import type { LedgerEntry } from '../../billing/usage/decide-events.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { MeterCycle } from '../../billing/model/facts.ts';
import type { Database, Transaction } from '../database.ts';

/** An entry that is no event of its own: a reversal takes the place of the event that it gives back, under a name of its own (`usage_reversals`). */
type Entry = Omit<LedgerEntry, 'digest'>;

const CANCEL = '\u0018';

/** Partitions of the ledger are made before the transaction that writes to them: others write meanwhile. */
export async function makeUsageMonth(db: Database, at: Instant): Promise<void> {
  await db.raw('select make_usage_month(?)', [`${at.slice(0, 7)}-01T00:00:00Z`]);
}

/** Adds an entry to the ledger, and to its day, as `record_usage` does. The caller holds its account and its balance. */
export async function addToLedger(trx: Transaction, accountId: string, entry: Entry, digest: string): Promise<void> {
  const { eventId, occurredAt } = entry;
  await trx('usageEventIds').insert({ accountId, eventId, digest, occurredAt });
  await addRow(trx, accountId, entry, 1);
}

/** CRE-14: the same event once more, negative; its day and its cycle are as if it had not been. */
export async function takeFromLedger(trx: Transaction, accountId: string, entry: Entry): Promise<void> {
  await addRow(trx, accountId, { ...entry, eventId: `${CANCEL}${entry.eventId}` }, -1);
}

async function addRow(trx: Transaction, accountId: string, entry: Entry, events: 1 | -1): Promise<void> {
  await trx('usageEvents').insert({ accountId, ...entry });
  const { meter, feature, memberId, model, cycleStart, includedUnits, overageUnits, trialUnits, occurredAt } = entry;
  const day = { accountId, day: occurredAt.slice(0, 10), meter, feature, memberId: memberId ?? '', model: model ?? '' };
  await trx('usageDays')
    .insert({ ...day, cycleStart, events, includedUnits, overageUnits, trialUnits })
    .onConflict(['accountId', 'day', 'meter', 'feature', 'memberId', 'model', 'cycleStart'])
    .merge({
      events: trx.raw('usage_days.events + excluded.events'),
      includedUnits: trx.raw('usage_days.included_units + excluded.included_units'),
      overageUnits: trx.raw('usage_days.overage_units + excluded.overage_units'),
      trialUnits: trx.raw('usage_days.trial_units + excluded.trial_units'),
    });
}

/** An event as it was taken; null where the ledger has none. */
export async function findInLedger(
  db: Database | Transaction,
  accountId: string,
  eventId: string,
): Promise<Entry | null> {
  const known = await db('usageEventIds').where({ accountId, eventId }).first<{ occurredAt: Instant } | undefined>();
  if (known === undefined) return null;
  const columns = ['eventId', 'feature', 'meter', 'units', 'includedUnits', 'overageUnits', 'trialUnits', 'memberId'];
  const row = await db('usageEvents')
    .where({ accountId, occurredAt: known.occurredAt, eventId })
    .first<Entry | undefined>([...columns, 'model', 'occurredAt', 'recordedAt', 'cycleStart', 'termsChanges']);
  return row ?? null;
}

/** What use changes of a balance whose row the caller holds: four numbers, and what a reversal leaves of its overage. */
export async function saveBalance(trx: Transaction, accountId: string, cycle: MeterCycle): Promise<void> {
  const { meter, start, end, usedIncludedUnits, overageUnits, trialUnits, heldUnits, bill } = cycle;
  await trx('meterCycles')
    .where({ accountId, meter, cycleStart: start })
    .update({ cycleEnd: end, usedIncludedUnits, overageUnits, trialUnits, heldUnits, bill: JSON.stringify(bill) });
}
