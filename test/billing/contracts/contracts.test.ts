import { describe, expect, it } from 'vitest';

import { describeAccount } from '../../../billing/views/describe.ts';
import type { CommandBodies } from '../../../billing/model/command.ts';
import { parseCommand } from '../../../billing/commands/command-shape.ts';
import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';
import { brief, freeAccount, lastInvoice, MAY, MID_APRIL, proAccount, seating } from '../seats/pro-account.ts';

const QODO = catalogNamed('qodo');
const APRIL = '2026-04-01T00:00:00Z';

/** 2,000 usd a month for 200,000 credits, then a cent a credit without a ceiling; invoices are due after 30 days. */
const CREDITS: CommandBodies['setContract'] = {
  plan: 'enterprise',
  interval: 'month',
  priceCents: 200_000,
  meters: { credits: { includedPerMonth: 200_000, overage: { cents: 10, per: 10 } } },
  invoiceDueDays: 30,
  attributes: { 'support level': '24 × 7', deployment: 'single-tenant', 'single sign-on': 'okta' },
};

/** A year of 6 seats at 120 usd, 500 usd for the platform, 5,000 minutes a month. */
const SEATS: CommandBodies['setContract'] = {
  plan: 'enterprise',
  interval: 'year',
  priceCents: 50_000,
  seats: { count: 6, priceCents: 12_000 },
  meters: { macro_minutes: { includedPerMonth: 5000 } },
  invoiceDueDays: 30,
};

const blocked = (): AccountInMemory => new AccountInMemory(QODO, '2026-03-01T00:00:00Z').until(APRIL);
const onContract = (agreed: Partial<CommandBodies['setContract']> = {}): AccountInMemory => {
  const account = blocked();
  account.do('setContract', { ...CREDITS, ...agreed });
  return account;
};
const kinds = (account: AccountInMemory): readonly string[] =>
  account.notices.map(({ at, kind }) => `${at.slice(0, 10)} ${kind}`);

