import type pg from 'pg';

import type { EventsDecision, RecordedEvent } from '../billing/account/decide-events.ts';
import { Columns } from './columns.ts';
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

/** Decisions, ready to be written. */
export type UsageStatement = pg.QueryConfig<(string | boolean)[]>;

/** Writing a thousand rows as text takes as long as deciding them, so it is done before their turn comes. */
export function usageStatement(decided: readonly DecidedUsage[], waits: boolean): UsageStatement {
  return {
    name: 'record_usage',
    text: STATEMENT,
    values: [
      waits,
      ...accountColumns(decided),
      ...balanceColumns(decided),
      ...entryColumns(decided),
      ...noticeColumns(decided),
    ],
  };
}

/**
 * Writes decisions about many accounts in one round trip, each account whole or not at all (migration 0004, `record_usage`).
 * Twice: the second time every account is missed, and its events are recorded. In doubt: ask again.
 */
export async function writeUsage(
  connection: pg.Pool | pg.PoolClient,
  statement: UsageStatement,
): Promise<MissedUsage | null> {
  const { rows } = await connection.query<{ missed: MissedUsage | null }>(statement);
  return rows[0]?.missed ?? null;
}

const PARAMETER_COUNT = 41;
const PARAMETERS = Array.from({ length: PARAMETER_COUNT }, (_, index) => `$${String(index + 1)}`);
const STATEMENT = `select record_usage(${PARAMETERS.join(', ')}) as missed`;

function accountColumns(decided: readonly DecidedUsage[]): readonly string[] {
  const columns = new Columns('account', 'version', 'askedAccount', 'askedId');
  for (const { accountId, version, eventIds } of decided) {
    columns.text('account', accountId);
    columns.plain('version', version);
    for (const eventId of eventIds) {
      columns.text('askedAccount', accountId);
      columns.text('askedId', eventId);
    }
  }
  return columns.values;
}

function balanceColumns(decided: readonly DecidedUsage[]): readonly string[] {
  const columns = new Columns(
    ...(['account', 'meter', 'start', 'end', 'included', 'price', 'per', 'cap', 'opens'] as const),
    ...(['wasUsed', 'wasOverage', 'wasTrial', 'wasHeld', 'used', 'overage', 'trial', 'held', 'refusals'] as const),
  );
  for (const { accountId, decision } of decided) {
    for (const { before, after, isOpened, refusals } of decision.balances) {
      columns.text('account', accountId);
      columns.text('meter', after.meter);
      columns.plain('start', after.start);
      columns.plain('end', after.end);
      columns.plain('included', after.includedUnits);
      columns.plain('price', after.priceMinor);
      columns.plain('per', after.pricePerUnits);
      columns.plain('cap', after.capMinor);
      columns.plain('opens', isOpened ? 't' : 'f');
      columns.plain('wasUsed', before.usedIncludedUnits);
      columns.plain('wasOverage', before.overageUnits);
      columns.plain('wasTrial', before.trialUnits);
      columns.plain('wasHeld', before.heldUnits);
      columns.plain('used', after.usedIncludedUnits);
      columns.plain('overage', after.overageUnits);
      columns.plain('trial', after.trialUnits);
      columns.plain('held', after.heldUnits);
      columns.plain('refusals', refusals);
    }
  }
  return columns.values;
}

function entryColumns(decided: readonly DecidedUsage[]): readonly string[] {
  const columns = new Columns(
    ...(['account', 'id', 'digest', 'feature', 'meter', 'included', 'overage', 'trial'] as const),
    ...(['member', 'model', 'occurred', 'recorded', 'cycle'] as const),
  );
  for (const { accountId, decision } of decided) {
    for (const entry of decision.entries) {
      columns.text('account', accountId);
      columns.text('id', entry.eventId);
      columns.plain('digest', entry.digest);
      columns.text('feature', entry.feature);
      columns.text('meter', entry.meter);
      columns.plain('included', entry.includedUnits);
      columns.plain('overage', entry.overageUnits);
      columns.plain('trial', entry.trialUnits);
      columns.text('member', entry.memberId);
      columns.text('model', entry.model);
      columns.plain('occurred', entry.occurredAt);
      columns.plain('recorded', entry.recordedAt);
      columns.plain('cycle', entry.cycleStart);
    }
  }
  return columns.values;
}

function noticeColumns(decided: readonly DecidedUsage[]): readonly string[] {
  const columns = new Columns('account', 'at', 'kind', 'detail', 'key');
  for (const { accountId, decision } of decided) {
    for (const { notice, onceKey } of decision.notices) {
      columns.text('account', accountId);
      columns.plain('at', notice.at);
      columns.text('kind', notice.kind);
      columns.text('detail', JSON.stringify(notice.detail));
      columns.text('key', onceKey);
    }
  }
  return columns.values;
}
