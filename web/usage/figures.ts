import type { Schemas } from '../api/client.ts';
import { words } from '../words/usage.ts';
import { barSpans, type Span } from './bar-spans.ts';
import type { Range, UsageKey } from '../format/range.ts';

export type Report = Schemas['UsageReport']['meters'][number];
export type Figures = Schemas['UsageFigures'];

/** How many are told apart in a chart; the rest is one. */
const MOST_SERIES = 7;

export interface Series {
  /** What the chart's rows call it. */
  readonly name: string;
  readonly label: string;
  readonly color: string;
  /** The keys that it is of: one, or all that are not told apart. */
  readonly keys: ReadonlySet<string>;
  readonly units: number;
}

/** Told apart in light and in dark, also by who sees no red or green; the legend names each. */
const COLORS = ['evergreen.7', 'blue.5', 'orange.5', 'grape.5', 'cyan.7', 'yellow.5', 'pink.6', 'gray.6'] as const;

export function unitsOf({ included, overage, trial }: Figures): number {
  return included + overage + trial;
}

export function labelOf(key: string, by: UsageKey): string {
  return key === '' ? words.nobody[by] : key;
}

/** What the bars are made of, the one that used most first. */
export function seriesOf(report: Report, by: UsageKey): readonly Series[] {
  const single = report.keys.length <= MOST_SERIES + 1 ? report.keys : report.keys.slice(0, MOST_SERIES);
  const others = report.keys.slice(single.length);
  const series = single.map(({ key, sum }, index): Series => ({
    name: `s${String(index)}`,
    label: labelOf(key, by),
    color: COLORS[index] ?? 'gray.6',
    keys: new Set([key]),
    units: unitsOf(sum),
  }));
  if (others.length === 0) return series;
  const rest: Series = {
    name: 'others',
    label: words.others(others.length),
    color: COLORS[MOST_SERIES],
    keys: new Set(others.map(({ key }) => key)),
    units: others.reduce((sum, other) => sum + unitsOf(other.sum), 0),
  };
  return [...series, rest];
}

export interface BarPart {
  readonly series: Series;
  readonly figures: Figures;
}

export interface Bar extends Span {
  readonly parts: readonly BarPart[];
}

/** A bar for each span of the range, also where nothing was used. */
export function barsOf(report: Report, series: readonly Series[], range: Range): readonly Bar[] {
  return barSpans(range).map(({ from, to }) => {
    const used = report.days.filter(({ day }) => day >= from && day <= to);
    const parts = series.flatMap((one) => {
      const own = used.filter(({ key }) => one.keys.has(key));
      return own.length === 0 ? [] : [{ series: one, figures: sumOf(own) }];
    });
    return { from, to, parts };
  });
}

/** Amounts are added where the server has answered them: members have none. */
function sumOf(some: readonly Figures[]): Figures {
  return some.reduce((sum, each) => ({
    events: sum.events + each.events,
    included: sum.included + each.included,
    overage: sum.overage + each.overage,
    trial: sum.trial + each.trial,
    ...(each.overageCents === undefined ? {} : { overageCents: (sum.overageCents ?? 0) + each.overageCents }),
  }));
}
