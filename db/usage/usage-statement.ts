import type pg from 'pg';

import type { EventsDecision, RecordedEvent } from '../../billing/usage/decide-events.ts';
import { Columns } from './columns.ts';
import type { UsageStates } from './usage-accounts.ts';

/** What was decided about one account, and on which of its versions. */
export interface DecidedUsage {
  readonly accountId: string;
  readonly version: number;
  /** Events that were refused, or repeat one of these: the ledger may have them. Of its entries it finds out by itself. */
  readonly askedIds: readonly string[];
  readonly decision: Pick<EventsDecision, 'balances' | 'entries' | 'notices'>;
}

/** The accounts that were not written, because they are not what was decided on; and what is true of them now. */
export interface MissedUsage {
  readonly missed: readonly string[];
  readonly states: UsageStates;
  /** Those of their events that the ledger has. */
  readonly recorded: readonly (RecordedEvent & { readonly accountId: string })[];
  /** Those whose id is that of a hold. */
  readonly held: readonly { readonly accountId: string; readonly eventId: string }[];
}

/** Decisions, ready to be written. */
export type UsageStatement = pg.QueryConfig<(Buffer | boolean)[]>;

/** Writing a thousand rows takes a part of the time that deciding them takes, so it is done before their turn comes. */
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
 * Writes decisions about many accounts in one round trip, each account whole or not at all (the function `record_usage`).
 * Twice: the second time every account is missed, and its events are recorded. In doubt: ask again.
 */
export async function writeUsage(
  connection: pg.Pool | pg.PoolClient,
  statement: UsageStatement,
): Promise<MissedUsage | null> {
  const { rows } = await connection.query<{ missed: MissedUsage | null }>(statement);
  return rows[0]?.missed ?? null;
}

const PARAMETER_COUNT = 42;
const PARAMETERS = Array.from({ length: PARAMETER_COUNT }, (_, index) => `$${String(index + 1)}`);
const STATEMENT = `select record_usage(${PARAMETERS.join(', ')}) as missed`;

function accountColumns(decided: readonly DecidedUsage[]): readonly Buffer[] {
  const columns = new Columns({ account: 'text', version: 'bigint', askedAccount: 'text', askedId: 'text' });
  const { to } = columns;
  for (const { accountId, version, askedIds } of decided) {
    to.account.text(accountId);
    to.version.bigint(version);
    for (const eventId of askedIds) {
      to.askedAccount.text(accountId);
      to.askedId.text(eventId);
    }
  }
  return columns.values;
}

function balanceColumns(decided: readonly DecidedUsage[]): readonly Buffer[] {
  const columns = new Columns({
    ...({ account: 'text', meter: 'text', start: 'timestamptz', end: 'timestamptz' } as const),
    ...({ included: 'bigint', price: 'bigint', per: 'bigint', cap: 'bigint', opens: 'boolean' } as const),
    ...({ wasUsed: 'bigint', wasOverage: 'bigint', wasTrial: 'bigint', wasHeld: 'bigint' } as const),
    ...({ used: 'bigint', overage: 'bigint', trial: 'bigint', held: 'bigint', refusals: 'integer' } as const),
  });
  const { to } = columns;
  for (const { accountId, decision } of decided) {
    for (const { before, after, isOpened, refusals } of decision.balances) {
      to.account.text(accountId);
      to.meter.text(after.meter);
      to.start.timestamptz(after.start);
      to.end.timestamptz(after.end);
      to.included.bigint(after.includedUnits);
      to.price.bigint(after.priceMinor);
      to.per.bigint(after.pricePerUnits);
      to.cap.bigint(after.capMinor);
      to.opens.boolean(isOpened);
      to.wasUsed.bigint(before.usedIncludedUnits);
      to.wasOverage.bigint(before.overageUnits);
      to.wasTrial.bigint(before.trialUnits);
      to.wasHeld.bigint(before.heldUnits);
      to.used.bigint(after.usedIncludedUnits);
      to.overage.bigint(after.overageUnits);
      to.trial.bigint(after.trialUnits);
      to.held.bigint(after.heldUnits);
      to.refusals.integer(refusals);
    }
  }
  return columns.values;
}

function entryColumns(decided: readonly DecidedUsage[]): readonly Buffer[] {
  const columns = new Columns({
    ...({ account: 'text', id: 'text', digest: 'uuid', feature: 'text', meter: 'text' } as const),
    ...({ included: 'bigint', overage: 'bigint', trial: 'bigint', member: 'text', model: 'text' } as const),
    ...({ occurred: 'timestamptz', recorded: 'timestamptz', cycle: 'timestamptz', termsChanges: 'integer' } as const),
  });
  const { to } = columns;
  for (const { accountId, decision } of decided) {
    for (const entry of decision.entries) {
      to.account.text(accountId);
      to.id.text(entry.eventId);
      to.digest.uuid(entry.digest);
      to.feature.text(entry.feature);
      to.meter.text(entry.meter);
      to.included.bigint(entry.includedUnits);
      to.overage.bigint(entry.overageUnits);
      to.trial.bigint(entry.trialUnits);
      to.member.text(entry.memberId);
      to.model.text(entry.model);
      to.occurred.timestamptz(entry.occurredAt);
      to.recorded.timestamptz(entry.recordedAt);
      to.cycle.timestamptz(entry.cycleStart);
      to.termsChanges.integer(entry.termsChanges);
    }
  }
  return columns.values;
}

function noticeColumns(decided: readonly DecidedUsage[]): readonly Buffer[] {
  const columns = new Columns({ account: 'text', at: 'timestamptz', kind: 'text', detail: 'jsonb', key: 'text' });
  const { to } = columns;
  for (const { accountId, decision } of decided) {
    for (const { notice, onceKey } of decision.notices) {
      to.account.text(accountId);
      to.at.timestamptz(notice.at);
      to.kind.text(notice.kind);
      to.detail.jsonb(JSON.stringify(notice.detail));
      to.key.text(onceKey);
    }
  }
  return columns.values;
}
