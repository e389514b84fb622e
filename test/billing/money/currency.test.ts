import { code as findCurrency, codes } from 'currency-codes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseCatalogYaml } from '../../../billing/catalog/load-catalog.ts';
import { currency, formatAmount, minimumChargeMinor, roundToCharge } from '../../../billing/money/currency.ts';
import { rational } from '../../../billing/money/rational.ts';
import { minimumStripeCharge, toStripeAmount } from '../../../stripe/stripe-amount.ts';
import { AccountInMemory, refusalOf } from '../account-in-memory.ts';

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

describe('MON-1 MON-2 what can be charged', () => {
  it('MON-2 given dinars, when a line is rounded, then once, half away from zero, to what Stripe takes', () => {
    expect(roundToCharge(rational(12_345), 'kwd')).toBe(12_350);
    expect(roundToCharge(rational(-12_345), 'kwd')).toBe(-12_350);
    expect(roundToCharge(rational(12_344_999, 1000), 'kwd')).toBe(12_340);
    expect(roundToCharge(rational(25, 2), 'jpy')).toBe(13);
  });

  it('MON-1 MON-6 given any currency of ISO 4217, when at least the minimum is charged, then Stripe takes it, and as much as we say', () => {
    for (const code of codes().map((each) => each.toLowerCase())) {
      if (![0, 2, 3].includes(findCurrency(code)?.digits ?? -1)) continue;
      const smallest = roundToCharge(rational(minimumChargeMinor(code)), code);
      expect(smallest, code).toBe(minimumChargeMinor(code));
      expect(toStripeAmount(smallest, code), code).toBeGreaterThanOrEqual(minimumStripeCharge(code));
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (amount) => {
          expect(Number.isInteger(toStripeAmount(roundToCharge(rational(amount, 7), code), code))).toBe(true);
        }),
        { numRuns: 5 },
      );
    }
  });
});

/** Prices of jpy have no decimals, of kwd three. */
const catalogIn = (currencyCode: string, month: number, year: number): string => `
name: team
currency: ${currencyCode}
defaultPlan: free
meters: { minutes: { unit: minute, granularitySeconds: 1 } }
plans:
  free: { seats: { limit: 2 } }
  pro:
    seats: { month: ${String(month)}, year: ${String(year)} }
    meters: { minutes: { includedPerMonth: 10, overage: { cents: 7, per: 3 }, cap: optional } }
  enterprise: { selfServe: false }
`;

describe('MON-1 MON-6 a plan in yen, and one in dinars', () => {
  const begin = (yaml: string): AccountInMemory => {
    const account = new AccountInMemory(parseCatalogYaml(yaml, 'team.yaml'), '2026-04-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro', seats: 1 });
    return account;
  };

  it('MON-1 given yen, when seats and minutes are billed, then in whole yen, and less than 50 is carried', () => {
    const account = begin(catalogIn('jpy', 3001, 30_001)).until('2026-04-16T00:00:00Z');
    account.do('addSeats', { count: 1 });
    account.useMeter('minutes', 20 * 60);
    account.until('2026-05-01T00:00:00Z');
    // 2 × 3001, 3001 ÷ 2 = 1500.5, 10 × 7 ÷ 3 = 23.33
    expect(account.issued.at(-1)?.lines.map(({ amount }) => amount)).toEqual([6002, 1501, 23]);
    account.do('changePlan', { interval: 'year' });
    account.until('2026-05-31T23:59:00Z').useMeter('minutes', 20 * 60);
    account.until('2026-06-01T00:00:00Z');
    expect(account.bills.at(-1)).toEqual(['cycle', 23, 'carried']);
  });

  it('MON-1 given dinars, when seats and minutes are billed, then every line is one that Stripe takes, and the cap is not passed', () => {
    const account = begin(catalogIn('kwd', 6170, 60_000)).until('2026-04-16T00:00:00Z');
    account.do('addSeats', { count: 1 });
    account.do('setCap', { meter: 'minutes', capCents: 24 });
    account.useMeter('minutes', 20 * 60);
    account.until('2026-05-01T00:00:00Z');
    // 2 × 6170, 6170 ÷ 2 = 3085 → 3090, 23.33 → 20
    expect(account.issued.at(-1)?.lines.map(({ amount }) => amount)).toEqual([12_340, 3090, 20]);
    account.useMeter('minutes', 100 * 60);
    account.until('2026-05-11T00:00:00Z').do('changePlan', { interval: 'year' });
    const [credit, overage, writtenOff, year] = account.issued.at(-1)?.lines.map(({ amount }) => amount) ?? [];
    // −(2 × 6170 × 21 ÷ 31) = −8359.35; 90 × 7 ÷ 3 = 210, of which the cap of 24 leaves 20.
    expect([credit, overage, writtenOff, year]).toEqual([-8360, 210, -190, 120_000]);
  });

  it('MON-1 CAT-1 given a price in dinars that Stripe cannot charge, when the catalog is loaded or a contract made, then it is refused', () => {
    expect(() => parseCatalogYaml(catalogIn('kwd', 6175, 60_000), 'team.yaml')).toThrow(/a multiple of 10/);
    const account = begin(catalogIn('kwd', 6170, 60_000));
    const contract = { plan: 'enterprise', interval: 'year', priceCents: 5, invoiceDueDays: 30 } as const;
    expect(refusalOf(() => account.do('setContract', contract))).toBe('invalid_request');
  });
});
