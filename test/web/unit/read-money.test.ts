import { codes, code as findCurrency } from 'currency-codes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { chargeStepOf, decimalsOf, money, typedMoney } from '../../../web/format/money.ts';
import { amountIn, type ReadMoney, readMoney } from '../../../web/components/read-money.ts';

const CURRENCIES = codes().filter((code) => [0, 2, 3].includes(findCurrency(code)?.digits ?? 2));
const LOCALES =
  'en-US en-GB en-IN de-DE de-CH de-AT fr-FR fr-CH it-IT es-ES es-MX pt-BR nl-NL sv-SE pl-PL ru-RU tr-TR ja-JP zh-CN ko-KR ar-EG hi-IN'.split(
    ' ',
  );
const POINT = ['en-US'];
const COMMA = ['de-DE'];

const currency = fc.constantFrom(...CURRENCIES);
const locales = fc.uniqueArray(fc.constantFrom(...LOCALES), { minLength: 0, maxLength: 3 });
/** As large as a field takes: twelve digits before the decimals. */
const minorOf = (code: string) => fc.integer({ min: 0, max: 10 ** (12 + decimalsOf(code)) - 1 });
const typedAmount = currency.chain((code) => fc.record({ code: fc.constant(code), minor: minorOf(code), locales }));

const why = (text: string, code: string, read: readonly string[]): string | number | null => {
  const found: ReadMoney = readMoney(text, { currency: code, locales: read });
  return found.kind === 'refused' ? found.why : found.kind === 'amount' ? found.minor : null;
};

