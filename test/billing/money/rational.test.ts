import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  add,
  ceil,
  compare,
  floor,
  multiply,
  negate,
  type Rational,
  rational,
  roundHalfAwayFromZero,
  subtract,
} from '../../../billing/money/rational.ts';

const anyRational = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 9n }))
  .map(([numerator, denominator]) => rational(numerator, denominator));
const anyWholeNumber = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });

describe('MON-1 no floating point', () => {
  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'MON-1 given %s, when made a fraction, then it stops loudly',
    (value) => {
      expect(() => rational(value)).toThrow(RangeError);
      expect(() => rational(1, value)).toThrow(RangeError);
    },
  );

  it('MON-1 given an amount beyond what an integer can hold, when rounded, then it stops loudly', () => {
    expect(() => roundHalfAwayFromZero(rational(2n ** 53n))).toThrow(RangeError);
    expect(roundHalfAwayFromZero(rational(2n ** 53n - 1n))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('MON-1 given nothing to divide by, when made a fraction, then it stops loudly', () => {
    expect(() => rational(1, 0)).toThrow(RangeError);
  });

  it('MON-1 given a third, when tripled, then it is one: nothing was lost', () => {
    expect(multiply(rational(1, 3), rational(3))).toEqual(rational(1));
    expect(add(add(rational(1, 3), rational(1, 3)), rational(1, 3))).toEqual(rational(1));
  });
});

describe('MON-2 rounded once, half away from zero', () => {
  it.each([
    [1, 2, 1],
    [-1, 2, -1],
    [3, 2, 2],
    [-3, 2, -2],
    [5, 2, 3],
    [49, 100, 0],
    [-49, 100, 0],
    [51, 100, 1],
    [0, 7, 0],
    [7, -2, -4],
  ])('MON-2 given %i/%i, when rounded, then %i', (numerator, denominator, expected) => {
    expect(roundHalfAwayFromZero(rational(numerator, denominator))).toBe(expected);
  });

  it('MON-2 given any fraction, when rounded, then it is off by at most a half', () => {
    fc.assert(
      fc.property(anyRational, (value) => {
        const rounded = roundHalfAwayFromZero(value);
        const error = subtract(rational(rounded), value);
        expect(compare(error, rational(1, 2))).toBeLessThanOrEqual(0);
        expect(compare(error, rational(-1, 2))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('MON-2 given any fraction, when negated, then it rounds to the negative', () => {
    fc.assert(
      fc.property(anyRational, (value) => {
        expect(roundHalfAwayFromZero(negate(value)) + roundHalfAwayFromZero(value)).toBe(0);
      }),
    );
  });

  it('MON-2 given a half above any whole number, then it rounds away from zero', () => {
    fc.assert(
      fc.property(anyWholeNumber, (n) => {
        const half = rational(2n * BigInt(n) + 1n, 2n);
        expect(roundHalfAwayFromZero(half)).toBe(n >= 0 ? n + 1 : n);
      }),
    );
  });

  it('MON-2 given a whole number, when rounded, then nothing changes', () => {
    fc.assert(
      fc.property(anyWholeNumber, (n) => {
        expect([roundHalfAwayFromZero(rational(n)), floor(rational(n)), ceil(rational(n))]).toEqual([n, n, n]);
      }),
    );
  });

  it('MON-2 given any fraction, when floored and ceiled, then it lies between', () => {
    fc.assert(
      fc.property(anyRational, (value) => {
        expect(compare(rational(floor(value)), value)).toBeLessThanOrEqual(0);
        expect(compare(rational(ceil(value)), value)).toBeGreaterThanOrEqual(0);
        expect(ceil(value) - floor(value)).toBe(value.denominator === 1n ? 0 : 1);
      }),
    );
  });
});

describe('MON-3 rates are exact fractions', () => {
  it('MON-3 given 30 usd for 2,500 credits, when a credit is priced, then it is exactly 1.2 cents', () => {
    expect(rational(3000, 2500)).toEqual({ numerator: 6n, denominator: 5n });
    expect(roundHalfAwayFromZero(multiply(rational(3000, 2500), rational(139)))).toBe(167);
  });

  it('MON-3 given 32 cents for 10 minutes, when 1,000 minutes are used, then 3,200: a minute is not rounded first', () => {
    expect(roundHalfAwayFromZero(multiply(rational(32, 10), rational(1000)))).toBe(3200);
  });

  it('MON-3 given any fractions, when calculated with, then in any order the same', () => {
    fc.assert(
      fc.property(anyRational, anyRational, anyRational, (a, b, c) => {
        expect(add(a, b)).toEqual(add(b, a));
        expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
        expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
        expect(subtract(add(a, b), b)).toEqual(a);
      }),
    );
  });

  it('MON-3 given any results, then they are in lowest terms', () => {
    fc.assert(
      fc.property(anyRational, anyRational, (a, b) => {
        for (const value of [add(a, b), subtract(a, b), multiply(a, b), negate(a)]) expectLowestTerms(value);
      }),
    );
  });
});

function expectLowestTerms(value: Rational): void {
  expect(value.denominator > 0n).toBe(true);
  let [larger, smaller] = [value.numerator < 0n ? -value.numerator : value.numerator, value.denominator];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  expect(larger).toBe(1n);
}
