import type { CycleOfUse, EventCounts, UseSums } from '../../billing/reconciliation/books.ts';
import type { Database, Transaction } from '../database.ts';
import { meterCycleFromRow } from '../account/account-statement.ts';
import type { MeterCycleRow } from '../tables.ts';

/** Use as three tables have it, by account: what a reconciliation compares (AUD-3). Accounts without use or balance are absent. */
export type UseOfAccounts = ReadonlyMap<string, { readonly use: readonly CycleOfUse[]; readonly events: EventCounts }>;

interface LedgerRow extends UseSums {
  readonly accountId: string;
  readonly meter: string;
  readonly cycleStart: CycleOfUse['start'];
  readonly units: number;
}
type DayRow = Omit<LedgerRow, 'units'>;

const NOTHING: UseSums = { events: 0, includedUnits: 0, overageUnits: 0, trialUnits: 0 };
const NO_EVENTS: EventCounts = { known: 0, inLedger: 0, different: 0 };

/** Of one account, or of all. Inside a snapshot, or the sums are of different instants. */
export async function sumUse(db: Database | Transaction, accountId: string | null): Promise<UseOfAccounts> {
  const of = accountId === null ? {} : { accountId };
  const parts = ['included_units', 'overage_units', 'trial_units'].map((part) => `sum(${part})::bigint as ${part}`);
  const grouped = ['accountId', 'meter', 'cycleStart'];
  const sums = (events: string) => db.raw(`${grouped.map(snake).join(', ')}, ${events} as events, ${parts.join(', ')}`);
  // What was given back stands in the ledger a second time, negative, and in its day as if it had not been (CRE-14).
  const ledger = await db('usageEvents')
    .where(of)
    .groupBy(grouped)
    .select<LedgerRow[]>(sums('sum(sign(units))::bigint'), db.raw('sum(units)::bigint as units'));
  const days = await db('usageDays').where(of).groupBy(grouped).select<DayRow[]>(sums('sum(events)::bigint'));
  const balances = await db('meterCycles').where(of);
  return gather({ ledger, days, balances }, await countEvents(db, accountId));
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

async function countEvents(
  db: Database | Transaction,
  accountId: string | null,
): Promise<ReadonlyMap<string, EventCounts>> {
  const of = accountId === null ? {} : { accountId };
  type Counted = Partial<EventCounts> & { readonly accountId: string };
  const known = await db('usageEventIds')
    .where(of)
    .groupBy('accountId')
    .select<Counted[]>('accountId', db.raw('count(*) as known'));
  const inLedger = await db('usageEvents')
    .where(of)
    .where('units', '>', 0)
    .groupBy('accountId')
    .select<Counted[]>('accountId', db.raw('count(*) as in_ledger, count(distinct event_id) as different'));
  const counts = new Map<string, EventCounts>();
  for (const { accountId: id, ...some } of [...known, ...inLedger])
    counts.set(id, { ...NO_EVENTS, ...counts.get(id), ...some });
  return counts;
}

function gather(
  {
    ledger,
    days,
    balances,
  }: {
    readonly ledger: readonly LedgerRow[];
    readonly days: readonly DayRow[];
    readonly balances: readonly MeterCycleRow[];
  },
  counts: ReadonlyMap<string, EventCounts>,
): UseOfAccounts {
  const cycles = new Map<string, CycleOfUse & { readonly accountId: string }>();
  const add = (row: Omit<DayRow, keyof UseSums>, found: Partial<CycleOfUse>): void => {
    const { accountId, meter, cycleStart: start } = row;
    const key = JSON.stringify([accountId, meter, start]);
    const nothing = { accountId, meter, start, balance: null, ledger: { ...NOTHING, units: 0 }, days: NOTHING };
    cycles.set(key, { ...nothing, ...cycles.get(key), ...found });
  };
  for (const row of ledger) add(row, { ledger: { ...sumsOf(row), units: row.units } });
  for (const row of days) add(row, { days: sumsOf(row) });
  for (const row of balances) add(row, { balance: meterCycleFromRow(row) });
  const accounts = new Map([...counts].map(([id, events]) => [id, { use: [] as CycleOfUse[], events }]));
  for (const { accountId, ...cycle } of cycles.values()) {
    const account = accounts.get(accountId) ?? { use: [], events: NO_EVENTS };
    account.use.push(cycle);
    accounts.set(accountId, account);
  }
  return accounts;
}

function sumsOf({ events, includedUnits, overageUnits, trialUnits }: UseSums): UseSums {
  return { events, includedUnits, overageUnits, trialUnits };
}