describe('MON-1: amounts as people type them', () => {
  it('MON-1 given every amount, currency and locale, when what is shown or prefilled is typed, then it is the same amount', () => {
    fc.assert(
      fc.property(typedAmount, ({ code, minor, locales: read }) => {
        const reading = { currency: code, locales: read };
        expect(amountIn(typedMoney(minor, code), reading), typedMoney(minor, code)).toBe(minor);
        expect(amountIn(money(minor, code), reading), money(minor, code)).toBe(minor);
      }),
      { numRuns: 2000 },
    );
  });

  it('MON-1 given an amount as its locale writes it, then it is that amount or is refused, and never another', () => {
    fc.assert(
      fc.property(typedAmount, fc.boolean(), ({ code, minor, locales: [locale = 'en-US'] }, useGrouping) => {
        const decimals = decimalsOf(code);
        const format = new Intl.NumberFormat(locale, {
          ...{ minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping, numberingSystem: 'latn' },
        });
        const text = format.format(typedMoney(minor, code) as Intl.StringNumericLiteral);
        expect([minor, null], `${text} in ${locale}`).toContain(amountIn(text, { currency: code, locales: [locale] }));
      }),
      { numRuns: 2000 },
    );
  });

  it('MON-1 given a sign before one or two digits at the end, then those are decimals, or it is refused: 50,00 is never 5,000', () => {
    const signs = fc.constantFrom('.', ',');
    fc.assert(
      fc.property(currency, locales, fc.nat(999_999), fc.nat(99), signs, (code, read, whole, cents, sign) => {
        const text = `${String(whole)}${sign}${String(cents).padStart(2, '0')}`;
        const right = Number(`${String(whole)}${String(cents).padStart(2, '0').padEnd(decimalsOf(code), '0')}`);
        const found = amountIn(text, { currency: code, locales: read });
        expect([right, null], text).toContain(found);
        if (decimalsOf(code) === 0) expect(found, text).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it('MON-1 given any digits and signs, then what is read has its decimals at the last sign, or none and groups of three', () => {
    const piece = fc.constantFrom('.', ',', ' ', '’', '0', '1', '25', '250', '000');
    fc.assert(
      fc.property(currency, locales, fc.array(piece, { maxLength: 7 }), (code, read, pieces) => {
        const text = pieces.join('').trim();
        const found = amountIn(text, { currency: code, locales: read });
        if (found === null) return;
        const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
        const minor = (whole: string, fraction: string): number =>
          Number(`${whole.replaceAll(/\D/g, '')}${fraction.padEnd(decimalsOf(code), '0')}`);
        const isGrouped = /^\d{1,3}(\D\d{3})+$/.test(text) || /^\d+$/.test(text);
        const readings = [
          ...(isGrouped ? [minor(text, '')] : []),
          ...(last < 0 ? [] : [minor(text.slice(0, last), text.slice(last + 1))]),
        ];
        expect(readings, text).toContain(found);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['50.00', 5000, 5000],
    ['50,00', 'Use a point: 50.00', 5000],
    ['12,5', 'Use a point: 12.50', 1250],
    ['1,250.00', 125_000, 125_000],
    ['1.250,00', 'Use a point: 1250.00', 125_000],
    ['1,250', 125_000, 'This can be read two ways. Enter 1250.00 or 1.25.'],
    ['1.250', 'This can be read two ways. Enter 1250.00 or 1.25.', 'This can be read two ways. Enter 1250.00 or 1.25.'],
    ['1.255', 'USD has at most 2 decimals, like 1250.00.', 'Enter 1255.00.'],
    ['1,255', 125_500, 'USD has at most 2 decimals, like 1250.00.'],
    ['1,250,000', 125_000_000, 125_000_000],
    ['1 250,00', 'Use a point: 1250.00', 125_000],
    ['1’250.50', 125_050, 125_050],
    ['1,00,000.00', 'Group digits in threes, or don’t group them.', 'Group digits in threes, or don’t group them.'],
    ['12,50,', 'Group digits in threes, or don’t group them.', 'Group digits in threes, or don’t group them.'],
    ['$1,234.50', 123_450, 123_450],
    ['€50', 'Enter the amount in USD.', 'Enter the amount in USD.'],
    ['５０．００', 5000, 5000],
    [' 50 ', 5000, 5000],
    ['', null, null],
    ['1234567890123', 'This amount is too large.', 'This amount is too large.'],
  ])(
    'MON-1 given "%s" in dollars, then with a decimal point it is %s, with a decimal comma %s',
    (text, point, comma) => {
      expect([why(text, 'usd', POINT), why(text, 'usd', COMMA)]).toEqual([point, comma]);
    },
  );

  it.each(['-1', '1e3', '12abc', 'NaN', '.5', '1..5', '+5', '0x10'])(
    'MON-1 given "%s", then it is no amount',
    (text) => {
      expect(amountIn(text, { currency: 'usd', locales: POINT })).toBeNull();
      expect(amountIn(text, { currency: 'usd', locales: COMMA })).toBeNull();
    },
  );

  it('MON-1 given a currency without decimals, or with three, then a sign before three digits is what it can only be', () => {
    expect(why('1,250', 'jpy', COMMA)).toBe(1250);
    expect(why('1.250', 'jpy', COMMA)).toBe(1250);
    expect(why('1.250', 'jpy', POINT)).toBe('JPY has no decimals. Enter 1250.');
    expect(why('500,00', 'jpy', COMMA)).toBe('JPY has no decimals. Enter 500.');
    expect(why('1.250', 'kwd', COMMA)).toBe(1250);
    expect(why('1,250', 'kwd', POINT)).toBe('This can be read two ways. Enter 1250.000 or 1.250.');
    expect(why('1,250', 'kwd', COMMA)).toBe('This can be read two ways. Enter 1250.000 or 1.250.');
  });

  it('MON-1 given a browser that asks for two languages, then a comma is what either of them makes of it', () => {
    expect(why('50,00', 'usd', ['en-US', 'de-DE'])).toBe(5000);
    expect(why('1,250', 'usd', ['en-US', 'de-DE'])).toMatch(/two ways/);
  });

  it('MON-6 given a currency that is charged by tens, then an amount between is refused with the two beside it', () => {
    const charged = { currency: 'kwd', locales: POINT, isCharged: true };
    expect(readMoney('1.255', charged)).toEqual({
      ...{ kind: 'refused', why: 'KWD is charged in steps of 0.010. Enter 1.250 or 1.260.' },
    });
    expect(amountIn('1.255', { currency: 'kwd', locales: POINT })).toBe(1255);
    fc.assert(
      fc.property(typedAmount, ({ code, minor, locales: read }) => {
        const found = amountIn(typedMoney(minor, code), { currency: code, locales: read, isCharged: true });
        expect(found).toBe(minor % chargeStepOf(code) === 0 ? minor : null);
      }),
    );
  });
});
