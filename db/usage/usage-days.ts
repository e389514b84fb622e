import type { Instant } from '../../billing/calendar/instant.ts';
import type { UsageRow } from '../../billing/usage/usage-report.ts';
import type { Database } from '../database.ts';
import type { UsageDayRow } from '../tables.ts';

/**
 * Days of an account's use, the last one included; `meter: null`: of every meter. `cyclesFrom`: only of cycles that began then or later,
 * `cyclesUntil`: only of those that began before, so that the day of a boundary counts in part; null: of whatever cycle.
 */
export interface UsageSpan {
  readonly accountId: string;
  readonly from: string;
  readonly to: string;
  readonly meter: string | null;
  readonly cyclesFrom: Instant | null;
  readonly cyclesUntil: Instant | null;
}

/** What use is summed by, and the column that names it. */
const KEY_COLUMNS = { feature: 'feature', member: 'member_id', model: 'model' } as const;
export type UsageKey = keyof typeof KEY_COLUMNS;

const SUMS = `sum(d.events)::bigint as events, sum(d.included_units)::bigint as included_units,
  sum(d.overage_units)::bigint as overage_units, sum(d.trial_units)::bigint as trial_units`;
const SPAN = `d.account_id = :accountId and d.day between cast(:from as date) and cast(:to as date) and d.meter = coalesce(:meter, d.meter)
  and d.cycle_start >= coalesce(cast(:cyclesFrom as timestamptz), d.cycle_start)
  and d.cycle_start < coalesce(cast(:cyclesUntil as timestamptz), 'infinity')`;

/** CRE-20: by day, key and the rate of the cycle that the use is in. At most so many rows; more than asked for may be there. */
export async function sumUsageDays(
  db: Database,
  span: UsageSpan,
  by: UsageKey,
  most: number,
): Promise<readonly UsageRow[]> {
  const { rows } = await db.raw<{ rows: UsageRow[] }>(
    `select d.meter, d.day::text as day, d.${KEY_COLUMNS[by]} as key, c.price_minor, c.price_per_units, ${SUMS}
      from usage_days d
      left join meter_cycles c on c.account_id = d.account_id and c.meter = d.meter and c.cycle_start = d.cycle_start
      where ${SPAN} group by 1, 2, 3, 4, 5 limit :most`,
    { ...span, most },
  );
  return rows;
}

/** A day's use by everything it is kept by, whatever its cycle. */
export type DetailedUsageDay = Omit<UsageDayRow, 'accountId' | 'cycleStart'>;
type Place = Pick<DetailedUsageDay, 'day' | 'meter' | 'feature' | 'memberId' | 'model'>;

/** In the order of their key; those after a place, at most so many. */
export async function usageDayPage(
  db: Database,
  span: UsageSpan,
  { after, count }: { readonly after: Place | null; readonly count: number },
): Promise<readonly DetailedUsageDay[]> {
  const key = 'd.day, d.meter, d.feature, d.member_id, d.model';
  const place = after === null ? '' : `and (${key}) > (cast(:day as date), :afterMeter, :feature, :memberId, :model)`;
  const { rows } = await db.raw<{ rows: DetailedUsageDay[] }>(
    `select d.day::text as day, d.meter, d.feature, d.member_id, d.model, ${SUMS}
      from usage_days d where ${SPAN} ${place} group by ${key} order by ${key} limit :count`,
    { ...span, count, ...after, meter: span.meter, ...(after === null ? {} : { afterMeter: after.meter }) },
  );
  return rows;
}

/** The latest day (UTC) on which each of these members used something that was not given back; those who never did are not in it. */
export async function lastDaysOfUse(
  db: Database,
  accountId: string,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.raw<{ rows: { memberId: string; day: string }[] }>(
    `select asked.member_id, latest.day::text as day from unnest(cast(:memberIds as text[])) asked (member_id)
      cross join lateral (
        select d.day from usage_days d where d.account_id = :accountId and d.member_id = asked.member_id and d.events > 0
        order by d.day desc limit 1) latest`,
    { accountId, memberIds: [...memberIds] },
  );
  return new Map(rows.map(({ memberId, day }) => [memberId, day]));
}
