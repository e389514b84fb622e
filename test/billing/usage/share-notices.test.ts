import { describe, expect, it } from 'vitest';

import { openMeterCycle } from '../../../billing/usage/meter-cycle.ts';
import { shareNotices } from '../../../billing/usage/share-notices.ts';
import type { MeterCycle } from '../../../billing/model/facts.ts';
import { catalogNamed, instant } from '../account-in-memory.ts';

const NOW = instant('2027-01-10T00:00:00Z');
const period = { start: instant('2027-01-01T00:00:00Z'), end: instant('2027-02-01T00:00:00Z') };
/** 2 500 credits for 3 000 cents, and a cap of 1 200 cents. */
const credits = openMeterCycle(
  {
    ...period,
    meters: { credits: { includedUnits: 2_500, priceMinor: 3_000, pricePerUnits: 2_500 } },
    caps: { credits: 1_200 },
  },
  'credits',
);
/** Ten minutes in seconds, then 3 cents a minute, and a budget of a dollar. */
const minutes = openMeterCycle(
  {
    ...period,
    meters: { macro_minutes: { includedUnits: 600, priceMinor: 3, pricePerUnits: 60 } },
    caps: { macro_minutes: 100 },
  },
  'macro_minutes',
);

const told = (catalog: 'qodo' | 'codspeed', before: MeterCycle, used: Partial<MeterCycle>) =>
  shareNotices(catalogNamed(catalog), { before, after: { ...before, ...used } }, NOW).map(({ notice }) => notice);

describe('CRE-15 what a notice of use says', () => {
  it('CRE-15 given half of the base, then the share, how much of how much in the meter’s unit, and the cycle', () => {
    const cycle = { cycleStart: period.start, cycleEnd: period.end };
    expect(told('qodo', credits, { usedIncludedUnits: 1_300 })).toEqual([
      {
        at: NOW,
        kind: 'credits_50',
        detail: { meter: 'credits', percent: 50, ...cycle, used: 1_300, included: 2_500 },
      },
    ]);
    expect(told('codspeed', minutes, { usedIncludedUnits: 330 })).toEqual([
      {
        ...{ at: NOW, kind: 'macro_minutes_50' },
        detail: { meter: 'macro_minutes', percent: 50, ...cycle, used: 5.5, included: 10 },
      },
    ]);
  });

  it('CRE-15 BUD-2 given overage, then what it cost, rounded once, of the cap or the budget', () => {
    const used = { usedIncludedUnits: 2_500, overageUnits: 501 };
    const [cap] = told('qodo', { ...credits, usedIncludedUnits: 2_500 }, used);
    // 501 × 3000 ÷ 2500 = 601.2
    expect(cap).toMatchObject({ kind: 'cap_50', detail: { percent: 50, spentCents: 601, capCents: 1_200 } });
    expect(cap?.detail).not.toHaveProperty('used');
    const [budget] = told('codspeed', { ...minutes, usedIncludedUnits: 600 }, { overageUnits: 1_030 });
    // 1030 × 3 ÷ 60 = 51.5
    expect(budget).toMatchObject({ kind: 'budget_50', detail: { spentCents: 52, capCents: 100 } });
  });
});
