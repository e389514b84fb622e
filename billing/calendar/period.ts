import { UTCDate } from '@date-fns/utc';
// One function per file: the package's entry point loads three hundred.
import { addMonths } from 'date-fns/addMonths';
import { differenceInCalendarMonths } from 'date-fns/differenceInCalendarMonths';

import { epochMs, type Instant, instantFromEpochMs } from './instant.ts';

/** Half-open, [start, end): an event at exactly `end` belongs to the next period (CAL-1). */
export interface Period {
  readonly start: Instant;
  readonly end: Instant;
}

export type Interval = 'month' | 'year';

const MONTHS_PER: Readonly<Record<Interval, number>> = { month: 1, year: 12 };

/**
 * The n-th boundary after an anchor, n ≥ 0 (CAL-2). It is always worked out from the anchor, never from the boundary
 * before: an anchor on the 31st is clamped to a short month's last day and returns to the 31st afterwards.
 */
export function boundaryAt(anchor: Instant, interval: Interval, n: number): Instant {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`Boundaries count 0, 1, 2, …; not ${String(n)}.`);
  const boundary = addMonths(new UTCDate(epochMs(anchor)), n * MONTHS_PER[interval]);
  return instantFromEpochMs(boundary.getTime());
}

/** The period containing `at`; `index` is 0 for the one that starts at the anchor. `at` must not be before the anchor. */
export function periodAt(anchor: Instant, interval: Interval, at: Instant): Period & { readonly index: number } {
  if (at < anchor) throw new RangeError(`${at} is before the anchor ${anchor}.`);
  const calendarMonths = differenceInCalendarMonths(new UTCDate(epochMs(at)), new UTCDate(epochMs(anchor)));
  // Whole calendar months can only overshoot, by one: July 31 is a calendar month after June 30 but so is July 1.
  const candidate = Math.floor(calendarMonths / MONTHS_PER[interval]);
  const index = boundaryAt(anchor, interval, candidate) > at ? candidate - 1 : candidate;
  return { index, start: boundaryAt(anchor, interval, index), end: boundaryAt(anchor, interval, index + 1) };
}

/**
 * The cycle that begins at a boundary of an anchor's months: a month, or twelve of them. So a yearly cycle may follow a monthly one, and the other way
 * round, without moving the anchor (CAL-2).
 */
export function cycleFrom(anchor: Instant, interval: Interval, boundary: Instant): Period {
  const { index, start } = periodAt(anchor, 'month', boundary);
  if (start !== boundary) throw new RangeError(`${boundary} is no boundary of the months from ${anchor}.`);
  return { start, end: boundaryAt(anchor, 'month', index + MONTHS_PER[interval]) };
}

export function contains(period: Period, at: Instant): boolean {
  return period.start <= at && at < period.end;
}
