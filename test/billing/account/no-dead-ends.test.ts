import { describe, expect, it } from 'vitest';

import { usageModeOf } from '../../../billing/usage/decide-usage.ts';
import { duesOf } from '../../../billing/schedule/dues.ts';
import type { Catalog } from '../../../billing/catalog/catalog.ts';
import { catalogFromObject } from '../../../billing/catalog/load-catalog.ts';
import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';

const qodo = catalogNamed('qodo');
const codspeed = catalogNamed('codspeed');
const NEW_YEAR = '2027-01-01T00:00:00Z';
const TRIAL_END = '2027-01-15T00:00:00Z';
const declined = { kind: 'failed', reason: 'declined', detail: 'the bank said no' } as const;
const paid = { kind: 'paid' } as const;

/** A trial before a free plan, and an hour of grace at every boundary. */
const graced: Catalog = catalogFromObject(
  {
    name: 'graced',
    currency: 'usd',
    trial: { days: 14 },
    afterTrial: 'free',
    defaultPlan: 'free',
    graceMinutes: 60,
    meters: { minutes: { unit: 'minute', granularitySeconds: 1 } },
    plans: {
      pro: {
        seats: { month: 2000, year: 18_000 },
        meters: { minutes: { includedPerMonth: 600, overage: { cents: 32, per: 10 }, cap: 'optional' } },
      },
      free: { seats: { limit: 5 }, meters: { minutes: { includedPerMonth: 600 } } },
    },
  },
  'graced',
);

function broke(account: AccountInMemory): AccountInMemory {
  account.card = declined;
  return account;
}

function solvent(account: AccountInMemory): AccountInMemory {
  account.card = paid;
  return account.withCard();
}

const minutes = (count: number): number => count * 60;

describe('a first payment that fails leads back to where the account stood', () => {
  it('TRI-4 given a trial whose conversion was declined, when it is cancelled, then the account is blocked as after any trial, and can subscribe again', () => {
    const account = broke(new AccountInMemory(qodo, NEW_YEAR).withCard());
    account.do('subscribe', { plan: 'pro-teams' });
    account.until(TRIAL_END);
    expect(account.facts.account.phase).toBe('past_due');
    account.do('cancel', {});
    expect(account.facts.account).toMatchObject({ phase: 'blocked', blockedCode: 'trial_ended' });
    expect(account.facts.subscription).toBeNull();
    expect(refusalOf(() => usageModeOf(account.facts, account.now))).toBe('trial_ended');
    expect(account.bills).toEqual([['start', 3000, 'void']]);
    solvent(account).do('subscribe', { plan: 'pro-teams' });
    expect(account.facts.account.phase).toBe('active');
  });

  it('TRI-4 given the same on a catalog with a free plan, when it is cancelled, then Free rules hold', () => {
    const account = broke(new AccountInMemory(graced, NEW_YEAR).withCard());
    account.do('subscribe', { plan: 'pro' });
    account.until(TRIAL_END);
    account.do('cancel', {});
    expect(account.facts.account.phase).toBe('free');
  });

  it('TRI-3 given a start in the trial that is not paid by its end, when the trial ends, then the free plan goes on where there is one', () => {
    const account = broke(new AccountInMemory(graced, NEW_YEAR).withCard());
    account.until('2027-01-13T00:00:00Z').do('subscribe', { plan: 'pro', startNow: true });
    account.until(TRIAL_END);
    expect(account.facts.account.phase).toBe('free');
    solvent(account);
    expect(account.facts.account.phase).toBe('active');
  });

  it('TRI-8 given a trial that ended and a payment that failed after it, when an operator extends it, then it is open again', () => {
    const account = broke(new AccountInMemory(qodo, NEW_YEAR).withCard());
    account.until(TRIAL_END).do('subscribe', { plan: 'pro-teams' });
    expect(account.facts.account.blockedCode).toBe('payment_failed');
    account.do('extendTrial', { days: 3 });
    expect(account.facts.account).toMatchObject({ phase: 'trialing', trialEndsAt: '2027-01-18T00:00:00Z' });
  });

  it('INV-1 given an unpaid start that is cancelled, when the same plan is chosen in the same second, then its invoice is another one', () => {
    const account = broke(new AccountInMemory(codspeed, NEW_YEAR).withCard());
    account.do('subscribe', { plan: 'pro' });
    account.do('cancel', {});
    solvent(account).do('subscribe', { plan: 'pro' });
    expect(account.bills).toEqual([
      ['start', 2000, 'void'],
      ['start', 2000, 'paid'],
    ]);
  });
});

