import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { overageRoomUnits } from '../../../billing/usage/overage.ts';
import { Refusal } from '../../../billing/refusal.ts';
import { AccountInMemory, catalogNamed } from '../account-in-memory.ts';

const qodo = catalogNamed('qodo');

/** What each pack sells: price in cents, and credits; 1.2 cents a credit in every size. */
const PACKS = { small: [3000, 2500], medium: [6000, 5000], large: [24_000, 20_000] } as const;

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('use' as const), units: fc.integer({ min: 1, max: 4000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('use' as const), units: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cap' as const), cents: fc.integer({ min: 0, max: 6000 }) }) },
);

describe('CRE-6: the cap, whatever happens', () => {
  it('CRE-6 given random events and caps, when any overage is accepted, then all of it costs at most the cap in force', () => {
    const life = fc.record({
      pack: fc.constantFrom('small' as const, 'medium' as const, 'large' as const),
      capCents: fc.integer({ min: 0, max: 5000 }),
      steps: fc.array(step, { maxLength: 40 }),
    });
    fc.assert(
      fc.property(life, ({ pack, capCents, steps }) => {
        const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
        account.do('subscribe', { plan: 'pro-teams', pack, capCents, startNow: true });
        const [price, credits] = PACKS[pack];
        let cap = capCents;
        let highestCap = 0;
        let [included, overage] = [0, 0];
        for (const next of steps) {
          if (next.kind === 'cap') {
            account.do('setCap', { meter: 'credits', capCents: next.cents });
            cap = next.cents;
            continue;
          }
          const base = Math.min(next.units, credits - included);
          // Exact, in whole numbers: overage × price ÷ credits ≤ cap.
          const fits = next.units === base || (overage + next.units - base) * price <= cap * credits;
          const parts = partsOf(account, next.units);
          expect(parts !== null).toBe(fits);
          if (parts === null) continue;
          // CRE-3: base first, and the parts add up.
          expect(parts).toEqual({ includedUnits: base, overageUnits: next.units - base, trialUnits: 0 });
          included += base;
          overage += parts.overageUnits;
          if (parts.overageUnits > 0) highestCap = Math.max(highestCap, cap);
          expect(overage * price).toBeLessThanOrEqual(highestCap * credits);
        }
        // The boundary's invoice says the same: price and overage, rounded once.
        account.until('2027-02-01T00:00:00Z');
        expect(account.bills[1]?.[1]).toBe(price + Math.round((overage * price) / credits));
        expect(account.bills[1]?.[1]).toBeLessThanOrEqual(price + highestCap);
      }),
      { numRuns: 150 },
    );
  });

  it('CRE-6 MON-1 given any cap and price, however large, then the room is each unit that the cap pays for, and not one more', () => {
    const count = fc.oneof(
      fc.integer({ min: 1, max: 1_000 }),
      fc.maxSafeNat().map((value) => Math.max(1, value)),
    );
    fc.assert(
      fc.property(count, count, count, (capMinor, priceMinor, pricePerUnits) => {
        const exact = (BigInt(capMinor) * BigInt(pricePerUnits)) / BigInt(priceMinor);
        fc.pre(exact <= BigInt(Number.MAX_SAFE_INTEGER));
        expect(overageRoomUnits({ capMinor, priceMinor, pricePerUnits })).toBe(Number(exact));
      }),
      { numRuns: 1_000 },
    );
  });
});

function partsOf(account: AccountInMemory, units: number) {
  const before = account.facts;
  try {
    return account.use(units);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.code).toBe('spending_cap_reached');
    // CRE-6: refused whole, and without a trace.
    expect(account.facts).toBe(before);
    return null;
  }
}
