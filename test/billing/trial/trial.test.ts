import { describe, expect, it } from 'vitest';

import { decideSignUp } from '../../../billing/subscription/sign-up.ts';
import { AccountInMemory, catalogNamed, instant, refusalOf } from '../account-in-memory.ts';

const qodo = catalogNamed('qodo');
const declined = { kind: 'failed', reason: 'declined', detail: 'the bank said no' } as const;

/** Signed up on January 1; the trial of 14 × 24 h ends on January 15 at the same second. */
const signedUp = (at = '2027-01-01T10:00:00Z') => new AccountInMemory(qodo, at);

describe('TRI: the trial', () => {
  it('TRI-1 given a catalog with a trial, when somebody signs up, then a trial of exactly 14 × 24 h begins', () => {
    const account = signedUp('2027-03-20T10:00:01Z');
    // March 20 + 14 days = April 3, at the same UTC second, whatever daylight saving does.
    expect(account.facts.account).toMatchObject({ phase: 'trialing', trialEndsAt: '2027-04-03T10:00:01Z' });
    expect(account.facts.subscription).toBeNull();
    account.until('2027-04-03T10:00:00Z');
    expect(account.facts.account.phase).toBe('trialing');
    account.until('2027-04-03T10:00:01Z');
    expect(account.facts.account.phase).toBe('blocked');
  });

  it('TRI-1 given a catalog without a trial, when somebody signs up, then the free plan begins', () => {
    const account = new AccountInMemory(catalogNamed('codspeed'), '2027-01-01T00:00:00Z');
    expect(account.facts.account).toMatchObject({ phase: 'free', trialEndsAt: null });
  });

  it('TRI-2 given a trial, when far more than any pack is used, then it is recorded and never invoiced nor drawn from paid credits', () => {
    const account = signedUp().withCard();
    expect(account.use(1_000_000)).toEqual({ includedUnits: 0, overageUnits: 0, trialUnits: 1_000_000 });
    account.do('subscribe', { plan: 'pro-teams', pack: 'small' });
    expect(account.use(500)).toEqual({ includedUnits: 0, overageUnits: 0, trialUnits: 500 });
    const [trial] = account.facts.meterCycles;
    expect(trial).toMatchObject({ trialUnits: 1_000_500, usedIncludedUnits: 0, overageUnits: 0 });
    account.until('2027-01-15T10:00:00Z');
    // All 2 500 credits of the pack are there for the first paid cycle.
    expect(account.use(2500)).toEqual({ includedUnits: 2500, overageUnits: 0, trialUnits: 0 });
    account.until('2027-02-15T10:00:00Z');
    expect(account.bills).toEqual([
      ['start', 3000, 'paid'],
      ['cycle', 3000, 'paid'],
    ]);
  });

  it('TRI-3 given no subscription, when the trial ends, then use is refused at that very second and pages stay readable', () => {
    const account = signedUp().until('2027-01-15T09:59:59Z');
    account.use(139);
    account.until('2027-01-15T10:00:00Z');
    expect(account.facts.account).toMatchObject({ phase: 'blocked', blockedCode: 'trial_ended' });
    expect(refusalOf(() => account.use(139))).toBe('trial_ended');
    expect(refusalOf(() => account.access('bob'))).toBe('trial_ended');
    expect(account.access('bob', { kind: 'dashboard' })).toBeNull();
  });

  it('TRI-4 given a trial, when subscribing in it, then the paid cycle and the charge start at its end', () => {
    const account = signedUp().withCard().until('2027-01-05T00:00:00Z');
    expect(account.do('subscribe', { plan: 'pro-teams' })).toMatchObject({ startsAt: '2027-01-15T10:00:00Z' });
    account.until('2027-01-15T09:59:59Z');
    expect(account.facts.account.phase).toBe('trialing');
    expect(account.bills).toEqual([]);
    account.until('2027-01-15T10:00:00Z');
    expect(account.facts.account.phase).toBe('active');
    expect(account.facts.subscription?.cycle).toEqual({ start: '2027-01-15T10:00:00Z', end: '2027-02-15T10:00:00Z' });
    expect(account.bills).toEqual([['start', 3000, 'paid']]);
    expect(account.issued[0]).toMatchObject({ issuedAt: '2027-01-15T10:00:00Z', paidAt: '2027-01-15T10:00:00Z' });
  });

  it('TRI-4 given a trial, when subscribing with startNow, then the cycle, the charge and the end of the trial are now', () => {
    const account = signedUp().withCard().until('2027-01-05T00:00:00Z');
    account.use(700);
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    expect(account.facts.account).toMatchObject({ phase: 'active', trialEndsAt: '2027-01-05T00:00:00Z' });
    expect(account.facts.subscription?.cycle).toEqual({ start: '2027-01-05T00:00:00Z', end: '2027-02-05T00:00:00Z' });
    expect(account.bills).toEqual([['start', 3000, 'paid']]);
    expect(account.use(2500).includedUnits).toBe(2500);
    // Nothing of the trial comes back: no notice of an end that is over, no second start.
    account.until('2027-01-31T00:00:00Z');
    expect(account.notices.map((notice) => notice.kind)).toEqual([]);
    expect(account.bills).toHaveLength(1);
  });

  it('TRI-4 given startNow and a card that declines, when it is charged, then the trial goes on as it was', () => {
    const account = signedUp().withCard().until('2027-01-05T00:00:00Z');
    account.card = declined;
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    expect(account.facts.account).toMatchObject({ phase: 'trialing', trialEndsAt: '2027-01-15T10:00:00Z' });
    expect(account.use(139).trialUnits).toBe(139);
    account.until('2027-01-15T10:00:00Z');
    expect(refusalOf(() => account.use(139))).toBe('payment_failed');
  });

  it('TRI-4 given a card that declines, when the trial ends, then use is refused until a new card pays the same cycle (complaint 19)', () => {
    const account = signedUp().withCard();
    account.do('subscribe', { plan: 'pro-teams' });
    account.card = declined;
    account.until('2027-01-15T10:00:00Z');
    expect(account.facts.account.phase).toBe('past_due');
    expect(refusalOf(() => account.use(1))).toBe('payment_failed');
    account.until('2027-01-15T18:00:00Z');
    account.card = { kind: 'paid' };
    account.withCard();
    expect(account.facts.account.phase).toBe('active');
    expect(account.facts.subscription).toMatchObject({
      cycle: { start: '2027-01-15T10:00:00Z', end: '2027-02-15T10:00:00Z' },
      firstPaidAt: '2027-01-15T18:00:00Z',
    });
    expect(account.use(139).includedUnits).toBe(139);
    expect(account.bills).toEqual([['start', 3000, 'paid']]);
  });

  it('TRI-5 given a trial that has ended, when subscribing, then the cycle starts at that instant and use as soon as it is paid', () => {
    const account = signedUp().until('2027-01-20T08:30:00Z').withCard();
    account.do('subscribe', { plan: 'pro-teams' });
    expect(account.facts.account.phase).toBe('active');
    expect(account.facts.subscription?.cycle).toEqual({ start: '2027-01-20T08:30:00Z', end: '2027-02-20T08:30:00Z' });
    expect(account.use(139).includedUnits).toBe(139);
  });

  it('TRI-5 given a first payment that fails, when a new card comes, then it is paid at once and the cycle is the one chosen', () => {
    const account = signedUp().until('2027-01-20T08:30:00Z').withCard();
    account.card = declined;
    account.do('subscribe', { plan: 'pro-teams' });
    expect(account.facts.account).toMatchObject({ phase: 'blocked', blockedCode: 'payment_failed' });
    expect(refusalOf(() => account.use(1))).toBe('payment_failed');
    account.until('2027-01-22T00:00:00Z');
    account.card = { kind: 'paid' };
    account.withCard();
    expect(account.facts.account).toMatchObject({ phase: 'active', blockedCode: null });
    expect(account.facts.subscription?.cycle.start).toBe('2027-01-20T08:30:00Z');
    expect(account.bills).toEqual([['start', 3000, 'paid']]);
  });

  it('TRI-6 given an owner who had an account before, when they sign up again, then there is no second trial', () => {
    const signUp = { accountId: 'acme-2', ownerId: 'owner', catalogVersion: 1, actor: 'owner', commandId: 'again' };
    const { after } = decideSignUp(qodo, { ...signUp, at: instant('2027-06-01T00:00:00Z'), hadTrialBefore: true });
    expect(after.account).toMatchObject({ phase: 'blocked', blockedCode: 'trial_ended', trialEndsAt: null });
  });

  it('TRI-6 given a subscription that ended, when subscribing again, then it is paid from the first second', () => {
    const account = signedUp().withCard();
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    account.do('cancel', {});
    account.until('2027-02-10T00:00:00Z');
    expect(account.facts.account.phase).toBe('canceled');
    account.do('subscribe', { plan: 'pro-teams' });
    expect(account.facts.account.phase).toBe('active');
    expect(account.bills).toEqual([
      ['start', 3000, 'paid'],
      ['start', 3000, 'paid'],
    ]);
  });

  it('TRI-7 given no payment method, when signing up, then the trial runs; only subscribing asks for one', () => {
    const account = signedUp();
    expect(account.facts.account.paymentMethod).toBeNull();
    account.use(139);
    expect(refusalOf(() => account.do('subscribe', { plan: 'pro-teams' }))).toBe('payment_method_required');
  });

  it('TRI-7 given a trial, when it runs to its end, then it is told of 7, 3 and 1 days before and at the end, each once', () => {
    const account = signedUp();
    for (const day of ['05', '08', '09', '12', '14', '15', '20']) account.until(`2027-01-${day}T10:00:00Z`);
    expect(account.notices.map(({ at, kind }) => [at, kind])).toEqual([
      ['2027-01-08T10:00:00Z', 'trial_ends_in_7_days'],
      ['2027-01-12T10:00:00Z', 'trial_ends_in_3_days'],
      ['2027-01-14T10:00:00Z', 'trial_ends_in_1_day'],
      ['2027-01-15T10:00:00Z', 'trial_ended'],
    ]);
  });

  it('TRI-8 given a running trial, when an operator extends it, then it ends later, notices come again and it is audited', () => {
    const account = signedUp().until('2027-01-13T10:00:00Z');
    // January 15 + 10 days = January 25.
    expect(account.do('extendTrial', { days: 10 })).toEqual({ trialEndsAt: '2027-01-25T10:00:00Z' });
    account.until('2027-01-25T09:59:59Z');
    account.use(10);
    account.until('2027-01-25T10:00:00Z');
    expect(account.notices.map(({ at, kind }) => `${at.slice(8, 10)} ${kind}`)).toEqual([
      '08 trial_ends_in_7_days',
      '12 trial_ends_in_3_days',
      '18 trial_ends_in_7_days',
      '22 trial_ends_in_3_days',
      '24 trial_ends_in_1_day',
      '25 trial_ended',
    ]);
    expect(account.audit).toContainEqual({
      at: '2027-01-13T10:00:00Z',
      actor: 'admin',
      action: 'trial.extended',
      before: { trialEndsAt: '2027-01-15T10:00:00Z' },
      after: { trialEndsAt: '2027-01-25T10:00:00Z' },
    });
  });

  it('TRI-8 given a trial with a subscription to come, when it is extended, then the paid cycle begins at the new end', () => {
    const account = signedUp().withCard();
    account.do('subscribe', { plan: 'pro-teams' });
    account.do('extendTrial', { days: 5 });
    account.until('2027-01-19T00:00:00Z');
    expect(account.bills).toEqual([]);
    account.until('2027-01-20T10:00:00Z');
    expect(account.facts.subscription?.cycle).toEqual({ start: '2027-01-20T10:00:00Z', end: '2027-02-20T10:00:00Z' });
    expect(account.bills).toEqual([['start', 3000, 'paid']]);
  });

  it('TRI-8 given a trial that ended, when it is extended, then it is open again, counted from now (complaint 15)', () => {
    const account = signedUp();
    account.use(100);
    account.until('2027-02-01T00:00:00Z');
    expect(account.do('extendTrial', { days: 3 })).toEqual({ trialEndsAt: '2027-02-04T00:00:00Z' });
    expect(account.facts.account).toMatchObject({ phase: 'trialing', blockedCode: null });
    expect(account.use(139).trialUnits).toBe(139);
    account.until('2027-02-04T00:00:00Z');
    expect(refusalOf(() => account.use(139))).toBe('trial_ended');
  });

  it('TRI-8 given a paid account, when a trial is to be extended, then that is refused', () => {
    const account = signedUp().withCard();
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    expect(refusalOf(() => account.do('extendTrial', { days: 3 }))).toBe('trial_over');
  });
});
