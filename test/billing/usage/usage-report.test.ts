import { describe, expect, it } from 'vitest';

import { parseCatalogYaml } from '../../../billing/catalog/load-catalog.ts';
import { reportUsage, type UsageRow } from '../../../billing/usage/usage-report.ts';

const catalog = parseCatalogYaml(
  `
name: example
entity: workspace
currency: usd
afterTrial: free
defaultPlan: free
meters:
  credits: { unit: credit }
  macro_minutes: { unit: minute, granularitySeconds: 1 }
features: { review: { meter: credits, quantity: 139 } }
plans:
  free: { seats: { limit: 5 }, meters: { macro_minutes: { includedPerMonth: 600 } } }
`,
  'example.yaml',
);

const row = (given: Partial<UsageRow>): UsageRow => ({
  ...{ meter: 'credits', day: '2027-01-01', key: 'review', priceMinor: 3000, pricePerUnits: 2500 },
  ...{ events: 1, includedUnits: 0, overageUnits: 0, trialUnits: 0, ...given },
});

const creditsOf = (rows: readonly UsageRow[]) => reportUsage(rows, catalog)[0]!;

describe('CRE-20: what was used', () => {
  it('CRE-20 MON-2 given overage at two rates, when it is reported, then each amount is exact and rounded once', () => {
    // 1.2 cents a credit, then 1 cent ÷ 3. By day 1.2 → 1 and 1.2 → 1; together 2.4 + 1/3 = 2.7333 → 3.
    const other = { priceMinor: 1, pricePerUnits: 3 };
    const { sum, keys, days } = creditsOf([
      row({ overageUnits: 1 }),
      row({ overageUnits: 1, day: '2027-01-02' }),
      row({ overageUnits: 1, day: '2027-01-02', key: 'ask', ...other }),
    ]);
    expect(sum).toEqual({ events: 3, included: 0, overage: 3, trial: 0, overageCents: 3 });
    expect(keys.map(({ key, sum: { overageCents } }) => [key, overageCents])).toEqual([
      ['review', 2],
      ['ask', 0],
    ]);
    expect(days.map(({ day, key, overageCents }) => [day, key, overageCents])).toEqual([
      ['2027-01-01', 'review', 1],
      ['2027-01-02', 'ask', 0],
      ['2027-01-02', 'review', 1],
    ]);
  });

  it('CRE-20 BUD-1 given seconds, when they are reported in minutes, then each figure is rounded up once', () => {
    const minutes = { meter: 'macro_minutes', priceMinor: null, pricePerUnits: null, includedUnits: 90 };
    const report = reportUsage([row(minutes), row({ ...minutes, day: '2027-01-02' })], catalog)[1]!;
    expect(report).toMatchObject({ meter: 'macro_minutes', unit: 'minute', sum: { included: 3 } });
    expect(report.days.map(({ included }) => included)).toEqual([2, 2]);
  });

  it('CRE-20 given keys, when they are reported, then the one that used most comes first, and meters without use are there', () => {
    const report = reportUsage([row({ includedUnits: 5 }), row({ key: 'ask', trialUnits: 6 })], catalog);
    expect(report[0]!.keys.map(({ key }) => key)).toEqual(['ask', 'review']);
    expect(report[1]).toMatchObject({ meter: 'macro_minutes', sum: { events: 0 }, keys: [], days: [] });
    expect(reportUsage([row({ meter: 'gone' })], catalog)[2]).toMatchObject({ meter: 'gone', unit: 'unit' });
  });

  it('CRE-14 CRE-20 given what was given back, when it is reported, then a day is as if it had not been, or below 0', () => {
    const { days, keys, sum } = creditsOf([
      row({ events: 0 }),
      row({ day: '2027-01-02', includedUnits: 10, overageUnits: -4, events: 0 }),
      row({ day: '2027-01-03', overageUnits: 4 }),
    ]);
    expect(sum).toEqual({ events: 1, included: 10, overage: 0, trial: 0, overageCents: 0 });
    expect(keys).toHaveLength(1);
    expect(days.map(({ day, overage, overageCents }) => [day, overage, overageCents])).toEqual([
      ['2027-01-02', -4, -5],
      ['2027-01-03', 4, 5],
    ]);
  });
});
