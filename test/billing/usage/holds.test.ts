import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { chargePool, type UsageParts } from '../../../billing/usage/charge-usage.ts';
import { captureUnits, giveBack, placeHold, releaseUnits, withoutExpired } from '../../../billing/usage/holds.ts';
import { overageRoomUnits } from '../../../billing/usage/overage.ts';
import type { MeterCycle } from '../../../billing/model/facts.ts';
import { UNBILLED } from '../../../billing/model/use-bill.ts';
import { Refusal } from '../../../billing/refusal.ts';
import { instant, refusalOf } from '../account-in-memory.ts';

const FRESH: MeterCycle = {
  meter: 'credits',
  start: instant('2027-01-01T00:00:00Z'),
  end: instant('2027-02-01T00:00:00Z'),
  includedUnits: 2500,
  usedIncludedUnits: 0,
  overageUnits: 0,
  trialUnits: 0,
  heldUnits: 0,
  priceMinor: 3000,
  pricePerUnits: 2500,
  capMinor: 1200,
  billedOverageUnits: 0,
  bill: UNBILLED,
  closedAt: null,
  refusals: 0,
};
const MEASURES = {
  currency: 'usd',
  meters: { credits: { name: 'credits', unit: 'credit', granularitySeconds: null } },
};
const PAID = { mode: 'paid', isPool: true, measures: MEASURES } as const;

/** A balance in so many words; 1.2 cents a credit, so a cap of 1200 has room for 1000. */
const cycle = (change: Partial<MeterCycle>): MeterCycle => ({ ...FRESH, ...change });

describe('CRE-13: holds', () => {
  it('CRE-13 given 2500 credits and room for 1000 beyond them, when 3500 are held, then nothing else fits, and one credit more does not either', () => {
    const held = placeHold(FRESH, 3500, PAID);
    expect(held.heldUnits).toBe(3500);
    expect(refusalOf(() => placeHold(held, 1, PAID))).toBe('spending_cap_reached');
    expect(refusalOf(() => chargePool(held, 1, 'paid', MEASURES))).toBe('spending_cap_reached');
    expect(refusalOf(() => placeHold(FRESH, 3501, PAID))).toBe('spending_cap_reached');
  });

  it('CRE-13 given a hold of 139, when 100 are captured, then 39 are released; more than was held is refused', () => {
    const held = placeHold(cycle({ usedIncludedUnits: 2450 }), 139, PAID);
    const { cycle: after, parts } = captureUnits(held, { heldUnits: 139, usedUnits: 100 }, 'paid');
    expect(parts).toEqual({ includedUnits: 50, overageUnits: 50, trialUnits: 0 });
    expect(after).toMatchObject({ heldUnits: 0, usedIncludedUnits: 2500, overageUnits: 50 });
    expect(refusalOf(() => captureUnits(held, { heldUnits: 139, usedUnits: 140 }, 'paid'))).toBe('invalid_request');
  });

  it('CRE-13 given a cap that was lowered after the hold, when it is captured, then it is taken: there was room when it was placed', () => {
    const held = { ...placeHold(cycle({ usedIncludedUnits: 2500 }), 1000, PAID), capMinor: 0 };
    expect(captureUnits(held, { heldUnits: 1000, usedUnits: 1000 }, 'paid').cycle.overageUnits).toBe(1000);
  });

  it('CRE-13 given a trial, when more is held than any plan has, then it fits, and its capture is free', () => {
    const held = placeHold(cycle({ includedUnits: 0, priceMinor: null }), 1_000_000, { ...PAID, mode: 'trial' });
    const { parts } = captureUnits(held, { heldUnits: 1_000_000, usedUnits: 5 }, 'trial');
    expect(parts).toEqual({ includedUnits: 0, overageUnits: 0, trialUnits: 5 });
  });

  it('CRE-13 INV-5 given an open invoice, when a hold fits into the base that nobody holds, then it is placed, else refused', () => {
    const mode = { ...PAID, mode: 'included_only' } as const;
    const held = placeHold(FRESH, 2000, mode);
    expect(placeHold(held, 500, mode).heldUnits).toBe(2500);
    expect(refusalOf(() => placeHold(held, 501, mode))).toBe('payment_failed');
  });

  it('BUD-2 CRE-13 given a budget, when a hold does not fit, then the code is the budget’s', () => {
    expect(refusalOf(() => placeHold(FRESH, 3501, { ...PAID, isPool: false }))).toBe('budget_reached');
  });

  it('CRE-8 CRE-13 given a cap below what has accrued, and holds, when an event fits into the base that nobody holds, then it is taken', () => {
    const balance = cycle({
      includedUnits: 5000,
      usedIncludedUnits: 2500,
      overageUnits: 500,
      heldUnits: 1000,
      capMinor: 0,
    });
    expect(chargePool(balance, 1500, 'paid', MEASURES).parts).toEqual({
      includedUnits: 1500,
      overageUnits: 0,
      trialUnits: 0,
    });
    expect(refusalOf(() => chargePool(balance, 1501, 'paid', MEASURES))).toBe('spending_cap_reached');
  });

  it('CRE-13 given a hold, when its last second has passed, then it holds nothing', () => {
    const expiresAt = instant('2027-01-05T00:00:00Z');
    const hold = { meter: 'credits', cycleStart: FRESH.start, units: 40, expiresAt };
    const held = cycle({ heldUnits: 100 });
    expect(withoutExpired([held], [hold], instant('2027-01-04T23:59:59Z'))).toEqual([held]);
    expect(withoutExpired([held], [hold], expiresAt)).toEqual([cycle({ heldUnits: 60 })]);
  });
});

