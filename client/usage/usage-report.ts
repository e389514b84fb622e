import {
  addDays,
  earliest,
  formatDate,
  type Instant,
  isInstant,
  parseInstant,
  secondsBetween,
} from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import { type MeterReport, reportUsage } from '../../billing/usage/usage-report.ts';
import { Refusal } from '../../billing/refusal.ts';
import {
  type DetailedUsageDay,
  sumUsageDays,
  usageDayPage,
  type UsageKey,
  type UsageSpan,
} from '../../db/usage/usage-days.ts';
import { loadCatalogVersion } from '../../db/account/load-account.ts';
import type { Border } from '../context/border.ts';
import { countOf, formatCount } from '../../billing/model/counts.ts';

/** Days are UTC's, `YYYY-MM-DD`, both included. */
export interface UsageQuestion {
  /** Default: the day of `cyclesFrom`; without it, 29 days before `to`. */
  readonly from?: string | undefined;
  /** Default: the day of `cyclesUntil`, where that has passed; else the account's today. */
  readonly to?: string | undefined;
  /** Default: every one. */
  readonly meter?: string | undefined;
  /** Only use of cycles that began then or later: the day of a boundary counts in part, as it does on the bill. Default: of any cycle. */
  readonly cyclesFrom?: string | undefined;
  /** Only use of cycles that began before: with the end of a cycle, its last day counts in part. Default: of any cycle. */
  readonly cyclesUntil?: string | undefined;
}

export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly by: UsageKey;
  readonly meters: readonly MeterReport[];
}

const DEFAULT_DAYS = 30;
const MOST_DAYS = 400;
/** A day of a key, at a rate, is a row: a month of some 1,600 members. */
const MOST_ROWS = 50_000;
const ROWS_AT_ONCE = 5_000;
const SECONDS_PER_DAY = 86_400;

/** Use by day and by feature, member or model (CRE-20). @throws Refusal `unknown_account`, `unknown_meter`, `invalid_request`. */
export async function usageReport(
  border: Border,
  accountId: string,
  question: UsageQuestion & { readonly by?: UsageKey | undefined },
): Promise<UsageReport> {
  const { span, catalog } = await readQuestion(border, accountId, question);
  const by = question.by ?? 'feature';
  const rows = await sumUsageDays(border.db, span, by, MOST_ROWS + 1);
  if (rows.length > MOST_ROWS) {
    const message = `from: expected a shorter period; by ${by}, this one has more than ${formatCount(MOST_ROWS)} rows.`;
    throw new Refusal({ code: 'invalid_request', message, field: 'from' });
  }
  const { from, to, meter } = span;
  return { from, to, by, meters: reportUsage(rows, catalog).filter((each) => meter === null || each.meter === meter) };
}

/** A day's use by all that it is kept by. `unit` is the meter's smallest one, so that rows add up exactly. */
export interface UsageDetail extends DetailedUsageDay {
  readonly unit: string;
}

/**
 * Use by day, meter, feature, member and model: some thousand rows at a time, each as they are when they are read, because nothing may hold
 * the database for as long as a caller likes. The first are read before it answers. @throws Refusal as `usageReport`.
 */
export async function usageDetails(
  border: Border,
  accountId: string,
  question: UsageQuestion,
): Promise<{ readonly from: string; readonly to: string; readonly rows: AsyncIterable<UsageDetail> }> {
  const { span, catalog } = await readQuestion(border, accountId, question);
  const pageAfter = (after: DetailedUsageDay | null): Promise<readonly DetailedUsageDay[]> =>
    usageDayPage(border.db, span, { after, count: ROWS_AT_ONCE });
  const first = await pageAfter(null);
  async function* rows(): AsyncGenerator<UsageDetail> {
    for (
      let page = first;
      page.length > 0;
      page = page.length < ROWS_AT_ONCE ? [] : await pageAfter(page.at(-1) ?? null)
    )
      for (const row of page) yield inSmallestUnit(catalog, row);
  }
  return { from: span.from, to: span.to, rows: rows() };
}

/** Seconds where a meter counts time, in whatever steps. */
function inSmallestUnit(catalog: Catalog, row: DetailedUsageDay): UsageDetail {
  const meter = Object.hasOwn(catalog.meters, row.meter) ? catalog.meters[row.meter] : undefined;
  const seconds = meter?.granularitySeconds ?? null;
  if (seconds === null) return { ...row, unit: meter?.unit ?? 'unit' };
  const { includedUnits, overageUnits, trialUnits } = row;
  const parts = { includedUnits: includedUnits * seconds, overageUnits: overageUnits * seconds };
  return { ...row, ...parts, trialUnits: trialUnits * seconds, unit: 'second' };
}

async function readQuestion(
  border: Border,
  accountId: string,
  { from, to, meter, cyclesFrom, cyclesUntil }: UsageQuestion,
): Promise<{ readonly span: UsageSpan; readonly catalog: Catalog }> {
  const catalog = await border.catalogs.get(await loadCatalogVersion(border.db, accountId));
  if (meter !== undefined && !Object.hasOwn(catalog.meters, meter)) {
    const message = `The catalog ${catalog.name} has no meter "${meter}"; it has ${Object.keys(catalog.meters).join(', ')}.`;
    throw new Refusal({ code: 'unknown_meter', message, field: 'meter' });
  }
  const cycles = {
    cyclesFrom: cyclesFrom === undefined ? null : parseInstant(cyclesFrom, 'cyclesFrom'),
    cyclesUntil: cyclesUntil === undefined ? null : parseInstant(cyclesUntil, 'cyclesUntil'),
  };
  const last = to === undefined ? lastDayOf(cycles, await border.now(accountId)) : readDay(to, 'to');
  const first = from === undefined ? firstDayOf(cycles, last) : readDay(from, 'from');
  if (first > last) {
    const message = `from: expected a day no later than ${formatDate(last)} (UTC), found ${formatDate(first)}.`;
    throw new Refusal({ code: 'invalid_request', message, field: 'from' });
  }
  const days = secondsBetween(first, last) / SECONDS_PER_DAY + 1;
  if (days > MOST_DAYS) {
    const message = `from: expected a period of at most ${countOf(MOST_DAYS, 'day')}, found ${countOf(days, 'day')}.`;
    throw new Refusal({ code: 'invalid_request', message, field: 'from' });
  }
  return { span: { accountId, from: dayOf(first), to: dayOf(last), meter: meter ?? null, ...cycles }, catalog };
}

type Cycles = Pick<UsageSpan, 'cyclesFrom' | 'cyclesUntil'>;

/** Who asks for cycles and says nothing of days wants all of them. */
function lastDayOf({ cyclesUntil }: Cycles, now: Instant): Instant {
  return startOf(cyclesUntil === null ? now : earliest(cyclesUntil, now));
}

function firstDayOf({ cyclesFrom }: Cycles, last: Instant): Instant {
  return cyclesFrom === null ? addDays(last, 1 - DEFAULT_DAYS) : earliest(startOf(cyclesFrom), last);
}

function readDay(text: string, field: string): Instant {
  const start = `${text}T00:00:00Z`;
  if (isInstant(start)) return start;
  const found = JSON.stringify(text.slice(0, 60));
  const message = `${field}: expected a day that exists, like 2027-01-31, found ${found}.`;
  throw new Refusal({ code: 'invalid_request', message, field });
}

function startOf(now: Instant): Instant {
  return readDay(dayOf(now), 'now');
}

function dayOf(instant: Instant): string {
  return instant.slice(0, 10);
}