describe('one balance per instant, whatever plan gave it', () => {
  it('CRE-4 given use in the trial, when the subscription starts in that very second, then the paid credits are there', () => {
    const account = new AccountInMemory(qodo, NEW_YEAR).withCard();
    account.use(139);
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    expect(account.use(2600)).toEqual({ includedUnits: 2500, overageUnits: 100, trialUnits: 0 });
    account.until('2027-02-01T00:00:00Z');
    // 3000 for February, and 100 credits × 3000 ÷ 2500 = 120
    expect(account.issued.at(-1)?.total).toBe(3120);
  });

  it('BUD-2 given free minutes used up, when Pro starts in that very second, then more can be used and is billed', () => {
    const account = new AccountInMemory(codspeed, NEW_YEAR).withCard();
    account.useMeter('macro_minutes', minutes(600));
    account.do('subscribe', { plan: 'pro' });
    account.useMeter('macro_minutes', minutes(10));
    account.until('2027-02-01T00:00:00Z');
    // 2000 for the seat, and 10 minutes beyond the 600 × 32 ÷ 10 = 32
    expect(account.issued.at(-1)?.total).toBe(2032);
  });

  it('BUD-2 given a first payment that fails, when minutes are used meanwhile, then the free allowance goes on and is not given anew', () => {
    const account = new AccountInMemory(codspeed, NEW_YEAR).withCard();
    account.until('2027-01-05T00:00:00Z').useMeter('macro_minutes', minutes(600));
    broke(account).do('subscribe', { plan: 'pro' });
    expect(refusalOf(() => account.useMeter('macro_minutes', 1))).toBe('budget_reached');
    account.until('2027-01-06T12:00:00Z');
    expect(refusalOf(() => account.useMeter('macro_minutes', 1))).toBe('budget_reached');
    solvent(account);
    expect(account.useMeter('macro_minutes', minutes(600))).toMatchObject({ includedUnits: minutes(600) });
  });

  it('BUD-2 given a plan that ended in the middle of a free month, when minutes are used, then the free balance begins where the paid one ended', () => {
    const account = new AccountInMemory(codspeed, NEW_YEAR).withCard();
    account.until('2027-01-11T00:00:00Z').do('subscribe', { plan: 'pro' });
    account.until('2027-02-10T00:00:00Z').useMeter('macro_minutes', minutes(700));
    account.do('changePlan', { plan: 'free' });
    account.until('2027-02-12T00:00:00Z').useMeter('macro_minutes', minutes(1));
    const [paidCycle, freeCycle] = account.facts.meterCycles;
    expect(paidCycle).toMatchObject({ end: '2027-02-11T00:00:00Z', overageUnits: minutes(100) });
    // The free months are counted from January 1; this one is what Pro left of February.
    expect(freeCycle).toMatchObject({ start: '2027-02-11T00:00:00Z', end: '2027-03-01T00:00:00Z', priceMinor: null });
  });

  it('TRI-2 given no event in the trial, when one of its time arrives after it, then it is the trial’s and costs nothing', () => {
    const account = new AccountInMemory(qodo, NEW_YEAR).withCard();
    account.do('subscribe', { plan: 'pro-teams' });
    account.until('2027-01-16T00:00:00Z');
    expect(account.use(9000, { occurredAt: '2027-01-10T00:00:00Z' })).toEqual({
      includedUnits: 0,
      overageUnits: 0,
      trialUnits: 9000,
    });
    expect(account.use(2500)).toMatchObject({ includedUnits: 2500, overageUnits: 0 });
  });
});