describe('CRE-18: a contract begins', () => {
  it('CRE-18 given an account without a card, when an operator sets a contract up, then it works at once and its invoice is due in 30 days', () => {
    const account = onContract();
    expect(account.facts.account.phase).toBe('active');
    expect(lastInvoice(account)).toMatchObject({ total: 200_000, status: 'open', dueAt: '2026-05-01T00:00:00Z' });
    expect(brief(lastInvoice(account).lines)).toEqual([['base', 1, 200_000]]);
    expect(account.use(139)).toMatchObject({ includedUnits: 139, overageUnits: 0 });
  });

  it('CRE-18 given the same product and usage model, when credits run out, then overage goes on without a cap and is a line of the next invoice', () => {
    const account = onContract();
    account.sentInvoices = 'paid';
    expect(account.use(950_000)).toMatchObject({ includedUnits: 200_000, overageUnits: 750_000 });
    account.until(MAY);
    // 750,000 credits at 10 cents per 10
    expect(brief(lastInvoice(account).lines)).toEqual([
      ['base', 1, 200_000],
      ['overage', 750_000, 750_000],
    ]);
    expect(account.use(1)).toMatchObject({ includedUnits: 1 });
  });

  it('CRE-18 given a cap, or no price for overage, when it is reached, then use is refused whole', () => {
    const credits = { includedPerMonth: 1000, overage: { cents: 10, per: 10 }, capCents: 500 };
    const capped = onContract({ meters: { credits } });
    expect(capped.use(1500)).toMatchObject({ overageUnits: 500 });
    expect(refusalOf(() => capped.use(1))).toBe('spending_cap_reached');
    capped.do('setCap', { meter: 'credits', capCents: null });
    capped.use(1);
    const closed = onContract({ meters: { credits: { includedPerMonth: 1000 } } });
    closed.use(1000);
    expect(refusalOf(() => closed.use(1))).toBe('spending_cap_reached');
    expect(refusalOf(() => closed.do('setCap', { meter: 'credits', capCents: 1 }))).toBe('cap_not_offered');
  });

  it('CRE-18 given a trial, when a contract is set up in it, then it begins at the trial’s end, or now with startNow', () => {
    const later = new AccountInMemory(QODO, APRIL);
    expect(later.do('setContract', CREDITS)).toMatchObject({ startsAt: '2026-04-15T00:00:00Z' });
    expect(later.facts.account.phase).toBe('trialing');
    expect(later.issued).toEqual([]);
    later.until('2026-04-15T00:00:00Z');
    expect(later.facts.account.phase).toBe('active');
    expect(lastInvoice(later)).toMatchObject({ purpose: 'start', dueAt: '2026-05-15T00:00:00Z' });
    const now = new AccountInMemory(QODO, APRIL);
    now.do('setContract', { ...CREDITS, startNow: true });
    expect(now.facts.account).toMatchObject({ phase: 'active', trialEndsAt: APRIL });
  });

  it('CRE-18 given a free account with members, when a contract with seats begins, then everybody sits, and too few seats are refused', () => {
    const account = freeAccount('ann', 'bob', 'cid');
    const two = { count: 2, priceCents: 1 };
    expect(refusalOf(() => account.do('setContract', { ...SEATS, seats: two }))).toBe('not_enough_seats');
    account.do('setContract', SEATS);
    expect(seating(account)).toEqual(['ann', 'bob', 'cid', null, null, null]);
    // 50000 + 6 × 12000
    expect(brief(lastInvoice(account).lines)).toEqual([
      ['base', 1, 50_000],
      ['seats', 6, 72_000],
    ]);
    expect(account.facts.subscription?.cycle.end).toBe('2027-04-01T00:00:00Z');
    // BUD-3: the yearly plan's allowance renews monthly; without a price it ends use.
    account.useMeter('macro_minutes', 5000 * 60);
    expect(refusalOf(() => account.useMeter('macro_minutes', 60))).toBe('budget_reached');
    account.until(MAY).useMeter('macro_minutes', 60);
  });

  it('CRE-18 given a contract without seats, when newcomers come, then there is no limit to them', () => {
    const account = freeAccount('a', 'b', 'c', 'd', 'e');
    const { seats: _seats, ...flat } = SEATS;
    account.do('setContract', flat);
    expect(account.access('f')?.state).toBe('enabled');
    expect(account.facts.seats).toEqual([]);
    expect(refusalOf(() => account.do('addSeats', { count: 1 }))).toBe('plan_has_no_seats');
  });

  it('CRE-18 SBI-9 given Pro, when a contract begins, then what is not used of it is credited, at once, and seats added later cost its price', () => {
    const account = proAccount({ members: ['ann', 'bob'] }).until(MID_APRIL);
    account.useMeter('macro_minutes', 700 * 60);
    account.do('setContract', SEATS);
    expect(lastInvoice(account)).toMatchObject({ purpose: 'plan-change', dueAt: '2026-05-16T00:00:00Z' });
    expect(brief(lastInvoice(account).lines)).toEqual([
      // −(2 × 2000 × 15 ÷ 30)
      ['credit', 2, -2000],
      // 100 minutes at 32 per 10
      ['overage', 100, 320],
      ['base', 1, 50_000],
      ['seats', 6, 72_000],
    ]);
    expect(seating(account)).toEqual(['ann', 'bob', null, null, null, null]);
    account.until('2026-11-15T12:00:00Z').do('addSeats', { count: 1 });
    // 12000 × 151.5 ÷ 365 = 4980.82; a seat of a contract is sent, not taken back when it is not paid at once.
    expect(lastInvoice(account)).toMatchObject({ purpose: 'seats', total: 4981, status: 'open' });
    expect(account.facts.seats).toHaveLength(7);
  });

  it('CRE-18 SBI-9 given Pro and a contract that is paid by card, when the card declines, then Pro goes on as it was', () => {
    const { invoiceDueDays: _days, ...byCard } = SEATS;
    const account = proAccount({ members: ['ann'] }).until(MID_APRIL);
    const before = account.facts;
    account.card = { kind: 'failed', reason: 'declined', detail: 'no' };
    expect(refusalOf(() => account.do('setContract', byCard))).toBe('payment_failed');
    expect(account.facts.subscription).toEqual(before.subscription);
    expect(account.facts.seats).toEqual(before.seats);
    account.card = { kind: 'paid' };
    account.do('setContract', byCard);
    expect(lastInvoice(account)).toMatchObject({ status: 'paid', dueAt: null });
    expect(account.facts.subscription?.plan).toBe('enterprise');
  });

  it('CRE-18 given Pro Teams with overage and a cap, when a contract begins, then the old overage is settled and the new terms hold', () => {
    const account = new AccountInMemory(QODO, APRIL).withCard();
    account.do('subscribe', { plan: 'pro-teams', capCents: 100, startNow: true });
    account.use(2500 + 80);
    account.until(MID_APRIL).do('setContract', CREDITS);
    expect(brief(lastInvoice(account).lines)).toEqual([
      // −(3000 × 15 ÷ 30)
      ['credit', 1, -1500],
      // 80 × 1.2
      ['overage', 80, 96],
      ['base', 1, 200_000],
    ]);
    expect(account.use(200_001)).toEqual({ includedUnits: 200_000, overageUnits: 1, trialUnits: 0 });
    expect(account.facts.account.caps).toEqual({});
  });

  it('CRE-18 given an account whose payments failed, when a contract begins, then what could not be collected is over and service is back', () => {
    const account = new AccountInMemory(QODO, APRIL).withCard();
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    account.card = { kind: 'failed', reason: 'declined', detail: 'no' };
    account.until('2026-05-03T00:00:00Z');
    expect(refusalOf(() => account.do('setContract', CREDITS))).toBe('payment_failed');
    account.until('2026-05-09T00:00:00Z');
    expect(account.facts.account.phase).toBe('blocked');
    account.do('setContract', CREDITS);
    expect(account.facts.account.phase).toBe('active');
    expect(account.bills.map(([purpose, , status]) => [purpose, status])).toEqual([
      ['start', 'paid'],
      ['cycle', 'void'],
      ['start', 'open'],
    ]);
  });
});

