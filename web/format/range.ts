import { dateAfter, dateOf, daysIn, lastDateOf } from './time.ts';

/** What of an account its ranges depend on. */
interface Timing {
  readonly now: string;
  readonly cycle: { readonly start: string } | null;
}

/** Days of UTC, both included. */
export interface Range {
  readonly from: string;
  readonly to: string;
  /** The instant at which a cycle began: its first day is the last one of another cycle, too. */
  readonly cyclesFrom?: string;
  /** The one at which the next began, on the last day. */
  readonly cyclesUntil?: string;
}

export type RangeName = 'cycle' | '7d' | '30d' | '90d' | 'custom';
export type UsageKey = 'feature' | 'member' | 'model';

/** What the address says; anything else is as if it were not there. */
export interface UsageSearch {
  readonly range?: RangeName;
  readonly from?: string;
  readonly to?: string;
  /** With dates: no other use of these days than that of the cycles between. */
  readonly cyclesFrom?: string;
  readonly cyclesUntil?: string;
  readonly by?: UsageKey;
  readonly meter?: string;
  readonly table?: 'days';
}

/** The API answers no longer ones. */
export const MOST_DAYS = 400;
/** A longer cycle is a year: its beginning is not what somebody looks for first. */
const LONGEST_MONTH_DAYS = 31;

const LAST_DAYS: Readonly<Record<'7d' | '30d' | '90d', number>> = { '7d': 7, '30d': 30, '90d': 90 };
const KEYS: readonly UsageKey[] = ['feature', 'member', 'model'];
const NAMES: readonly RangeName[] = ['cycle', '7d', '30d', '90d', 'custom'];

export function readSearch(search: Readonly<Record<string, unknown>>): UsageSearch {
  const name = NAMES.find((each) => each === search['range']);
  const by = KEYS.find((each) => each === search['by']);
  const { from, to, cyclesFrom, cyclesUntil, meter } = search;
  return {
    ...(name === undefined ? {} : { range: name }),
    ...(isDate(from) ? { from } : {}),
    ...(isDate(to) ? { to } : {}),
    ...(isInstant(cyclesFrom) ? { cyclesFrom } : {}),
    ...(isInstant(cyclesUntil) ? { cyclesUntil } : {}),
    ...(by === undefined ? {} : { by }),
    ...(typeof meter === 'string' ? { meter } : {}),
    ...(search['table'] === 'days' ? { table: 'days' } : {}),
  };
}

function isDate(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  return !Number.isNaN(new Date(`${value}T00:00:00Z`).getTime());
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && /^[-\d]{10}T[:\d]{8}Z$/.test(value) && !Number.isNaN(new Date(value).getTime());
}

/** The use of a cycle, all of it and no other: also where it began and ended within a day. */
export function rangeOfCycle({ start, end }: { readonly start: string; readonly end: string }): Range {
  return { from: dateOf(start), to: lastDateOf(end), cyclesFrom: start, cyclesUntil: end };
}

/** The range that is chosen: dates that the address gives are a custom one. */
export function rangeNameOf(search: UsageSearch, view: Timing): RangeName {
  if (search.from !== undefined || search.to !== undefined) return 'custom';
  if (search.range !== undefined && (search.range !== 'cycle' || view.cycle !== null)) return search.range;
  const cycle = view.cycle === null ? null : rangeOf('cycle', search, view);
  return cycle !== null && daysIn(cycle) <= LONGEST_MONTH_DAYS ? 'cycle' : '30d';
}

export function rangeOf(name: RangeName, search: UsageSearch, view: Timing): Range {
  const { from, to, cyclesFrom, cyclesUntil } = search;
  const today = dateOf(view.now);
  switch (name) {
    case 'cycle':
      if (view.cycle === null) return { from: today, to: today };
      return { from: dateOf(view.cycle.start), to: today, cyclesFrom: view.cycle.start };
    case 'custom': {
      const last = to ?? today;
      return {
        ...{ from: from ?? dateAfter(last, -29), to: last },
        ...(cyclesFrom === undefined ? {} : { cyclesFrom }),
        ...(cyclesUntil === undefined ? {} : { cyclesUntil }),
      };
    }
    default:
      return { from: dateAfter(today, 1 - LAST_DAYS[name]), to: today };
  }
}

/** Whether it can be asked for. */
export function isAnswerable(range: Range): boolean {
  const days = daysIn(range);
  return days >= 1 && days <= MOST_DAYS;
}