describe('CRE-14: reversals', () => {
  it('CRE-14 given an event that straddled, when it is reversed, then both parts are as if it had not been', () => {
    const before = cycle({ usedIncludedUnits: 2450 });
    const { cycle: used, parts } = chargePool(before, 139, 'paid', MEASURES);
    expect(giveBack(used, { ...parts, termsChanges: 0 }, 1)).toEqual({ cycle: before, parts });
  });

  it('CRE-14 CRE-3 given overage, when an event of the base is reversed, then overage goes first: nobody pays beside an unused base', () => {
    const first = chargePool(FRESH, 2500, 'paid', MEASURES);
    const { cycle: both } = chargePool(first.cycle, 100, 'paid', MEASURES);
    const { cycle: after, parts } = giveBack(both, { ...first.parts, termsChanges: 0 }, 1);
    expect(parts).toEqual({ includedUnits: 2400, overageUnits: 100, trialUnits: 0 });
    expect(after).toMatchObject({ usedIncludedUnits: 100, overageUnits: 0 });
  });
});

type Step =
  | { readonly kind: 'use'; readonly units: number }
  | { readonly kind: 'hold'; readonly units: number }
  | { readonly kind: 'cap'; readonly cents: number }
  | { readonly kind: 'capture'; readonly pick: number; readonly share: number }
  | { readonly kind: 'release'; readonly pick: number }
  | { readonly kind: 'reverse'; readonly pick: number };

const units = fc.integer({ min: 1, max: 1500 });
const pick = fc.nat({ max: 1000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('use' as const), units }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('hold' as const), units }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cap' as const), cents: fc.integer({ min: 0, max: 3000 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('capture' as const), pick, share: fc.integer({ min: 1, max: 100 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reverse' as const), pick }) },
);

const promised = ({ includedUnits, usedIncludedUnits, overageUnits, heldUnits }: MeterCycle): number =>
  overageUnits + Math.max(0, heldUnits - (includedUnits - usedIncludedUnits));

describe('CRE-13, CRE-14: any sequence', () => {
  it('CRE-13 CRE-14 invariants 1 and 3 given any uses, holds, captures, releases, reversals and caps, then the ledger is the balance and the cap holds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let balance = FRESH;
        const ledger: UsageParts[] = [];
        const events: UsageParts[] = [];
        const holds: number[] = [];
        const take = ({ cycle: after, parts }: { cycle: MeterCycle; parts: UsageParts }): void => {
          balance = after;
          ledger.push(parts);
          events.push(parts);
        };
        for (const next of steps) {
          const before = balance;
          try {
            if (next.kind === 'use') take(chargePool(balance, next.units, 'paid', MEASURES));
            else if (next.kind === 'hold') {
              balance = placeHold(balance, next.units, PAID);
              holds.push(next.units);
            } else if (next.kind === 'cap') balance = { ...balance, capMinor: next.cents };
            else if (next.kind === 'reverse') {
              const [event] = events.splice(next.pick % Math.max(1, events.length), 1);
              if (event === undefined) continue;
              const { cycle: after, parts } = giveBack(balance, { ...event, termsChanges: 0 }, 1);
              balance = after;
              ledger.push({
                includedUnits: -parts.includedUnits,
                overageUnits: -parts.overageUnits,
                trialUnits: -parts.trialUnits,
              });
            } else {
              const [heldUnits] = holds.splice(next.pick % Math.max(1, holds.length), 1);
              if (heldUnits === undefined) continue;
              if (next.kind === 'release') balance = releaseUnits(balance, heldUnits);
              else {
                const usedUnits = Math.ceil((heldUnits * next.share) / 100);
                take(captureUnits(balance, { heldUnits, usedUnits }, 'paid'));
              }
            }
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            expect(error.code).toBe('spending_cap_reached');
            expect(balance).toBe(before);
          }
          const sum = (part: keyof UsageParts): number => ledger.reduce((total, entry) => total + entry[part], 0);
          expect(balance.usedIncludedUnits).toBe(sum('includedUnits'));
          expect(balance.overageUnits).toBe(sum('overageUnits'));
          expect(balance.heldUnits).toBe(holds.reduce((total, held) => total + held, 0));
          expect(balance.usedIncludedUnits).toBeLessThanOrEqual(balance.includedUnits);
          // Base first: there is no overage beside an unused base.
          if (balance.overageUnits > 0) expect(balance.usedIncludedUnits).toBe(balance.includedUnits);
          // Whatever is promised beyond the base fits under the cap, or was promised under a higher one.
          if (next.kind !== 'cap' && promised(balance) > promised(before))
            expect(promised(balance)).toBeLessThanOrEqual(overageRoomUnits(balance));
        }
      }),
      { numRuns: 300 },
    );
  });
});
