import { describe, expect, it } from 'vitest';

import { priceUsage } from '../../../billing/usage/decide-usage.ts';
import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';

const qodo = catalogNamed('qodo');

/** Pro Teams small, 2 500 credits for 3 000 cents (1.2 cents a credit), from January 1, paid; the cap in cents. */
function subscribed(capCents?: number, pack = 'small'): AccountInMemory {
  const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
  account.do('subscribe', { plan: 'pro-teams', pack, startNow: true, ...(capCents === undefined ? {} : { capCents }) });
  return account;
}

const pool = (account: AccountInMemory) => account.facts.meterCycles.find((cycle) => cycle.closedAt === null);

describe('CRE: credits, overage, cap', () => {
  it('CRE-1 given one account, when any number of people use it, then they share a pool and nobody is provisioned', () => {
    const account = subscribed();
    for (let person = 0; person < 50; person++) account.access(`person-${String(person)}`);
    for (let event = 0; event < 50; event++) account.use(50);
    // 50 × 50 = 2 500: exactly the base.
    expect(pool(account)).toMatchObject({ usedIncludedUnits: 2500, overageUnits: 0 });
    expect(account.facts.members).toEqual([]);
    expect(account.facts.seats).toEqual([]);
  });

  it('CRE-2 given the catalog, when a feature is used, then it consumes what the catalog says, by model where it says so', () => {
    const creditsOf = (usage: object) => priceUsage(qodo, { feature: 'improve', ...usage }).units;
    expect(creditsOf({})).toBe(90);
    expect(creditsOf({ quantity: 3 })).toBe(270);
    expect(creditsOf({ quantity: 2, model: 'example-large' })).toBe(480);
    expect(creditsOf({ quantity: 2, model: 'not in the catalog' })).toBe(180);
    expect(creditsOf({ feature: 'review' })).toBe(139);
    expect(creditsOf({ credits: 7 })).toBe(7);
    expect(refusalOf(() => creditsOf({ feature: 'poetry' }))).toBe('unknown_feature');
    expect(refusalOf(() => creditsOf({ quantity: 0 }))).toBe('invalid_request');
    expect(refusalOf(() => creditsOf({ credits: 1.5 }))).toBe('invalid_request');
  });

  it('CRE-3 given 2 490 of 2 500 used, when an event of 30 comes, then it is one event of 10 base and 20 overage', () => {
    const account = subscribed();
    account.use(2490);
    expect(account.use(30)).toEqual({ includedUnits: 10, overageUnits: 20, trialUnits: 0 });
    expect(account.use(5)).toEqual({ includedUnits: 0, overageUnits: 5, trialUnits: 0 });
  });

  it('CRE-4 given credits left over, when the month ends, then they do not roll over', () => {
    const account = subscribed(0);
    account.use(100);
    account.until('2027-02-01T00:00:00Z');
    expect(account.use(2500).includedUnits).toBe(2500);
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
  });

  it('CRE-4 given an event at the very end of the month, when it is counted, then it is of the next (CAL-1)', () => {
    const account = subscribed(0).until('2027-01-31T23:59:59Z');
    account.use(2500);
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
    account.until('2027-02-01T00:00:00Z');
    expect(account.use(2500).includedUnits).toBe(2500);
  });

  it('CRE-5 given overage, when it is billed, then at base price ÷ base credits, exact, and rounded once', () => {
    const account = subscribed();
    account.use(2501);
    for (let event = 0; event < 1001; event++) account.use(1);
    // 1 002 credits × 3 000 ÷ 2 500 = 1 202.4 → 1 202 cents; rounded per event it would be 1 002.
    account.until('2027-02-01T00:00:00Z');
    const line = account.issued[1]?.lines.find((candidate) => candidate.kind === 'overage');
    expect(line).toMatchObject({ quantity: 1002, amount: 1202 });
    expect(line?.explanation).toMatchObject({
      rule: 'CRE-5',
      inputs: { priceCents: 3000, creditsPerPrice: 2500, credits: 1002 },
    });
  });

  it('CRE-6 given a cap of 5 000 cents, when overage comes up to the last credit under it, then exactly that much fits', () => {
    const account = subscribed(5000);
    account.use(2500);
    // 5 000 × 2 500 ÷ 3 000 = 4 166.67: 4 166 credits cost 4 999.2 cents, 4 167 would cost 5 000.4.
    expect(account.use(4166).overageUnits).toBe(4166);
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
    account.until('2027-02-01T00:00:00Z');
    expect(account.bills[1]).toEqual(['cycle', 3000 + 4999, 'paid']);
  });

  it('CRE-6 given a cap that the rate divides, when it is met exactly, then it is not overshot (complaint 1)', () => {
    const account = subscribed(600);
    // 600 × 2 500 ÷ 3 000 = 500 credits, which cost 600.0 cents.
    expect(account.use(3000)).toEqual({ includedUnits: 2500, overageUnits: 500, trialUnits: 0 });
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
    account.until('2027-02-01T00:00:00Z');
    expect(account.bills[1]).toEqual(['cycle', 3600, 'paid']);
  });

  it('CRE-6 given an event that straddles and does not fit, when it is refused, then whole: its base part is not taken', () => {
    const account = subscribed(600);
    account.use(2400);
    const before = pool(account);
    // 100 base + 501 overage: one credit too much.
    expect(refusalOf(() => account.use(601))).toBe('spending_cap_reached');
    expect(pool(account)).toEqual(before);
    expect(account.use(600)).toEqual({ includedUnits: 100, overageUnits: 500, trialUnits: 0 });
  });

  it('CRE-6 given nothing of the cap used, when small overage comes, then it is not refused (complaint 3)', () => {
    const account = subscribed(25_000);
    account.use(2500);
    expect(account.use(1).overageUnits).toBe(1);
  });

  it('CRE-6 given holds, when an event comes, then what is held counts as used', () => {
    const account = subscribed(600);
    account.use(2500);
    const cycles = account.facts.meterCycles.map((cycle) =>
      cycle.closedAt === null ? { ...cycle, heldUnits: 400 } : cycle,
    );
    account.facts = { ...account.facts, meterCycles: cycles };
    // 500 credits of room − 400 held = 100.
    expect(refusalOf(() => account.use(101))).toBe('spending_cap_reached');
    expect(account.use(100).overageUnits).toBe(100);
  });

  it('CRE-7 given no cap asked for, when subscribing, then it is the catalog’s 5 000 cents', () => {
    expect(subscribed().facts.account.caps).toEqual({ credits: 5000 });
    expect(subscribed(1234).facts.account.caps).toEqual({ credits: 1234 });
  });

  it('CRE-7 given a cap of 0, when the base is used up, then there is no overage', () => {
    const account = subscribed(0);
    account.use(2499);
    expect(refusalOf(() => account.use(2))).toBe('spending_cap_reached');
    account.use(1);
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
    account.until('2027-02-01T00:00:00Z');
    expect(account.bills[1]).toEqual(['cycle', 3000, 'paid']);
  });

  it('CRE-7 given a catalog that requires a cap, when it is to be taken away, then that is refused', () => {
    expect(refusalOf(() => subscribed().do('setCap', { meter: 'credits', capCents: null }))).toBe('cap_required');
  });

  it('CRE-8 given the cap is reached, when it is raised, then use goes on at once (complaint 24)', () => {
    const account = subscribed(600);
    account.use(3000);
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
    account.do('setCap', { meter: 'credits', capCents: 1200 });
    expect(account.use(500).overageUnits).toBe(500);
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
  });

  it('CRE-8 given 480 cents accrued, when the cap is lowered to 300, then overage stops and the 480 stay owed (complaint 2)', () => {
    const account = subscribed(600);
    // 400 credits × 1.2 = 480 cents.
    account.use(2900);
    account.do('setCap', { meter: 'credits', capCents: 300 });
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
    account.until('2027-02-01T00:00:00Z');
    expect(account.bills[1]).toEqual(['cycle', 3480, 'paid']);
    // The lower cap holds in the new cycle: 300 × 2 500 ÷ 3 000 = 250 credits.
    expect(account.use(2750).overageUnits).toBe(250);
    expect(refusalOf(() => account.use(1))).toBe('spending_cap_reached');
  });

  it('CRE-8 given a cap lowered before the base is used up, when the base is used, then that is not refused', () => {
    const account = subscribed(600);
    account.use(1000);
    account.do('setCap', { meter: 'credits', capCents: 0 });
    expect(account.use(1500).includedUnits).toBe(1500);
  });

  it('CRE-9 given overage before the cap was set, when it is set, then that counts against it (complaint 23)', () => {
    const account = subscribed(60_000);
    account.use(2900);
    account.until('2027-01-20T00:00:00Z').do('setCap', { meter: 'credits', capCents: 600 });
    // 500 credits of room in the whole cycle, of which 400 were used before.
    expect(refusalOf(() => account.use(101))).toBe('spending_cap_reached');
    expect(account.use(100).overageUnits).toBe(100);
  });

  it('CRE-10 given overage, when the cycle ends, then it is a line of the next invoice, and base and overage begin anew', () => {
    const account = subscribed(600);
    account.use(3000);
    account.until('2027-02-01T00:00:00Z');
    expect(account.issued[1]?.lines.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['base', 3000],
      ['overage', 600],
    ]);
    expect(account.issued[1]?.lines[1]).toMatchObject({
      periodStart: '2027-01-01T00:00:00Z',
      periodEnd: '2027-02-01T00:00:00Z',
    });
    expect(account.use(3000)).toEqual({ includedUnits: 2500, overageUnits: 500, trialUnits: 0 });
    account.until('2027-04-01T00:00:00Z');
    // January's and February's overage, each once; March had none.
    expect(account.bills.map(([, total]) => total)).toEqual([3000, 3600, 3600, 3000]);
  });

  it('CRE-12 given an event older than 35 days, in the future, or before the signup, when it comes, then it is refused by code', () => {
    const account = subscribed().until('2027-02-10T00:00:00Z');
    // February 10 − 35 days = January 6.
    expect(refusalOf(() => account.use(1, { occurredAt: '2027-01-05T23:59:59Z' }))).toBe('event_too_old');
    expect(refusalOf(() => account.use(1, { occurredAt: '2027-02-10T00:05:01Z' }))).toBe('event_in_future');
    expect(account.use(1, { occurredAt: '2027-02-10T00:05:00Z' }).includedUnits).toBe(1);
    const young = subscribed();
    expect(refusalOf(() => young.use(1, { occurredAt: '2026-12-31T23:59:59Z' }))).toBe('event_too_old');
  });

  it('CRE-17 given Qodo, when an annual subscription is asked for, then it is refused', () => {
    const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
    const ask = () => account.do('subscribe', { plan: 'pro-teams', interval: 'year' });
    expect(refusalOf(ask)).toBe('interval_not_offered');
    expect(refusalOf(() => subscribed().do('changePlan', { interval: 'year' }))).toBe('interval_not_offered');
    expect(account.facts.subscription).toBeNull();
  });

  it('CRE-17 given Enterprise, when a customer asks for it, then it is set up by sales (CRE-18)', () => {
    const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
    expect(refusalOf(() => account.do('subscribe', { plan: 'enterprise' }))).toBe('plan_not_self_serve');
  });

  it('CRE-19 given a cancellation, when the cycle runs out, then use goes on till then and the last overage is invoiced', () => {
    const account = subscribed(600);
    account.use(2600);
    expect(account.do('cancel', {})).toEqual({ effective: 'cycle_end', at: '2027-02-01T00:00:00Z' });
    account.until('2027-01-31T23:59:59Z');
    account.use(100);
    account.until('2027-02-01T00:00:00Z');
    expect(account.facts.account.phase).toBe('canceled');
    // 200 credits × 1.2 = 240 cents.
    expect(account.bills).toEqual([
      ['start', 3000, 'paid'],
      ['final', 240, 'paid'],
    ]);
    expect(refusalOf(() => account.use(1))).toBe('subscription_ended');
    account.until('2027-06-01T00:00:00Z');
    expect(account.bills).toHaveLength(2);
  });

  it('CRE-19 given a cancellation, when it is resumed before the end, then everything else is as if nothing had been', () => {
    const [resumed, steady] = [subscribed(600), subscribed(600)];
    for (const account of [resumed, steady]) account.until('2027-01-10T00:00:00Z').use(2600);
    resumed.do('cancel', {});
    resumed.do('resume', {});
    for (const account of [resumed, steady]) account.until('2027-03-01T00:00:00Z');
    expect(resumed.issued).toEqual(steady.issued);
    expect(refusalOf(() => resumed.do('resume', {}))).toBe('no_change');
  });
});
