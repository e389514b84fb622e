import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { currency, formatAmount, minimumChargeMinor } from '../../../billing/money/currency.ts';

describe('MON-1 minor units are those of ISO 4217', () => {
  it.each([
    ['usd', 2],
    ['USD', 2],
    ['jpy', 0],
    ['kwd', 3],
    ['huf', 2],
    ['idr', 2],
    ['isk', 0],
  ])('MON-1 given %s, when looked up, then it has %i decimals', (code, decimals) => {
    expect(currency(code)).toEqual({ code: code.toLowerCase(), decimals });
  });

  it.each(['', 'us', 'usdx', 'zzz', 'constructor', 'CLF', '$'])(
    'MON-1 given "%s", when looked up, then it is refused by code',
    (code) => {
      expect(() => currency(code)).toThrow(expect.objectContaining({ code: 'invalid_request', field: 'currency' }));
    },
  );

  it.each([
    [123_450, 'usd', '$1,234.50'],
    [-500, 'usd', '-$5.00'],
    [0, 'usd', '$0.00'],
    [5, 'usd', '$0.05'],
    [500, 'jpy', '¥500'],
    [1_234_567, 'kwd', 'KWD 1,234.567'],
    [100_000, 'huf', 'HUF 1,000.00'],
    [Number.MAX_SAFE_INTEGER, 'usd', '$90,071,992,547,409.91'],
  ])('MON-1 given %i %s, when shown, then %s', (amount, code, expected) => {
    expect(formatAmount(amount, code).replaceAll('\u00a0', ' ')).toBe(expected);
  });

  it('MON-1 given an amount that is not an integer, when shown, then it stops loudly', () => {
    expect(() => formatAmount(0.1, 'usd')).toThrow(RangeError);
  });

  it('MON-1 given any amount, when shown, then no digit of it is lost', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('usd', 'jpy', 'kwd'), (amount, code) => {
        const digits = formatAmount(amount, code).replaceAll(/\D/g, '');
        expect(BigInt(digits)).toBe(BigInt(Math.abs(amount)));
      }),
    );
  });
});

describe('MON-6 the smallest amount that is charged', () => {
  it.each([
    ['usd', 50],
    ['gbp', 30],
    ['jpy', 50],
    ['huf', 17_500],
    ['kwd', 500],
  ])('MON-6 given %s, when asked, then %i minor units', (code, minimum) => {
    expect(minimumChargeMinor(code)).toBe(minimum);
  });
});
