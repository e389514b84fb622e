import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { chargePool } from '../../../billing/usage/charge-usage.ts';
import { openMeterCycle } from '../../../billing/usage/meter-cycle.ts';
import { crossedThresholds } from '../../../billing/usage/thresholds.ts';
import type { MeterCycle } from '../../../billing/model/facts.ts';
import { instant } from '../account-in-memory.ts';

/** 2 500 credits for 3 000 cents, and a cap of 5 000 cents: room for 4 166 credits of overage. */
const fresh = openMeterCycle(
  {
    start: instant('2027-01-01T00:00:00Z'),
    end: instant('2027-02-01T00:00:00Z'),
    meters: { credits: { includedUnits: 2500, priceMinor: 3000, pricePerUnits: 2500 } },
    caps: { credits: 5000 },
  },
  'credits',
);

const MEASURES = {
  currency: 'usd',
  meters: { credits: { name: 'credits', unit: 'credit', granularitySeconds: null } },
};

const told = (before: MeterCycle, after: MeterCycle) =>
  crossedThresholds(before, after).map(({ of, percent }) => `${of} ${String(percent)}`);
const use = (cycle: MeterCycle, units: number) => chargePool(cycle, units, 'paid', MEASURES).cycle;

describe('CRE-15: notices', () => {
  it('CRE-15 given a base of 2 500, when exactly half of it is used, then 50 % is told; one credit less tells nothing', () => {
    expect(told(fresh, use(fresh, 1249))).toEqual([]);
    expect(told(use(fresh, 1249), use(fresh, 1250))).toEqual(['included 50']);
  });

  it('CRE-15 given one big event, when it takes the base past several shares and into overage, then each is told', () => {
    // 2500 of overage cost 3000 cents, which is 60 % of the cap.
    expect(told(fresh, use(fresh, 5000))).toEqual([
      'included 50',
      'included 75',
      'included 90',
      'included 100',
      'cap 50',
    ]);
  });

  it('CRE-15 given a raised cap, when overage goes on, then the shares not passed of the new cap are told again', () => {
    const used = use(fresh, 2500 + 2100);
    const raised = { ...used, capMinor: 10_000 };
    // 2100 cost 2520: 50.4 % of 5000, 25.2 % of 10 000; 4200 cost 5040: 50.4 % of that.
    expect(told(use(fresh, 2500), used)).toEqual(['cap 50']);
    expect(told(raised, use(raised, 2100))).toEqual(['cap 50']);
  });

  it('CRE-15 given a cap of 0 or none, when the base is used up, then there is nothing to tell of a cap', () => {
    for (const capMinor of [0, null]) {
      const cycle = { ...fresh, capMinor };
      expect(told(cycle, use(cycle, 2500)).filter((what) => what.startsWith('cap'))).toEqual([]);
    }
  });

  it('CRE-15 given any events in a cycle, when they are told of, then each share is told at most once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 40 }), (events) => {
        const all: string[] = [];
        let cycle = fresh;
        for (const units of events) {
          if (units > 2500 + 4166 - cycle.usedIncludedUnits - cycle.overageUnits) break;
          const after = use(cycle, units);
          all.push(...told(cycle, after));
          cycle = after;
        }
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});