describe('when every try to pay has failed', () => {
  const MARCH = '2027-03-01T00:00:00Z';

  it('INV-6 given a renewal paid after the last try, when the month goes on, then its base is not given twice (complaint 14)', () => {
    const account = new AccountInMemory(qodo, NEW_YEAR).withCard();
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    broke(account).until('2027-02-02T00:00:00Z').use(2500);
    account.until('2027-02-10T00:00:00Z');
    expect(account.facts.account.blockedCode).toBe('payment_failed');
    solvent(account);
    expect(account.facts.account.phase).toBe('active');
    // February's base is used up: the next credit is overage, and March's invoice has it. 10 × 3000 ÷ 2500 = 12
    expect(account.use(10)).toEqual({ includedUnits: 0, overageUnits: 10, trialUnits: 0 });
    expect(
      account
        .until(MARCH)
        .issued.at(-1)
        ?.lines.map((line) => [line.kind, line.amount]),
    ).toEqual([
      ['base', 3000],
      ['overage', 12],
    ]);
  });

  it('INV-5 given Free rules after the last try, when minutes are used, then they are the free plan’s: no overage is sold on credit', () => {
    const account = new AccountInMemory(codspeed, '2027-01-10T00:00:00Z').withCard();
    account.until('2027-01-20T00:00:00Z').do('subscribe', { plan: 'pro' });
    broke(account).until('2027-02-21T00:00:00Z').useMeter('macro_minutes', minutes(600));
    account.until('2027-02-28T00:00:00Z');
    expect(account.facts.account.phase).toBe('free');
    account.useMeter('macro_minutes', minutes(600));
    expect(refusalOf(() => account.useMeter('macro_minutes', 1))).toBe('budget_reached');
  });

  it('INV-6 given a yearly renewal that may be recovered for a year, when it is paid three months late, then no past month is worked off again', () => {
    const patient = { ...codspeed, recoveryDays: 365 };
    const account = new AccountInMemory(patient, '2026-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro', interval: 'year' });
    broke(account).until('2027-04-10T00:00:00Z');
    expect(account.facts.subscription?.state).toBe('suspended');
    solvent(account);
    expect(account.facts.account.phase).toBe('active');
    expect(duesOf(account.facts, patient)[0]).toMatchObject({ at: '2027-05-01T00:00:00Z', kind: 'cycle' });
    expect(account.until('2028-01-01T00:00:00Z').bills).toEqual([
      ['start', 18_000, 'paid'],
      ['cycle', 18_000, 'paid'],
      ['cycle', 18_000, 'paid'],
    ]);
  });

  it('INV-5 given a yearly renewal that nobody paid, when a card is saved ten months later, then it pays for nothing, and who comes back subscribes anew', () => {
    const account = new AccountInMemory(codspeed, '2026-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro', interval: 'year' });
    broke(account).until('2027-11-10T00:00:00Z');
    solvent(account);
    expect(account.bills).toEqual([
      ['start', 18_000, 'paid'],
      ['cycle', 18_000, 'void'],
    ]);
    expect(account.facts.account.phase).toBe('free');
    account.do('subscribe', { plan: 'pro', interval: 'year' });
    expect(account.facts.subscription?.anchor).toBe('2027-11-10T00:00:00Z');
  });

  it('INV-5 given a paid year, when a month’s overage is not paid, then the year’s seats go on; overage and new seats wait', () => {
    const account = new AccountInMemory(codspeed, NEW_YEAR).withCard();
    account.do('subscribe', { plan: 'pro', interval: 'year', seats: 2 });
    account.access('ann');
    account.useMeter('macro_minutes', minutes(1600));
    broke(account).until('2027-02-20T00:00:00Z');
    // 1000 minutes × 32 ÷ 10
    expect(account.bills.at(-1)).toEqual(['cycle', 3200, 'open']);
    expect(account.facts.account.phase).toBe('past_due');
    expect(account.access('ann')?.state).toBe('enabled');
    account.useMeter('macro_minutes', minutes(600));
    expect(refusalOf(() => account.useMeter('macro_minutes', 1))).toBe('payment_failed');
    expect(refusalOf(() => account.do('addSeats', { count: 1 }))).toBe('payment_failed');
    solvent(account);
    expect(account.facts.account.phase).toBe('active');
    expect(account.bills.at(-1)).toEqual(['cycle', 3200, 'paid']);
  });
});

