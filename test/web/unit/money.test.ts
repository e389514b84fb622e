import { codes, code as findCurrency } from 'currency-codes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { chargeStepMinor } from '../../../billing/money/currency.ts';
import { chargeStepOf, decimalsOf, money, unitPrice } from '../../../web/format/money.ts';

describe('MON-1: amounts as the pages show them', () => {
  it('MON-1 given every currency that the engine takes, then the pages know its decimals', () => {
    for (const code of codes()) {
      const digits = findCurrency(code)?.digits ?? 2;
      if ([0, 2, 3].includes(digits)) expect(decimalsOf(code), code).toBe(digits);
    }
  });

  it('MON-6 given every currency, then the pages know in which steps it is charged', () => {
    for (const code of codes()) expect(chargeStepOf(code), code).toBe(chargeStepMinor(code));
  });

  it('MON-1 given amounts of any size, then they are shown with every digit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999_999 }),
        fc.constantFrom('usd', 'jpy', 'kwd', 'huf'),
        (minor, code) => {
          expect(Number(money(minor, code).replaceAll(/[^\d]/g, ''))).toBe(minor);
        },
      ),
    );
  });

  it.each([
    ['$1,234.50', 123_450, 'usd'],
    ['-$0.05', -5, 'usd'],
    ['¥500', 500, 'jpy'],
    ['KWD 1.250', 1250, 'kwd'],
    ['$90,071,992,547,409.91', Number.MAX_SAFE_INTEGER, 'usd'],
  ])('MON-1 given an amount, then it reads %s', (text, minor, code) => {
    expect(money(minor, code).replaceAll('\u00a0', ' ')).toBe(text);
  });

  it('MON-3 given a rate for many units, then the price of one is shown without rounding it to cents', () => {
    expect(unitPrice({ cents: 3000, per: 2500 }, 'usd')).toBe('$0.012');
    expect(unitPrice({ cents: 32, per: 10 }, 'usd')).toBe('$0.032');
  });
});
