import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { duesOf } from '../../../billing/schedule/dues.ts';
import { addSeconds } from '../../../billing/calendar/instant.ts';
import { decideSignUp } from '../../../billing/subscription/sign-up.ts';
import { AccountInMemory, catalogNamed, instant, refusalOf } from '../account-in-memory.ts';
import { begin, life, take } from './random-life.ts';

const qodo = catalogNamed('qodo');
const codspeed = catalogNamed('codspeed');
const DECLINED = { kind: 'failed', reason: 'declined', detail: 'no' } as const;

/** Qodo's small pack, paid from January 1 on. */
function subscribed(): AccountInMemory {
  const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
  account.do('subscribe', { plan: 'pro-teams', startNow: true });
  return account;
}

describe('TRI-6: closing an account', () => {
  it('TRI-6 given a paid pack with overage, when the account is closed, then the overage is invoiced at once and nothing comes back', () => {
    const account = subscribed();
    account.use(2600);
    account.until('2027-01-11T00:00:00Z');
    // 100 credits × 3 000 ÷ 2 500 = 120 cents; the pack's price was paid for the whole month.
    expect(account.do('close', {})).toEqual({ closedAt: account.now, finalInvoice: 'acme-0002', total: 120 });
    expect(account.bills).toEqual([
      ['start', 3000, 'paid'],
      ['final', 120, 'paid'],
    ]);
    expect(account.facts).toMatchObject({ subscription: null, seats: [], pendingLines: [], liveInvoices: [] });
    expect(account.facts.account).toMatchObject({ phase: 'canceled', closedAt: '2027-01-11T00:00:00Z' });
    expect(duesOf(account.facts, qodo)).toEqual([]);
    expect(account.notices.at(-1)).toMatchObject({
      kind: 'account_closed',
      detail: { finalInvoice: 'acme-0002', total: 120 },
    });
    expect(account.audit.map((entry) => entry.action)).toContain('account.closed');
  });

  it('TRI-6 given seats by the month with a proration that waits, when the account is closed, then it is settled and the seats end', () => {
    const account = new AccountInMemory(codspeed, '2027-04-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro', seats: 2 });
    account.access('ann');
    account.until('2027-04-16T00:00:00Z').do('addSeats', { count: 1 });
    account.until('2027-04-20T00:00:00Z').do('close', {});
    // Half of April was left: 2 000 ÷ 2.
    expect(account.bills.at(-1)).toEqual(['final', 1000, 'paid']);
    expect(account.endedSeats.map((seat) => seat.endedAt)).toEqual(Array(3).fill('2027-04-20T00:00:00Z'));
    // Members stay as they are: the owner may still look at the bill.
    expect(account.member('ann')?.state).toBe('enabled');
    expect(account.access('ann', { kind: 'dashboard' })?.state).toBe('enabled');
  });

  it('MON-6 given less than the smallest charge at the end, when the account is closed, then it is written off, visibly', () => {
    const account = subscribed();
    account.use(2510);
    account.do('close', {});
    expect(account.bills.at(-1)).toEqual(['final', 0, 'paid']);
    expect(account.issued.at(-1)?.lines.map((line) => [line.kind, line.amount, line.explanation.rule])).toEqual([
      ['overage', 12, 'CRE-5'],
      ['adjustment', -12, 'MON-6'],
    ]);
  });

  it('TRI-6 given an account that owes nothing, when it is closed in its trial or before a plan begins, then there is no invoice', () => {
    const trialing = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
    trialing.use(9000);
    trialing.do('subscribe', { plan: 'pro-teams' });
    expect(trialing.do('close', {})).toMatchObject({ finalInvoice: null, total: 0 });
    trialing.until('2027-06-01T00:00:00Z');
    expect(trialing.bills).toEqual([]);
    expect(trialing.notices.map((notice) => notice.kind)).toEqual(['account_closed']);
  });

  it('TRI-6 given a first invoice that was never paid, when the account is closed, then it is void', () => {
    const account = new AccountInMemory(codspeed, '2027-01-01T00:00:00Z').withCard();
    account.card = DECLINED;
    account.do('subscribe', { plan: 'pro', seats: 1 });
    account.do('close', {});
    expect(account.bills).toEqual([['start', 2000, 'void']]);
    expect(duesOf(account.facts, codspeed)).toEqual([]);
  });

  it('TRI-6 given a renewal that is not paid, when the account is closed, then it is tried to the end, or paid by another card, and given up then', () => {
    const account = subscribed();
    account.card = DECLINED;
    account.until('2027-02-01T12:00:00Z');
    account.do('close', {});
    expect(account.bills.at(-1)).toEqual(['cycle', 3000, 'open']);
    // What is owed may be paid, by another card too.
    account.withCard();
    expect(account.bills.at(-1)).toEqual(['cycle', 3000, 'open']);
    account.until('2027-02-08T00:00:00Z');
    expect(account.bills.at(-1)).toEqual(['cycle', 3000, 'uncollectible']);
    expect(duesOf(account.facts, qodo)).toEqual([]);
    expect(refusalOf(() => account.withCard())).toBe('account_closed');
  });

  it('TRI-6 given a closed account, when anything is asked of it, then account_closed; what it was stays readable', () => {
    const account = new AccountInMemory(codspeed, '2027-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro', seats: 2 });
    account.access('ann');
    account.do('close', {});
    const after = account.facts;
    expect(refusalOf(() => account.do('close', {}))).toBe('account_closed');
    expect(refusalOf(() => account.do('subscribe', { plan: 'pro' }))).toBe('account_closed');
    expect(refusalOf(() => account.do('addSeats', { count: 1 }))).toBe('account_closed');
    expect(refusalOf(() => account.do('extendTrial', { days: 1 }))).toBe('account_closed');
    expect(refusalOf(() => account.withCard())).toBe('account_closed');
    expect(refusalOf(() => account.useMeter('macro_minutes', 60))).toBe('account_closed');
    expect(refusalOf(() => account.access('ann'))).toBe('account_closed');
    expect(refusalOf(() => account.access('bob', { visibility: 'public' }))).toBe('account_closed');
    expect(refusalOf(() => account.access('bob', { kind: 'dashboard' }))).toBe('account_closed');
    expect(account.access('ann', { kind: 'dashboard' })?.memberId).toBe('ann');
    expect(account.facts).toBe(after);
  });

  it('TRI-6 given an owner who closed an account, when they sign up again, then there is no second trial', () => {
    const signUp = { accountId: 'again', ownerId: 'owner', catalogVersion: 1, actor: 'owner', commandId: 'signup' };
    const { after } = decideSignUp(qodo, { ...signUp, at: instant('2027-03-01T00:00:00Z'), hadTrialBefore: true });
    expect(after.account).toMatchObject({ phase: 'blocked', blockedCode: 'trial_ended', trialEndsAt: null });
  });

  it('TRI-6 given any life, when the account is closed, then what was owed is billed, nothing is left, and nothing happens any more', () => {
    fc.assert(
      fc.property(life, ({ catalog, steps }) => {
        const account = begin(catalog);
        for (const step of steps) take(account, step);
        if (account.facts.account.closedAt !== null) return;
        account.card = { kind: 'paid' };
        account.sentInvoices = 'paid';
        const owed = account.facts.pendingLines.reduce((sum, line) => sum + line.amount, 0);
        const preview = account.preview('close', {});
        account.do('close', {});
        const { facts } = account;
        expect(facts.meterCycles.every((cycle) => cycle.overageUnits === cycle.billedOverageUnits)).toBe(true);
        expect(facts.meterCycles.every((cycle) => cycle.closedAt !== null)).toBe(true);
        // Only what is owed to the customer may be left.
        expect(facts.pendingLines.every((line) => line.amount < 0)).toBe(true);
        const final = account.issued.filter((invoice) => invoice.purpose === 'final').at(-1);
        if (owed > 0) expect(final).toBeDefined();
        expect(preview.nextInvoice).toBeNull();
        // As long as an invoice that was sent may take to be due (CRE-18).
        account.until(addSeconds(account.now, 60 * 86_400));
        expect(duesOf(account.facts, catalog)).toEqual([]);
        expect(account.facts.liveInvoices).toEqual([]);
        const bills = account.bills.length;
        account.until(addSeconds(account.now, 800 * 86_400));
        expect(account.bills).toHaveLength(bills);
      }),
      { numRuns: 120 },
    );
  });
});