describe('CRE-18: a contract is changed', () => {
  it('CRE-18 INV-3 given a contract that costs nothing in advance, when it is asked what comes, then nothing, until something is used beyond it', () => {
    const credits = { includedPerMonth: 10, overage: { cents: 100, per: 1 } };
    const account = onContract({ priceCents: 0, meters: { credits } });
    expect(account.upcoming()).toBeNull();
    account.use(12);
    expect(account.upcoming()).toMatchObject({ total: 200, dueAt: '2026-05-31T00:00:00Z' });
    account.until(MAY);
    expect(account.bills).toEqual([['cycle', 200, 'open']]);
  });

  it('CRE-18 given a contract, when another is agreed, then it begins at the next boundary, and now with startNow', () => {
    const account = onContract();
    account.sentInvoices = 'paid';
    const agreed = { ...CREDITS, priceCents: 300_000, invoiceDueDays: 60 };
    expect(account.until(MID_APRIL).do('setContract', agreed)).toMatchObject({ startsAt: MAY });
    expect(account.facts.subscription?.contract?.priceMinor).toBe(200_000);
    account.until(MAY);
    expect(lastInvoice(account)).toMatchObject({ total: 300_000, dueAt: '2026-06-30T00:00:00Z' });
    account.until('2026-05-16T12:00:00Z').do('setContract', { ...agreed, priceCents: 310_000, startNow: true });
    // 310000 − 300000 × 15.5 ÷ 31 (half of May's 31 days)
    expect(lastInvoice(account)).toMatchObject({ purpose: 'plan-change', total: 160_000 });
    expect(account.facts.subscription?.anchor).toBe('2026-05-16T12:00:00Z');
  });

  it('CRE-18 given a contract with seats, when one with fewer and later one without follows, then taken seats stay and nobody is disabled', () => {
    const account = freeAccount('ann', 'bob', 'cid');
    account.sentInvoices = 'paid';
    account.do('setContract', { ...SEATS, interval: 'month' });
    account.do('setContract', { ...SEATS, interval: 'month', seats: { count: 4, priceCents: 100 } });
    account.until(MAY);
    expect(seating(account)).toEqual(['ann', 'bob', 'cid', null]);
    const { seats: _seats, ...flat } = SEATS;
    account.do('setContract', flat);
    account.until('2026-06-01T00:00:00Z');
    expect(account.facts.seats).toEqual([]);
    expect(account.facts.members.map(({ state }) => state)).toEqual(['enabled', 'enabled', 'enabled']);
    // A year now: the anchor is where it began.
    expect(account.facts.subscription?.cycle.end).toBe('2027-06-01T00:00:00Z');
  });

  it('CRE-18 given a contract, when its customer changes the plan themselves, then that is refused; cancelling runs to the cycle’s end', () => {
    const account = onContract();
    account.sentInvoices = 'paid';
    expect(refusalOf(() => account.do('changePlan', { interval: 'year' }))).toBe('plan_not_self_serve');
    expect(refusalOf(() => account.do('changePlan', { plan: 'enterprise', pack: 'small' }))).toBe(
      'plan_not_self_serve',
    );
    account.do('cancel', {});
    account.use(250_000);
    account.until(MAY);
    expect(account.facts.account.phase).toBe('canceled');
    expect(lastInvoice(account)).toMatchObject({ purpose: 'final', total: 50_000, dueAt: '2026-05-31T00:00:00Z' });
  });
});

