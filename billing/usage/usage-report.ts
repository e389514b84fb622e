import type { Catalog } from '../catalog/catalog.ts';
import type { MeterCycle } from '../model/facts.ts';
import { unitsPerUnit } from '../model/terms.ts';
import { roundToCharge } from '../money/currency.ts';
import { add, rational, type Rational } from '../money/rational.ts';
import { overageCost } from './overage.ts';

/** A day's use of one key at one cycle's rate, in the meter's smallest units. A key is a feature, a member or a model; '' is none. */
export interface UsageRow extends Pick<MeterCycle, 'priceMinor' | 'pricePerUnits'> {
  readonly meter: string;
  readonly day: string;
  readonly key: string;
  readonly events: number;
  readonly includedUnits: number;
  readonly overageUnits: number;
  readonly trialUnits: number;
}

/**
 * What some use comes to, in the meter's unit. Each figure is rounded once, from its exact sum: quantities up, as a cycle's are (BUD-1), the
 * amount as a line's is (MON-2). So the figures of parts need not add up to that of the whole.
 */
export interface UsageFigures {
  readonly events: number;
  readonly included: number;
  readonly overage: number;
  /** Used in a trial, free of charge (TRI-2). */
  readonly trial: number;
  /** What the overage costs at the rate of the cycle that it is in; before a budget writes something off (BUD-2). */
  readonly overageCents: number;
}

export interface MeterReport {
  readonly meter: string;
  readonly unit: string;
  readonly sum: UsageFigures;
  /** The one that used most first. */
  readonly keys: readonly { readonly key: string; readonly sum: UsageFigures }[];
  /** By day, then by key. */
  readonly days: readonly (UsageFigures & { readonly day: string; readonly key: string })[];
}

/** CRE-20: use by day and key, of every meter of the catalog and of any other that there is use of. */
export function reportUsage(rows: readonly UsageRow[], catalog: Catalog): readonly MeterReport[] {
  const byMeter = groupBy(rows, ({ meter }) => meter);
  const meters = new Set([...Object.keys(catalog.meters), ...byMeter.keys()]);
  return [...meters].map((meter) => reportMeter(meter, byMeter.get(meter) ?? [], catalog));
}

function reportMeter(name: string, rows: readonly UsageRow[], catalog: Catalog): MeterReport {
  const meter = Object.hasOwn(catalog.meters, name) ? catalog.meters[name] : undefined;
  const scale = meter === undefined ? 1 : unitsPerUnit(meter);
  const figuresOf = (exact: ExactUse): UsageFigures => figures(exact, scale, catalog.currency);
  const keys = [...groupBy(rows, ({ key }) => key)].map(([key, some]) => ({ key, exact: sumOf(some) }));
  const days = [...groupBy(rows, ({ day, key }) => `${day} ${key}`).values()].flatMap((some) => {
    const [{ day, key }] = some as [UsageRow];
    return isNothing(sumOf(some)) ? [] : [{ day, key, ...figuresOf(sumOf(some)) }];
  });
  return {
    meter: name,
    unit: meter?.unit ?? 'unit',
    sum: figuresOf(sumOf(rows)),
    keys: keys
      .filter(({ exact }) => !isNothing(exact))
      .sort((a, b) => unitsOf(b.exact) - unitsOf(a.exact) || byText(a.key, b.key))
      .map(({ key, exact }) => ({ key, sum: figuresOf(exact) })),
    days: days.sort((a, b) => byText(a.day, b.day) || byText(a.key, b.key)),
  };
}

interface ExactUse extends Pick<UsageRow, 'events' | 'includedUnits' | 'overageUnits' | 'trialUnits'> {
  readonly cost: Rational;
}

const NOTHING: ExactUse = { events: 0, includedUnits: 0, overageUnits: 0, trialUnits: 0, cost: rational(0) };

function sumOf(rows: readonly UsageRow[]): ExactUse {
  return rows.reduce(
    (sum, row) => ({
      events: sum.events + row.events,
      includedUnits: sum.includedUnits + row.includedUnits,
      overageUnits: sum.overageUnits + row.overageUnits,
      trialUnits: sum.trialUnits + row.trialUnits,
      cost: row.overageUnits === 0 ? sum.cost : add(sum.cost, overageCost(row, row.overageUnits)),
    }),
    NOTHING,
  );
}

function unitsOf({ includedUnits, overageUnits, trialUnits }: ExactUse): number {
  return includedUnits + overageUnits + trialUnits;
}

/** Whatever was used was given back (CRE-14): as if it had not been. */
function isNothing({ events, includedUnits, overageUnits, trialUnits }: ExactUse): boolean {
  return events === 0 && includedUnits === 0 && overageUnits === 0 && trialUnits === 0;
}

function figures({ events, includedUnits, overageUnits, trialUnits, cost }: ExactUse, scale: number, currency: string) {
  // A day's part is below 0 where more of it was given back than was used of it then (CRE-14); `+ 0` because there is no −0 in JSON.
  const inUnits = (units: number): number => Math.ceil(units / scale) + 0;
  return {
    events,
    included: inUnits(includedUnits),
    overage: inUnits(overageUnits),
    trial: inUnits(trialUnits),
    overageCents: roundToCharge(cost, currency),
  };
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
