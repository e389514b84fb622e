import { dateAfter, daysIn } from '../format/time.ts';

/** Days of UTC, both included. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** More would be lines, and none of them could be pointed at. */
const MOST_BARS = 120;
const WEEK_DAYS = 7;

/** How many days a bar of a chart is of: a longer range is shown by the week. */
export function daysOfBar(range: Span): number {
  return daysIn(range) > MOST_BARS ? WEEK_DAYS : 1;
}

/** What each bar is of: a day, or a week from the range's first day on, and what is left at its end. */
export function barSpans(range: Span): readonly Span[] {
  const days = daysOfBar(range);
  const spans: Span[] = [];
  for (let from = range.from; from <= range.to; from = dateAfter(from, days)) {
    const last = dateAfter(from, days - 1);
    spans.push({ from, to: last < range.to ? last : range.to });
  }
  return spans;
}