describe('CRE-18: a contract is paid', () => {
  it('CRE-18 INV-5 given an invoice that is not paid by its day, then the account is past due and reminded, and at the end blocked', () => {
    const account = onContract({ interval: 'year' });
    account.until('2026-04-30T23:59:59Z');
    expect(account.facts.account.phase).toBe('active');
    account.until(MAY);
    expect(account.facts.account.phase).toBe('past_due');
    account.use(100);
    account.until('2026-05-07T23:59:59Z');
    expect(account.facts.account.phase).toBe('past_due');
    account.until('2026-05-08T00:00:00Z');
    expect(account.facts.account).toMatchObject({ phase: 'blocked', blockedCode: 'payment_failed' });
    expect(kinds(account).slice(4)).toEqual([
      '2026-05-01 invoice_overdue',
      '2026-05-02 payment_reminder',
      '2026-05-04 payment_reminder',
      '2026-05-06 payment_reminder',
      '2026-05-08 payment_reminder',
    ]);
  });

  it('CRE-18 INV-6 given an overdue invoice, when an operator records its payment, then service is back, whatever else is not due yet', () => {
    const account = onContract();
    account.until('2026-05-02T00:00:00Z');
    expect(account.bills.map(([purpose, , status]) => [purpose, status])).toEqual([
      ['start', 'open'],
      ['cycle', 'open'],
    ]);
    expect(refusalOf(() => account.do('recordPayment', { number: 'acme-0009' }))).toBe('unknown_invoice');
    account.do('recordPayment', { number: 'acme-0001', reference: 'wire 77' });
    expect(account.facts.account.phase).toBe('active');
    expect(account.audit.find(({ action }) => action === 'payment.recorded')).toMatchObject({
      actor: 'admin',
      after: { number: 'acme-0001', total: 200_000, reference: 'wire 77' },
    });
    expect(refusalOf(() => account.do('recordPayment', { number: 'acme-0001' }))).toBe('unknown_invoice');
    // The next one is due on its own day.
    account.until('2026-05-30T23:59:59Z');
    expect(account.facts.account.phase).toBe('active');
    account.until('2026-05-31T00:00:00Z');
    expect(account.facts.account.phase).toBe('past_due');
  });

  it('CRE-18 INV-5 given an overdue invoice, when a card comes, then it is charged at once', () => {
    const account = onContract().until('2026-05-02T12:00:00Z');
    account.withCard();
    expect(account.bills[0]).toEqual(['start', 200_000, 'paid']);
    expect(account.facts.account.phase).toBe('active');
    // What is not due yet is not charged to it.
    expect(account.bills[1]).toEqual(['cycle', 200_000, 'open']);
  });

  it('CRE-18 INV-5 given a contract that was never paid, when it ends for that, then what was delivered stays owed: given up, not void', () => {
    const account = onContract().until('2026-07-01T00:00:00Z');
    expect(account.facts.subscription).toBeNull();
    expect(account.bills[0]).toEqual(['start', 200_000, 'uncollectible']);
  });
});

