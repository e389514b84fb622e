import type pg from 'pg';

import type { KnownMember } from '../../billing/seats/decide-access.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { Facts, MeterCycle } from '../../billing/model/facts.ts';
import { openPool } from '../database.ts';
import { Gathering } from '../gathering.ts';
import type { AccountHead, AccountPlace } from '../tables.ts';

/** What is known where somebody asks for access: enough to decide, whatever the account's size. */
export interface AccessRow
  extends Pick<AccountHead, 'nextDueAt' | 'head'>, Pick<AccountPlace, 'testClockId' | 'clockOffsetSeconds'> {
  /** The member who was asked for, as long as there is one. */
  readonly member: KnownMember | null;
  /** Every balance that is not closed; none unless they were asked for. */
  readonly meterCycles: readonly MeterCycle[];
}

interface AccessQuery {
  readonly accountId: string;
  readonly memberId: string | null;
}

/** Prepared once per connection, under its name. */
interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Not where a test clock stands: looking for one costs every account half as much again. */
const COLUMNS = `a.next_due_at, a.head, a.test_clock_id, a.clock_offset_seconds, m.login, m.state, m.reason`;
const BALANCE_COLUMNS = `c.meter, c.cycle_start, c.cycle_end, c.included_units, c.used_included_units, c.overage_units, c.trial_units,
  c.held_units, c.price_minor, c.price_per_units, c.cap_minor, c.billed_overage_units, c.bill, c.closed_at, c.refusals`;
const BALANCES = `left join meter_cycles c on c.account_id = a.account_id and c.closed_at is null`;

/** `$1`: account, `$2`: member. */
const READ_ONE: Statement = {
  name: 'read-access',
  text: `select 1, ${COLUMNS} from accounts a
    left join members m on m.account_id = a.account_id and m.member_id = $2 where a.account_id = $1`,
};
/** `$1`, `$2`: the accounts and members of questions that are asked together; each row begins with its question's number, from 1 on. */
const ASKED = `from unnest($1::text[], $2::text[]) with ordinality q(account_id, member_id, number)
  join accounts a on a.account_id = q.account_id left join members m on m.account_id = a.account_id and m.member_id = q.member_id`;
const READ_SEVERAL: Statement = { name: 'read-accesses', text: `select q.number, ${COLUMNS} ${ASKED}` };
/** One row per open balance, of which an account has one or two; one row without a balance where there is none. */
const READ_METERED: Statement = {
  name: 'read-metered-accesses',
  text: `select q.number, ${COLUMNS}, ${BALANCE_COLUMNS} ${ASKED} ${BALANCES}`,
};

type CycleColumns = readonly [
  meter: string | null,
  start: Instant,
  end: Instant,
  includedUnits: number,
  usedIncludedUnits: number,
  overageUnits: number,
  trialUnits: number,
  heldUnits: number,
  priceMinor: number | null,
  pricePerUnits: number | null,
  capMinor: number | null,
  billedOverageUnits: number,
  bill: MeterCycle['bill'],
  closedAt: Instant | null,
  refusals: number,
];
type Row = readonly [
  number: number,
  nextDueAt: Instant | null,
  head: Pick<Facts, 'account' | 'subscription'> | null,
  testClockId: string | null,
  clockOffsetSeconds: number,
  login: string | null,
  state: KnownMember['state'],
  reason: KnownMember['reason'],
  ...balance: CycleColumns | [],
];

/** Two round trips under way keep Postgres busy while the answers of others are worked on here. */
const PLACES = 2;
const MOST_TOGETHER = 64;

/**
 * One plan that is right for every value, because a plan per call would cost more than the call; and always by key: tables that were
 * empty when the plan was made do not stay so.
 */
const BY_KEY =
  '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';

/** Reads what access is decided on: one round trip each, and one for all that ask at the same time. */
export class AccessReader {
  readonly #pool: pg.Pool;
  readonly #plain: Gathering<AccessQuery, AccessRow | null>;
  readonly #metered: Gathering<AccessQuery, AccessRow | null>;

  constructor(databaseUrl: string) {
    const limits = { places: PLACES, mostTogether: MOST_TOGETHER };
    const pool = openPool(databaseUrl, 2 * PLACES, BY_KEY);
    this.#pool = pool;
    this.#plain = new Gathering((queries) => read(pool, queries, READ_SEVERAL), limits);
    this.#metered = new Gathering((queries) => read(pool, queries, READ_METERED), limits);
  }

  /** Null where there is no such account. */
  read(query: AccessQuery, { balances }: { readonly balances: boolean }): Promise<AccessRow | null> {
    return (balances ? this.#metered : this.#plain).ask(query);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

async function read(
  pool: pg.Pool,
  queries: readonly AccessQuery[],
  several: Statement,
): Promise<readonly (AccessRow | null)[]> {
  const [only, ...others] = queries;
  if (only !== undefined && others.length === 0 && several === READ_SEVERAL) {
    const [row] = await rowsOf(pool, READ_ONE, [only.accountId, only.memberId]);
    return [row === undefined ? null : accessRow(only, row)];
  }
  const accountIds = queries.map(({ accountId }) => accountId);
  const memberIds = queries.map(({ memberId }) => memberId);
  const found = new Map<number, AccessRow>();
  for (const row of await rowsOf(pool, several, [accountIds, memberIds])) {
    const query = queries[row[0] - 1];
    if (query === undefined) throw new Error(`there was no question ${String(row[0])}`);
    const known = found.get(row[0]);
    const cycles = [...(known?.meterCycles ?? []), ...balanceIn(row)];
    found.set(row[0], { ...(known ?? accessRow(query, row)), meterCycles: cycles });
  }
  return queries.map((_, index) => found.get(index + 1) ?? null);
}

/** As arrays: a row costs no more than its values. */
async function rowsOf(pool: pg.Pool, { name, text }: Statement, values: unknown[]): Promise<readonly Row[]> {
  const result = await pool.query<unknown[]>({ name, text, values, rowMode: 'array' });
  return result.rows as unknown as readonly Row[];
}

function accessRow({ memberId }: AccessQuery, row: Row): AccessRow {
  const [, nextDueAt, head, testClockId, clockOffsetSeconds, login, state, reason] = row;
  const member = memberId === null || login === null ? null : { memberId, login, state, reason };
  return { nextDueAt, head, testClockId, clockOffsetSeconds, member, meterCycles: [] };
}

function balanceIn([, , , , , , , , ...balance]: Row): readonly MeterCycle[] {
  if (balance.length === 0) return [];
  const [meter, start, end, includedUnits, usedIncludedUnits, overageUnits, trialUnits, ...others] = balance;
  if (meter === null) return [];
  const [heldUnits, priceMinor, pricePerUnits, capMinor, billedOverageUnits, bill, closedAt, refusals] = others;
  return [
    {
      ...{ meter, start, end, includedUnits, usedIncludedUnits, overageUnits, trialUnits, heldUnits },
      ...{ priceMinor, pricePerUnits, capMinor, billedOverageUnits, bill, closedAt, refusals },
    },
  ];
}