describe('with a grace, what is owed is invoiced when it ends', () => {
  it('CRE-19 given nothing but overage, when the subscription ends, then the final invoice has it', () => {
    const account = new AccountInMemory(graced, NEW_YEAR).withCard();
    account.do('subscribe', { plan: 'pro', startNow: true });
    account.useMeter('minutes', minutes(700));
    account.do('cancel', {});
    account.until('2027-02-01T00:59:59Z');
    expect(account.facts.liveInvoices).toMatchObject([{ status: 'draft', purpose: 'final', lines: [] }]);
    expect(account.upcoming()?.total).toBe(320);
    account.until('2027-02-01T01:00:00Z');
    // 100 minutes × 32 ÷ 10 = 320; dated at the boundary.
    expect(account.issued.at(-1)).toMatchObject({
      purpose: 'final',
      total: 320,
      status: 'paid',
      issuedAt: '2027-02-01T00:00:00Z',
    });
  });

  it('BUD-3 given a yearly plan, when a month has overage, then it is invoiced at that month’s end', () => {
    const account = new AccountInMemory(graced, NEW_YEAR).withCard();
    account.do('subscribe', { plan: 'pro', interval: 'year', startNow: true });
    account.useMeter('minutes', minutes(700));
    account.until('2027-02-01T01:00:00Z');
    expect(account.issued.at(-1)).toMatchObject({ purpose: 'cycle', total: 320, status: 'paid' });
    account.until('2027-03-01T01:00:00Z');
    expect(account.bills).toHaveLength(2);
  });

  it('INV-1 given a final draft that stays empty, when its grace ends, then it is discarded and takes no number', () => {
    const account = new AccountInMemory(graced, NEW_YEAR).withCard();
    account.do('subscribe', { plan: 'pro', startNow: true });
    account.useMeter('minutes', minutes(1));
    account.do('cancel', {});
    account.until('2027-02-02T00:00:00Z');
    expect(account.bills).toEqual([['start', 2000, 'paid']]);
    expect(account.facts.liveInvoices).toEqual([]);
    solvent(account).do('subscribe', { plan: 'pro' });
    expect(account.issued.at(-1)?.number).toBe('acme-0002');
  });
});

describe('members', () => {
  it('SBI-10 given a member whose seat awaits removal, when an admin chooses them to stay on Free, then they stay', () => {
    const account = new AccountInMemory(codspeed, NEW_YEAR).withCard();
    for (const member of ['ann', 'bob', 'cid']) account.access(member);
    account.do('subscribe', { plan: 'pro' });
    account.do('removeSeats', { memberId: 'ann' });
    account.do('removeSeats', { memberId: 'bob' });
    account.do('changePlan', { plan: 'free', keepMemberIds: ['bob'] });
    account.until('2027-02-01T00:00:00Z');
    expect(account.facts.members.map(({ memberId, state, reason }) => [memberId, reason ?? state])).toEqual([
      ['ann', 'seat_removed'],
      ['bob', 'enabled'],
      ['cid', 'enabled'],
    ]);
  });

  it('SEA-3 given a bot, when it is admitted past the access check, then that is refused and no member comes of it', () => {
    const account = new AccountInMemory(codspeed, NEW_YEAR);
    expect(refusalOf(() => account.do('admitMember', { memberId: '49699333', login: 'dependabot[bot]' }))).toBe(
      'invalid_request',
    );
    expect(account.facts.members).toEqual([]);
  });

  it('AUD-2 given no free seat, when a member is re-enabled, then the seat that was bought has an entry with both quantities', () => {
    const account = new AccountInMemory(codspeed, NEW_YEAR).withCard();
    account.do('subscribe', { plan: 'pro' });
    for (const member of ['ann', 'bob']) refusalOrNone(() => account.access(member));
    account.do('enableMember', { memberId: 'bob' });
    expect(account.audit.filter(({ action }) => action === 'seats.added')).toMatchObject([
      { actor: 'admin', before: { quantity: 1 }, after: { quantity: 2 } },
    ]);
  });
});

function refusalOrNone(act: () => unknown): void {
  try {
    act();
  } catch {
    // The newcomer found no seat; that is what this account is set up for.
  }
}