describe('CRE-18: a contract’s account is closed', () => {
  it('CRE-18 given an invoice that is not due yet, when the account is closed, then it stays owed, and its payment can still be recorded', () => {
    const account = onContract().until(MID_APRIL);
    account.do('close', {});
    expect(account.bills).toEqual([['start', 200_000, 'open']]);
    account.do('recordPayment', { number: 'acme-0001' });
    expect(account.bills).toEqual([['start', 200_000, 'paid']]);
    expect(account.facts.account.phase).toBe('canceled');
  });
});

describe('CAT-3: what was agreed is shown', () => {
  it('CAT-3 given contract attributes, when the account is read, then they are there, in their order, over those of the plan', () => {
    const account = onContract();
    const { contract, plan } = describeAccount(account.facts, account.catalog, account.now);
    expect(plan).toBe('enterprise');
    expect(contract).toMatchObject({ priceCents: 200_000, seatPriceCents: null, invoiceDueDays: 30 });
    expect(Object.entries(contract?.attributes ?? {})).toEqual([
      ['support', 'enterprise'],
      ['single sign-on', 'okta'],
      ['audit logs', true],
      ['own model keys', true],
      ['deployment', 'single-tenant'],
      ['support level', '24 × 7'],
    ]);
    expect(account.audit.find(({ action }) => action === 'subscription.chosen')).toMatchObject({
      actor: 'admin',
      after: { contract: { attributes: CREDITS.attributes } },
    });
    const pro = proAccount();
    expect(describeAccount(pro.facts, pro.catalog, pro.now).contract).toBeNull();
  });
});

describe('CRE-18: what cannot be agreed', () => {
  it.each([
    ['a plan that customers take themselves', { plan: 'pro-teams' }, 'invalid_request'],
    ['a plan that is not there', { plan: 'gold' }, 'unknown_plan'],
    ['a meter that is not there', { meters: { minutes: { includedPerMonth: 1 } } }, 'unknown_meter'],
    ['seats where nobody is provisioned', { seats: { count: 5, priceCents: 1 } }, 'plan_has_no_seats'],
    ['a cap on nothing', { meters: { credits: { includedPerMonth: 1, capCents: 5 } } }, 'cap_not_offered'],
  ])('CRE-18 given %s, when a contract is set up, then %j is refused by code', (_what, wrong, code) => {
    const account = blocked();
    expect(refusalOf(() => account.do('setContract', { ...CREDITS, ...wrong }))).toBe(code);
    expect(account.facts.subscription).toBeNull();
  });

  it('CRE-18 given neither a card nor days to pay, when a contract is set up, then it is refused', () => {
    const { invoiceDueDays: _days, ...byCard } = CREDITS;
    const account = blocked();
    expect(refusalOf(() => account.do('setContract', byCard))).toBe('payment_method_required');
    account.withCard().do('setContract', byCard);
    expect(lastInvoice(account)).toMatchObject({ status: 'paid', dueAt: null });
  });

  it.each([
    ['priceCents', { priceCents: -1 }],
    ['interval', { interval: 'week' }],
    ['seats.priceCents', { seats: { count: 5 } }],
    ['seats.discount', { seats: { count: 5, priceCents: 1, discount: 2 } }],
    ['meters', { meters: [] }],
    ['meters.credits.includedPerMonth', { meters: { credits: { includedPerMonth: 1.5 } } }],
    ['meters.credits.overage.per', { meters: { credits: { includedPerMonth: 1, overage: { cents: 1, per: 0 } } } }],
    ['attributes.support', { attributes: { support: 7 } }],
    ['invoiceDueDays', { invoiceDueDays: 0 }],
    ['invoiceDueDays', { invoiceDueDays: 366 }],
  ])('CRE-18 AUD-1 given a wrong %s, when a contract is read, then the field is named', (field, wrong) => {
    let named: unknown = null;
    try {
      parseCommand('setContract', { ...CREDITS, ...wrong });
    } catch (error) {
      named = error;
    }
    expect(named).toMatchObject({ code: 'invalid_request', field });
  });
});
