import type pg from 'pg';

import type { EventsDecision, LedgerEntry, RecordedEvent } from '../billing/account/decide-events.ts';
import type { BalanceChange } from '../billing/account/balance-sheet.ts';
import type { ShareNotice } from '../billing/credits/share-notices.ts';
import type { UsageStates } from './usage-accounts.ts';

/** What was decided about one account, and on which of its versions. */
export interface DecidedUsage {
  readonly accountId: string;
  readonly version: number;
  /** Every event that was decided about, also those that were refused: it may be in the ledger. */
  readonly eventIds: readonly string[];
  readonly decision: Pick<EventsDecision, 'balances' | 'entries' | 'notices'>;
}

/** The accounts that were not written, because they are not what was decided on; and what is true of them now. */
export interface MissedUsage {
  readonly missed: readonly string[];
  readonly states: UsageStates;
  /** Those of their events that the ledger has. */
  readonly recorded: readonly (RecordedEvent & { readonly accountId: string })[];
}

/**
 * Writes decisions about many accounts in one round trip, each account whole or not at all (migration 0004, `record_usage`).
 * Twice: the second time every account is missed, and its events are recorded. In doubt: ask again.
 */
export async function writeUsage(
  connection: pg.Pool | pg.PoolClient,
  decided: readonly DecidedUsage[],
  waits: boolean,
): Promise<MissedUsage | null> {
  const { rows } = await connection.query<{ missed: MissedUsage | null }>({
    name: 'record_usage',
    text: STATEMENT,
    values: [
      waits,
      ...accountColumns(decided),
      ...balanceColumns(decided),
      ...entryColumns(decided),
      ...noticeColumns(decided),
    ],
  });
  return rows[0]?.missed ?? null;
}

const PARAMETER_COUNT = 41;
const STATEMENT = `select record_usage(${Array.from({ length: PARAMETER_COUNT }, (_, index) => `$${String(index + 1)}`).join(', ')}) as missed`;

function accountColumns(decided: readonly DecidedUsage[]): readonly string[] {
  const asked = decided.flatMap(({ accountId, eventIds }) => eventIds.map((eventId) => ({ accountId, eventId })));
  return [
    texts(decided, (each) => each.accountId),
    numbers(decided, (each) => each.version),
    texts(asked, (each) => each.accountId),
    texts(asked, (each) => each.eventId),
  ];
}

function balanceColumns(decided: readonly DecidedUsage[]): readonly string[] {
  const changes = decided.flatMap(({ accountId, decision }) =>
    decision.balances.map((change): BalanceChange & { accountId: string } => ({ accountId, ...change })),
  );
  return [
    texts(changes, (each) => each.accountId),
    texts(changes, (each) => each.after.meter),
    plain(changes, (each) => each.after.start),
    plain(changes, (each) => each.after.end),
    numbers(changes, (each) => each.after.includedUnits),
    numbers(changes, (each) => each.after.priceMinor),
    numbers(changes, (each) => each.after.pricePerUnits),
    numbers(changes, (each) => each.after.capMinor),
    plain(changes, (each) => (each.isOpened ? 't' : 'f')),
    ...[(each: BalanceChange) => each.before, (each: BalanceChange) => each.after].flatMap((side) => [
      numbers(changes, (each) => side(each).usedIncludedUnits),
      numbers(changes, (each) => side(each).overageUnits),
      numbers(changes, (each) => side(each).trialUnits),
      numbers(changes, (each) => side(each).heldUnits),
    ]),
    numbers(changes, (each) => each.refusals),
  ];
}

function entryColumns(decided: readonly DecidedUsage[]): readonly string[] {
  const entries = decided.flatMap(({ accountId, decision }) =>
    decision.entries.map((entry): LedgerEntry & { accountId: string } => ({ accountId, ...entry })),
  );
  return [
    texts(entries, (each) => each.accountId),
    texts(entries, (each) => each.eventId),
    plain(entries, (each) => each.digest ?? 'NULL'),
    texts(entries, (each) => each.feature),
    texts(entries, (each) => each.meter),
    numbers(entries, (each) => each.includedUnits),
    numbers(entries, (each) => each.overageUnits),
    numbers(entries, (each) => each.trialUnits),
    texts(entries, (each) => each.memberId),
    texts(entries, (each) => each.model),
    plain(entries, (each) => each.occurredAt),
    plain(entries, (each) => each.recordedAt),
    plain(entries, (each) => each.cycleStart),
  ];
}

function noticeColumns(decided: readonly DecidedUsage[]): readonly string[] {
  const notices = decided.flatMap(({ accountId, decision }) =>
    decision.notices.map((notice): ShareNotice & { accountId: string } => ({ accountId, ...notice })),
  );
  return [
    texts(notices, (each) => each.accountId),
    plain(notices, (each) => each.notice.at),
    texts(notices, (each) => each.notice.kind),
    texts(notices, (each) => JSON.stringify(each.notice.detail)),
    texts(notices, (each) => each.onceKey),
  ];
}

/** Arrays as Postgres reads them, written here because the driver's way looks at every element as if it could be anything. */

function plain<Row>(rows: readonly Row[], read: (row: Row) => string): string {
  let list = '';
  for (const row of rows) list += list === '' ? read(row) : `,${read(row)}`;
  return `{${list}}`;
}

function numbers<Row>(rows: readonly Row[], read: (row: Row) => number | null): string {
  return plain(rows, (row) => String(read(row) ?? 'NULL'));
}

function texts<Row>(rows: readonly Row[], read: (row: Row) => string | null): string {
  return plain(rows, (row) => {
    const text = read(row);
    return text === null ? 'NULL' : `"${text.replace(/[\\"]/g, '\\$&')}"`;
  });
}
