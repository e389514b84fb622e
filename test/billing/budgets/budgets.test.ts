import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Interval } from '../../../billing/calendar/period.ts';
import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';

const codspeed = catalogNamed('codspeed');
const MINUTES = 'macro_minutes';
/** The meter's smallest unit is a second; 600 minutes are included. */
const minutes = (count: number) => count * 60;

function organization(): AccountInMemory {
  return new AccountInMemory(codspeed, '2027-01-01T00:00:00Z');
}

/** One seat: 2 000 cents a month, or 18 000 a year. */
function pro(interval: Interval = 'month'): AccountInMemory {
  const account = organization().withCard();
  account.do('subscribe', { plan: 'pro', interval, seats: 1 });
  return account;
}

const linesOf = (account: AccountInMemory, index: number) =>
  account.issued[index]?.lines.map(({ kind, quantity, amount }) => [kind, quantity, amount]);

describe('BUD: metered budgets', () => {
  it('BUD-1 given 600 minutes included, when they are used to the last second, then nothing is owed', () => {
    const account = pro();
    account.useMeter(MINUTES, minutes(600));
    account.until('2027-02-01T00:00:00Z');
    expect(linesOf(account, 1)).toEqual([['seats', 1, 2000]]);
  });

  it('BUD-1 given many short jobs, when the cycle ends, then its seconds are rounded up to minutes once', () => {
    const account = pro();
    account.useMeter(MINUTES, minutes(600));
    // 100 jobs of 61 s = 6 100 s = 101.67 min → 102 minutes; rounded per job it would be 200.
    for (let job = 0; job < 100; job++) account.useMeter(MINUTES, 61);
    account.until('2027-02-01T00:00:00Z');
    // 102 × 32 ÷ 10 = 326.4 → 326 cents.
    expect(linesOf(account, 1)).toEqual([
      ['seats', 1, 2000],
      ['overage', 102, 326],
    ]);
  });

  it('BUD-1 given one second beyond the included minutes, when the cycle ends, then one minute is owed', () => {
    const account = pro();
    expect(account.useMeter(MINUTES, minutes(600) + 1)).toEqual({
      includedUnits: 36_000,
      overageUnits: 1,
      trialUnits: 0,
    });
    account.until('2027-02-01T00:00:00Z');
    // 1 × 32 ÷ 10 = 3.2 → 3 cents.
    expect(linesOf(account, 1)?.[1]).toEqual(['overage', 1, 3]);
    expect(account.issued[1]?.lines[1]?.explanation).toMatchObject({
      rule: 'BUD-1',
      inputs: { minutes: 1, priceCents: 32, minutesPerPrice: 10 },
    });
  });

  it('BUD-1 given any jobs, when the cycle ends, then the bill is the sum’s minutes at 32 cents per 10', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 12 }), (jobs) => {
        const account = pro();
        for (const seconds of jobs) account.useMeter(MINUTES, seconds);
        account.until('2027-02-01T00:00:00Z');
        const beyond = Math.max(0, jobs.reduce((sum, seconds) => sum + seconds, 0) - 36_000);
        expect(account.bills[1]?.[1]).toBe(2000 + Math.round((Math.ceil(beyond / 60) * 32) / 10));
      }),
      { numRuns: 60 },
    );
  });

  it('BUD-1 given Pro, when a budget is set, changed and taken away, then it is in force at once', () => {
    const account = pro();
    expect(account.facts.account.caps).toEqual({});
    account.do('setCap', { meter: MINUTES, capCents: 32 });
    account.useMeter(MINUTES, minutes(610));
    expect(refusalOf(() => account.useMeter(MINUTES, 1))).toBe('budget_reached');
    account.do('setCap', { meter: MINUTES, capCents: 64 });
    account.useMeter(MINUTES, minutes(10));
    expect(refusalOf(() => account.useMeter(MINUTES, 1))).toBe('budget_reached');
    account.do('setCap', { meter: MINUTES, capCents: null });
    account.useMeter(MINUTES, minutes(10));
    account.until('2027-02-01T00:00:00Z');
    expect(linesOf(account, 1)?.[1]).toEqual(['overage', 30, 96]);
  });

  it('BUD-2 given the free plan, when the included minutes are used up, then use ends until they renew', () => {
    const account = organization();
    account.useMeter(MINUTES, minutes(599));
    // A job that begins with a minute left may finish; nothing is ever owed for it.
    account.useMeter(MINUTES, minutes(20));
    expect(refusalOf(() => account.useMeter(MINUTES, 1))).toBe('budget_reached');
    expect(refusalOf(() => account.do('setCap', { meter: MINUTES, capCents: 500 }))).toBe('not_subscribed');
    account.until('2027-02-01T00:00:00Z');
    expect(account.useMeter(MINUTES, 1).includedUnits).toBe(1);
    expect(account.bills).toEqual([]);
  });

  it('BUD-2 given Pro without a budget, when more than the included minutes are used, then use goes on', () => {
    const account = pro();
    account.useMeter(MINUTES, minutes(600));
    account.useMeter(MINUTES, minutes(100_000));
    account.useMeter(MINUTES, minutes(1));
    account.until('2027-02-01T00:00:00Z');
    // 100 001 × 3.2 = 320 003.2 → 320 003 cents.
    expect(linesOf(account, 1)?.[1]).toEqual(['overage', 100_001, 320_003]);
  });

  it('BUD-2 given a budget of 320 cents, when a running job goes beyond it, then the excess is written off, visibly', () => {
    const account = pro();
    account.do('setCap', { meter: MINUTES, capCents: 320 });
    // 99 of the 100 minutes that 320 cents buy, then a job of 31 minutes.
    account.useMeter(MINUTES, minutes(699));
    account.useMeter(MINUTES, minutes(31));
    expect(refusalOf(() => account.useMeter(MINUTES, 1))).toBe('budget_reached');
    account.until('2027-02-01T00:00:00Z');
    // 130 × 3.2 = 416 cents, of which 96 are beyond the budget.
    expect(linesOf(account, 1)).toEqual([
      ['seats', 1, 2000],
      ['overage', 130, 416],
      ['adjustment', 1, -96],
    ]);
    expect(account.issued[1]?.lines[2]?.explanation).toMatchObject({
      rule: 'BUD-2',
      inputs: { owedCents: 320, costCents: 416 },
    });
    expect(account.bills[1]).toEqual(['cycle', 2320, 'paid']);
    expect(account.useMeter(MINUTES, 1).includedUnits).toBe(1);
  });

  it('BUD-2 given overage, when a budget below it is set, then what was used before counts (complaint 23)', () => {
    const account = pro();
    account.useMeter(MINUTES, minutes(650));
    account.do('setCap', { meter: MINUTES, capCents: 100 });
    expect(refusalOf(() => account.useMeter(MINUTES, 1))).toBe('budget_reached');
  });

  it('BUD-3 given a yearly plan, when a month has overage, then it is billed with the month, on the anchor', () => {
    const account = pro('year');
    account.useMeter(MINUTES, minutes(700));
    account.until('2027-02-01T00:00:00Z');
    // 100 × 3.2 = 320 cents; the seat is paid for the year.
    expect(account.bills).toEqual([
      ['start', 18_000, 'paid'],
      ['cycle', 320, 'paid'],
    ]);
    expect(account.issued[1]).toMatchObject({ issuedAt: '2027-02-01T00:00:00Z' });
    // The allowance is there again.
    expect(account.useMeter(MINUTES, minutes(600)).includedUnits).toBe(36_000);
    // Months without overage make no invoice; the year renews on its anchor.
    account.until('2028-01-01T00:00:00Z');
    expect(account.bills.slice(2)).toEqual([['cycle', 18_000, 'paid']]);
  });

  it('BUD-3 given a yearly plan with a budget, when a month ends, then the budget renews too', () => {
    const account = pro('year');
    account.do('setCap', { meter: MINUTES, capCents: 64 });
    for (const next of ['2027-02-01T00:00:00Z', '2027-03-01T00:00:00Z']) {
      account.useMeter(MINUTES, minutes(620));
      expect(refusalOf(() => account.useMeter(MINUTES, 1))).toBe('budget_reached');
      account.until(next);
    }
    // 20 minutes × 3.2 = 64 cents, each month anew.
    expect(account.bills.slice(1)).toEqual([
      ['cycle', 64, 'paid'],
      ['cycle', 64, 'paid'],
    ]);
  });

  it('BUD-3 given a yearly plan and the last month’s overage, when the year renews, then one invoice has both (INV-2)', () => {
    const account = pro('year').until('2027-12-15T00:00:00Z');
    account.useMeter(MINUTES, minutes(700));
    account.until('2028-01-01T00:00:00Z');
    expect(linesOf(account, 1)).toEqual([
      ['seats', 1, 18_000],
      ['overage', 100, 320],
    ]);
  });

  it('BUD-3 given a yearly plan from January 31, when months end, then on the 28th and the 31st (CAL-2)', () => {
    const account = new AccountInMemory(codspeed, '2027-01-31T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro', interval: 'year', seats: 1 });
    account.useMeter(MINUTES, minutes(700));
    account.until('2027-02-28T00:00:00Z').useMeter(MINUTES, minutes(700));
    account.until('2027-04-15T00:00:00Z');
    expect(account.issued.slice(1).map((invoice) => invoice.issuedAt)).toEqual([
      '2027-02-28T00:00:00Z',
      '2027-03-31T00:00:00Z',
    ]);
  });
});
