import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { addSeconds } from '../../../billing/calendar/instant.ts';
import { catalogFromObject } from '../../../billing/catalog/load-catalog.ts';
import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';

const qodo = catalogNamed('qodo');
const APRIL = '2027-04-01T00:00:00Z';
/** Half of April: 15 of its 30 days. */
const MID_APRIL = '2027-04-16T00:00:00Z';
const MAY = '2027-05-01T00:00:00Z';
const declined = { kind: 'failed', reason: 'declined', detail: 'no' } as const;

function onPack(pack: string, catalog = qodo): AccountInMemory {
  const account = new AccountInMemory(catalog, APRIL).withCard();
  account.do('subscribe', { plan: 'pro-teams', pack, startNow: true });
  return account;
}

const credits = (account: AccountInMemory) =>
  account.facts.meterCycles.find((cycle) => cycle.closedAt === null && cycle.end > account.now);

describe('CRE-16: packs up and down', () => {
  it('CRE-16 given half a month, when a bigger pack is bought, then half the price’s and half the credits’ difference come now', () => {
    const account = onPack('small');
    account.until(MID_APRIL).use(1000);
    account.do('changePlan', { pack: 'medium' });
    // (6000 − 3000) × 15 ÷ 30 = 1500 cents; (5000 − 2500) × 15 ÷ 30 = 1250 credits: 2500 + 1250 − 1000 are left
    expect(account.bills).toEqual([
      ['start', 3000, 'paid'],
      ['plan-change', 1500, 'paid'],
    ]);
    expect(account.use(2751)).toEqual({ includedUnits: 2750, overageUnits: 1, trialUnits: 0 });
    account.until(MAY);
    // 6000 for May, and one credit of overage × 6000 ÷ 5000 = 1.2, which is 1
    expect(account.issued.at(-1)?.lines.map((line) => [line.kind, line.amount])).toEqual([
      ['base', 6000],
      ['overage', 1],
    ]);
    expect(account.use(5001)).toMatchObject({ includedUnits: 5000, overageUnits: 1 });
  });

  it('CRE-16 given nothing used yet, when a bigger pack is bought, then the credits are the old ones and the difference, not the new pack’s', () => {
    const account = onPack('small');
    // The last second of April: (5000 − 2500) × 1 ÷ 2 592 000 rounds down to none; (6000 − 3000) × 1 ÷ 2 592 000 is 0 cents.
    account.until('2027-04-30T23:59:59Z').do('changePlan', { pack: 'medium' });
    expect(credits(account)).toMatchObject({ includedUnits: 2500 });
    expect(account.bills.at(-1)).toEqual(['plan-change', 0, 'paid']);
    expect(account.facts.subscription?.pack).toBe('medium');
  });

  it('CRE-16 given the second of subscribing, when a bigger pack is bought, then it is the whole difference', () => {
    const account = onPack('small');
    account.do('changePlan', { pack: 'large' });
    expect(account.bills.at(-1)).toEqual(['plan-change', 21_000, 'paid']);
    expect(credits(account)).toMatchObject({ includedUnits: 20_000 });
  });

  it('CRE-16 given a card that declines, when a bigger pack is bought, then it is refused and nothing has changed (complaint 14)', () => {
    const account = onPack('small');
    account.until(MID_APRIL).card = declined;
    expect(refusalOf(() => account.do('changePlan', { pack: 'medium' }))).toBe('payment_failed');
    expect(account.facts.subscription?.pack).toBe('small');
    expect(account.facts.account.phase).toBe('active');
    expect(account.bills.at(-1)).toEqual(['plan-change', 1500, 'void']);
    expect(account.use(2501)).toMatchObject({ includedUnits: 2500, overageUnits: 1 });
  });

  it('CRE-16 given a smaller pack, when it is chosen, then it begins at the boundary; nothing is credited', () => {
    const account = onPack('medium');
    account.until(MID_APRIL).do('changePlan', { pack: 'small' });
    expect(account.bills).toEqual([['start', 6000, 'paid']]);
    expect(account.use(5000)).toMatchObject({ includedUnits: 5000 });
    expect(account.until(MAY).bills.at(-1)).toEqual(['cycle', 3000, 'paid']);
    expect(account.use(2501)).toMatchObject({ includedUnits: 2500, overageUnits: 1 });
  });

  it('CRE-16 given two packs up in one cycle, when each is billed, then each for its rest of the whole cycle (complaint 8)', () => {
    const account = onPack('small');
    account.until('2027-04-11T00:00:00Z').do('changePlan', { pack: 'medium' });
    account.until('2027-04-21T00:00:00Z').do('changePlan', { pack: 'large' });
    // 3000 × 20 ÷ 30 = 2000, then 18 000 × 10 ÷ 30 = 6000; 2500 + ⌊2500 × 20 ÷ 30⌋ + 15 000 × 10 ÷ 30 = 2500 + 1666 + 5000
    expect(account.bills.slice(1)).toEqual([
      ['plan-change', 2000, 'paid'],
      ['plan-change', 6000, 'paid'],
    ]);
    expect(credits(account)).toMatchObject({ includedUnits: 9166 });
  });

  it('CRE-16 given overage at the cap, when a bigger pack is bought, then the new credits can be used, and the cap stays reached', () => {
    const account = onPack('small');
    account.do('setCap', { meter: 'credits', capCents: 120 });
    account.until(MID_APRIL).use(2600);
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
    account.do('changePlan', { pack: 'medium' });
    expect(account.use(1250)).toEqual({ includedUnits: 1250, overageUnits: 0, trialUnits: 0 });
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
    expect(account.until(MAY).issued.at(-1)?.total).toBe(6120);
  });

  it('CRE-16 given a cheaper rate in the bigger pack, when overage has accrued, then this cycle keeps the old rate and the cap holds', () => {
    const cheaper = catalogFromObject(
      {
        name: 'cheaper',
        currency: 'usd',
        afterTrial: 'blocked',
        meters: { credits: { unit: 'credit' } },
        features: { review: { meter: 'credits', quantity: 1 } },
        plans: {
          'pro-teams': {
            packs: {
              small: { month: 2000, included: { credits: 1000 } },
              large: { month: 3000, included: { credits: 3000 } },
            },
            caps: { credits: { required: true, defaultCents: 1000 } },
          },
        },
      },
      'cheaper',
    );
    const account = onPack('small', cheaper);
    account.until(MID_APRIL).use(1400);
    account.do('changePlan', { pack: 'large' });
    // 1000 more credits; then overage goes on at 2 cents: 400 stand, and the cap of 1000 cents has room for 100 more.
    account.use(1000);
    expect(refusalOf(() => account.use(101))).toBe('spending_cap_reached');
    account.use(100);
    expect(
      account
        .until(MAY)
        .issued.at(-1)
        ?.lines.map((line) => line.amount),
    ).toEqual([3000, 1000]);
    // Without overage in May the new rate holds: 1 cent a credit.
    account.use(3001);
    expect(account.upcoming()?.total).toBe(3001);
  });

  it('CRE-16 given a scheduled smaller pack or end, when a bigger pack is bought, then the first is overtaken and the second stays', () => {
    const account = onPack('medium');
    account.do('changePlan', { pack: 'small' });
    account.do('changePlan', { pack: 'large' });
    expect(account.facts.subscription).toMatchObject({ pack: 'large', change: null });
    const leaving = onPack('small');
    leaving.do('cancel', {});
    leaving.do('changePlan', { pack: 'large' });
    expect(leaving.facts.subscription).toMatchObject({ pack: 'large', change: null, ending: { kind: 'cancel' } });
  });

  it('CRE-16 given any moments and uses, when packs go up, then what is billed never exceeds the biggest pack’s price, and no credit is lost', () => {
    const moves = fc.array(
      fc.record({ seconds: fc.integer({ min: 0, max: 860_000 }), use: fc.integer({ min: 1, max: 3000 }) }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(moves, fc.constantFrom('medium', 'large'), (waits, bigger) => {
        const account = onPack('small');
        account.do('setCap', { meter: 'credits', capCents: 0 });
        let used = 0;
        for (const { seconds, use } of waits) {
          account.until(addSeconds(account.now, seconds));
          try {
            used += account.use(use).includedUnits;
          } catch {
            // Without overage, what does not fit is refused whole.
          }
        }
        account.do('changePlan', { pack: bigger });
        const included = credits(account)?.includedUnits ?? 0;
        const whole = bigger === 'medium' ? { credits: 5000, price: 6000 } : { credits: 20_000, price: 24_000 };
        expect(included).toBeGreaterThanOrEqual(2500);
        expect(included).toBeLessThanOrEqual(whole.credits);
        expect(credits(account)?.usedIncludedUnits ?? 0).toBe(used);
        expect(account.issued.reduce((sum, { total }) => sum + total, 0)).toBeLessThanOrEqual(whole.price);
      }),
      { numRuns: 100 },
    );
  });
});
