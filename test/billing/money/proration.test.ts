import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { addSeconds, parseInstant } from '../../../billing/calendar/instant.ts';
import { boundaryAt, type Interval } from '../../../billing/calendar/period.ts';
import { prorate, proratedAmount } from '../../../billing/money/proration.ts';
import { add, rational, roundHalfAwayFromZero, subtract } from '../../../billing/money/rational.ts';

const at = (text: string) => parseInstant(text);
const june = { start: at('2027-06-01T00:00:00Z'), end: at('2027-07-01T00:00:00Z') };
const year2027 = { start: at('2027-01-01T00:00:00Z'), end: at('2028-01-01T00:00:00Z') };

const anyCycle = fc
  .tuple(fc.integer({ min: 0, max: 47_000 }), fc.constantFrom<Interval>('month', 'year'))
  .map(([days, interval]) => {
    const start = addSeconds(at('1970-01-01T00:00:00Z'), days * 86_400 + 3_601);
    return { start, end: boundaryAt(start, interval, 1) };
  });
const anyAmount = fc.integer({ min: 0, max: 100_000_000 });
const anyShare = fc.integer({ min: 0, max: 28 * 86_400 });

describe('MON-4 proration by the second of the whole cycle', () => {
  it('MON-4 given a yearly seat of 180 usd, when added exactly half-way, then 90 usd', () => {
    expect(proratedAmount(18_000, year2027, at('2027-07-02T12:00:00Z'), 'usd')).toBe(9_000);
  });

  it('MON-4 given a seat of 20 usd in June, when 10 of 30 days remain, then a third, rounded', () => {
    expect(prorate(2_000, june, at('2027-06-21T00:00:00Z'))).toEqual(rational(2_000, 3));
    expect(proratedAmount(2_000, june, at('2027-06-21T00:00:00Z'), 'usd')).toBe(667);
  });

  it('MON-4 given the first instant of a cycle, when prorated, then the full price; at its end, nothing', () => {
    expect(proratedAmount(2_000, june, june.start, 'usd')).toBe(2_000);
    expect(proratedAmount(2_000, june, june.end, 'usd')).toBe(0);
  });

  it('MON-4 given a leap February, when prorated, then its own 29 days are the divisor', () => {
    const february = { start: at('2028-02-01T00:00:00Z'), end: at('2028-03-01T00:00:00Z') };
    expect(prorate(2_900, february, at('2028-02-29T00:00:00Z'))).toEqual(rational(100));
  });

  it('MON-4 given an instant outside the cycle, when prorated, then it is a bug', () => {
    expect(() => prorate(2_000, june, addSeconds(june.start, -1))).toThrow(RangeError);
    expect(() => prorate(2_000, june, addSeconds(june.end, 1))).toThrow(RangeError);
  });

  it('MON-4 given a cycle cut anywhere twice, when the parts are added, then they are exactly the price', () => {
    fc.assert(
      fc.property(anyAmount, anyCycle, anyShare, anyShare, (amount, cycle, a, b) => {
        const [first, second] = [addSeconds(cycle.start, Math.min(a, b)), addSeconds(cycle.start, Math.max(a, b))];
        const before = subtract(rational(amount), prorate(amount, cycle, first));
        const between = subtract(prorate(amount, cycle, first), prorate(amount, cycle, second));
        const after = prorate(amount, cycle, second);
        expect(add(add(before, between), after)).toEqual(rational(amount));
      }),
    );
  });

  it('MON-4 given a later addition, when prorated, then it never costs more than an earlier one, nor than the price', () => {
    fc.assert(
      fc.property(anyAmount, anyCycle, anyShare, (amount, cycle, share) => {
        const from = addSeconds(cycle.start, share);
        const charged = proratedAmount(amount, cycle, from, 'usd');
        expect(charged).toBeLessThanOrEqual(amount);
        expect(charged).toBeGreaterThanOrEqual(proratedAmount(amount, cycle, addSeconds(from, 1), 'usd'));
      }),
    );
  });
});

describe('MON-2 a total is the sum of its lines', () => {
  it('MON-2 given any lines, when each is rounded once, then the total is off the exact one by at most half a unit a line', () => {
    fc.assert(
      fc.property(fc.array(anyAmount, { minLength: 1, maxLength: 20 }), anyCycle, anyShare, (amounts, cycle, share) => {
        const from = addSeconds(cycle.start, share);
        const total = amounts.reduce((sum, amount) => sum + proratedAmount(amount, cycle, from, 'usd'), 0);
        const exact = amounts.reduce((sum, amount) => add(sum, prorate(amount, cycle, from)), rational(0));
        expect(Math.abs(total - roundHalfAwayFromZero(exact))).toBeLessThanOrEqual(Math.ceil(amounts.length / 2));
      }),
    );
  });

  it('MON-2 given a charge, when it is credited in full, then nothing remains: −99.98 for −100 cannot happen', () => {
    fc.assert(
      fc.property(anyAmount, anyCycle, anyShare, (amount, cycle, share) => {
        const from = addSeconds(cycle.start, share);
        expect(proratedAmount(amount, cycle, from, 'usd') + proratedAmount(-amount, cycle, from, 'usd')).toBe(0);
      }),
    );
  });
});
