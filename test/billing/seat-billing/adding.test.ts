import { describe, expect, it } from 'vitest';

import type { Command, Envelope } from '../../../billing/model/command.ts';
import { decideCommands } from '../../../billing/commands/decide-command.ts';
import { decidePayment } from '../../../billing/dunning/decide-payment.ts';
import { projectTo } from '../../../billing/views/project.ts';
import { parseInstant } from '../../../billing/calendar/instant.ts';
import { type AccountInMemory, refusalOf } from '../account-in-memory.ts';
import { APRIL, brief, lastInvoice, MAY, proAccount, seating, states, withAllocation } from '../seats/pro-account.ts';

/** 73 days into the year from April 1st 2026: 292 of 365 days, four fifths, remain. */
const FIFTH_OF_A_YEAR = '2026-06-13T00:00:00Z';

const declined = { kind: 'failed', reason: 'declined', detail: 'card_declined' } as const;

describe('seats of a monthly plan', () => {
  it('SBI-1 given Pro with three seats, when it begins, then the cycle is charged in advance, a seat a unit', () => {
    const account = proAccount({ seats: 3 });
    // 3 × 2000
    expect(account.bills).toEqual([['start', 6000, 'paid']]);
    expect(lastInvoice(account).lines).toMatchObject([
      { kind: 'seats', quantity: 3, periodStart: APRIL, periodEnd: MAY },
    ]);
  });

  it('SBI-2 given a monthly plan, when two seats are added, then they are prorated on the next invoice, together with the next month', () => {
    const account = proAccount({ seats: 1 }).until('2026-04-11T00:00:00Z');
    account.do('addSeats', { count: 2 });
    expect(account.bills).toHaveLength(1);
    const foreseen = account.upcoming();
    account.until(MAY);
    // In advance 3 × 2000 = 6000; in arrears 2000 × 2 × 20 days ÷ 30 days = 2666.67 → 2667, rounded once for both.
    expect(brief(lastInvoice(account).lines)).toEqual([
      ['seats', 3, 6000],
      ['proration', 2, 2667],
    ]);
    expect(lastInvoice(account).total).toBe(8667);
    expect(foreseen?.total).toBe(8667);
  });

  it('SBI-2 given a month of 31 days, when a seat is added at an odd second, then the divisor is the whole cycle’s seconds', () => {
    const account = proAccount({ at: '2026-01-01T00:00:00Z' }).until('2026-01-20T07:11:13Z');
    account.do('addSeats', { count: 1 });
    // From Jan 20 07:11:13 to Feb 1: 11 d 16 h 48 min 47 s = 1010927 s. 2000 × 1010927 ÷ 2678400 = 754.87 → 755
    expect(account.facts.pendingLines.map((line) => line.amount)).toEqual([755]);
    expect(account.facts.pendingLines[0]?.explanation.rule).toBe('SBI-2');
  });

  it('SBI-8 given a cycle’s first instant, when a seat is added, then it costs the full price', () => {
    const account = proAccount({ seats: 1 });
    account.do('addSeats', { count: 1 });
    expect(brief(account.facts.pendingLines)).toEqual([['proration', 1, 2000]]);
    account.until(MAY);
    // 2 × 2000 in advance + 2000 for April
    expect(lastInvoice(account).total).toBe(6000);
  });

  it('SBI-8 given the very end of a cycle, when a seat is added, then it is the next cycle’s', () => {
    const account = proAccount({ seats: 1 }).until(MAY);
    account.do('addSeats', { count: 1 });
    expect(account.facts.pendingLines).toMatchObject([
      { amount: 2000, periodStart: MAY, periodEnd: '2026-06-01T00:00:00Z' },
    ]);
    // May’s advance was for the one seat that there was when May began.
    expect(account.bills.map(([purpose, total]) => [purpose, total])).toEqual([
      ['start', 2000],
      ['cycle', 2000],
    ]);
  });

  it('SBI-8 given the last second of a cycle, when a seat is added, then that second is a line of its own, rounded to nothing', () => {
    const account = proAccount({ seats: 1 }).until('2026-04-30T23:59:59Z');
    account.do('addSeats', { count: 1 });
    // 2000 × 1 ÷ 2592000 = 0.0008 → 0
    expect(brief(account.facts.pendingLines)).toEqual([['proration', 1, 0]]);
  });
});

describe('seats of a yearly plan', () => {
  it('SBI-3 given a yearly plan, when a seat is added, then it is prorated and invoiced at once, as the preview said', () => {
    const account = proAccount({ seats: 1, interval: 'year' }).until(FIFTH_OF_A_YEAR);
    // 18000 × 292 ÷ 365 = 14400
    expect(account.previewSeats(1).dueNowCents).toBe(14400);
    account.do('addSeats', { count: 1 });
    expect(account.bills).toEqual([
      ['start', 18000, 'paid'],
      ['seats', 14400, 'paid'],
    ]);
    expect(account.facts.pendingLines).toEqual([]);
    account.until('2027-04-01T00:00:00Z');
    expect(lastInvoice(account)).toMatchObject({ purpose: 'cycle', total: 36000 });
  });

  it('SBI-4 given yearly additions that wait together, when they are decided, then they share one invoice, each with its own line', () => {
    const account = proAccount({ interval: 'year', members: ['ann', 'bob'] });
    account.do('disableMember', { memberId: 'bob' });
    account.access('cid');
    account.until(FIFTH_OF_A_YEAR);
    const invoices = decideTogether(account, [
      { type: 'addSeats', count: 2 },
      { type: 'enableMember', memberId: 'nobody' },
      { type: 'addSeats', count: 1 },
    ]);
    expect(invoices).toHaveLength(1);
    // 2 × 14400 and 1 × 14400; the one that was refused leaves no mark.
    expect(brief(invoices[0]?.lines ?? [])).toEqual([
      ['proration', 2, 28800],
      ['proration', 1, 14400],
    ]);
    expect(invoices[0]?.commandIds).toEqual(['waiting 0', 'waiting 2']);
  });

  it('SBI-4 given yearly additions one after the other, when nothing else waits, then each is invoiced at once', () => {
    const account = proAccount({ seats: 1, interval: 'year' }).until(FIFTH_OF_A_YEAR);
    account.do('addSeats', { count: 1 });
    account.do('addSeats', { count: 1 });
    expect(account.bills.map(([purpose, total]) => [purpose, total])).toEqual([
      ['start', 18000],
      ['seats', 14400],
      ['seats', 14400],
    ]);
  });

  it('MON-6 given a seat for the year’s last minutes, when the next one is added, then the amount too small to charge is on its invoice', () => {
    // 18000 × 86400 ÷ 31536000 = 49.32 → 49 for the last day, below 50.
    const account = proAccount({ seats: 1, interval: 'year' }).until('2027-03-31T00:00:00Z');
    account.do('addSeats', { count: 1 });
    expect(account.bills.at(-1)).toEqual(['seats', 49, 'carried']);
    account.do('addSeats', { count: 1 });
    expect(brief(lastInvoice(account).lines)).toEqual([
      ['proration', 1, 49],
      ['carried', 1, 49],
    ]);
    expect(account.bills.at(-1)).toEqual(['seats', 98, 'paid']);
    expect(account.facts.pendingLines).toEqual([]);
  });
});

describe('a yearly addition whose payment fails', () => {
  it('SBI-11 given a declined card, when a seat is added, then only that seat is taken back and paid seats keep working', () => {
    const account = proAccount({ interval: 'year', members: ['ann', 'bob'] }).until(FIFTH_OF_A_YEAR);
    account.card = declined;
    expect(refusalOf(() => account.do('addSeats', { count: 1 }))).toBe('payment_failed');
    expect(seating(account)).toEqual(['ann', 'bob']);
    expect(account.facts.account.phase).toBe('active');
    expect(account.access('ann')?.state).toBe('enabled');
    expect(account.bills.at(-1)).toEqual(['seats', 14400, 'void']);
    expect(account.notices.map((notice) => notice.kind)).toContain('seat_payment_failed');
    account.card = { kind: 'paid' };
    account.until('2027-04-01T00:00:00Z');
    // 2 × 18000; nothing of the seat that was taken back.
    expect(account.bills.at(-1)).toEqual(['cycle', 36000, 'paid']);
  });

  it('SBI-11 given a declined card, when a newcomer’s seat is added automatically, then they are disabled, and an admin can try again', () => {
    const account = withAllocation(proAccount({ interval: 'year', members: ['ann'] })).until(FIFTH_OF_A_YEAR);
    account.card = declined;
    expect(refusalOf(() => account.access('bob'))).toBe('payment_failed');
    expect(states(account)).toEqual({ ann: 'enabled', bob: 'no_seat' });
    expect(refusalOf(() => account.access('bob'))).toBe('no_seat');
    account.card = { kind: 'paid' };
    account.do('enableMember', { memberId: 'bob' });
    expect(seating(account)).toEqual(['ann', 'bob']);
    expect(account.bills.at(-1)).toEqual(['seats', 14400, 'paid']);
  });

  it('SBI-11 given a declined card, when a member is re-enabled, then they are disabled again and nobody else is', () => {
    const account = proAccount({ interval: 'year', members: ['ann', 'bob'] });
    account.do('disableMember', { memberId: 'bob' });
    account.access('cid');
    account.card = declined;
    expect(refusalOf(() => account.do('enableMember', { memberId: 'bob' }))).toBe('payment_failed');
    expect(account.member('bob')?.state).toBe('disabled');
    expect(seating(account)).toEqual(['ann', 'cid']);
  });

  it('SBI-11 given an amount carried to a seat’s invoice, when that payment fails, then the amount waits for the next invoice again', () => {
    const account = proAccount({ seats: 1, interval: 'year' }).until('2027-03-31T00:00:00Z');
    account.do('addSeats', { count: 1 });
    account.card = declined;
    expect(refusalOf(() => account.do('addSeats', { count: 1 }))).toBe('payment_failed');
    account.card = { kind: 'paid' };
    account.until('2027-04-01T00:00:00Z');
    // Two seats for the next year, and the 49 of the first one's last day.
    expect(account.bills.at(-1)).toEqual(['cycle', 36049, 'paid']);
  });
});

describe('what stands and falls with a yearly addition’s payment', () => {
  it('SBI-11 SBI-12 given an addition that keeps a seat awaiting removal and buys another, when its payment fails, then the removal stands again', () => {
    const account = proAccount({ seats: 3, interval: 'year' }).until(FIFTH_OF_A_YEAR);
    account.do('removeSeats', { count: 1 });
    const before = account.facts.seats;
    account.card = declined;
    expect(refusalOf(() => account.do('addSeats', { count: 2 }))).toBe('payment_failed');
    expect(account.facts.seats).toEqual(before);
    account.card = { kind: 'paid' };
    account.until('2027-04-01T00:00:00Z');
    // Two seats go on; the third one's removal took effect.
    expect(account.bills.at(-1)).toEqual(['cycle', 36000, 'paid']);
  });

  it('SBI-7 SBI-11 given somebody new sits on the kept seat when the payment fails, then that seat stays', () => {
    const account = proAccount({ seats: 2, interval: 'year' }).until(FIFTH_OF_A_YEAR);
    account.do('removeSeats', { count: 1 });
    decide(account, [{ type: 'addSeats', count: 2 }]);
    decide(account, [
      { type: 'admitMember', memberId: 'ann' },
      { type: 'admitMember', memberId: 'bob' },
    ]);
    fail(account);
    expect(seating(account)).toEqual(['ann', 'bob']);
    expect(account.facts.seats.map((seat) => seat.removalRequestedAt)).toEqual([null, null]);
  });

  it('SBI-4 SBI-11 given members who are seated on bought seats by commands of the same batch, when the payment fails, then those are revoked and no other', () => {
    const account = proAccount({ interval: 'year', members: ['ann', 'bob'] });
    account.do('disableMember', { memberId: 'bob' });
    account.until(FIFTH_OF_A_YEAR);
    decide(account, [
      // On the seat that bob has left, which is paid for.
      { type: 'admitMember', memberId: 'cid' },
      { type: 'addSeats', count: 2 },
      { type: 'enableMember', memberId: 'bob' },
      { type: 'admitMember', memberId: 'dan' },
    ]);
    expect(fail(account)).toEqual(['decided 1', 'decided 2', 'decided 3']);
    expect(seating(account)).toEqual(['ann', 'cid']);
    expect(states(account)).toEqual({ ann: 'enabled', bob: 'member_disabled', cid: 'enabled', dan: 'no_seat' });
  });

  it('SBI-11 given a payment under way, when somebody is seated on its seat meanwhile, then that command is revoked with it', () => {
    const account = proAccount({ interval: 'year', members: ['ann'] }).until(FIFTH_OF_A_YEAR);
    decide(account, [{ type: 'addSeats', count: 1 }]);
    decide(account, [{ type: 'admitMember', memberId: 'bob' }]);
    expect(fail(account)).toEqual(['decided 0', 'decided 1']);
    expect(states(account)).toEqual({ ann: 'enabled', bob: 'no_seat' });
  });

  it('CAL-3 SBI-11 SBI-13 given a payment that fails after its year has ended, then the seat stays and is owed, dated when it is known', () => {
    const account = proAccount({ seats: 1, interval: 'year' }).until(FIFTH_OF_A_YEAR);
    decide(account, [{ type: 'addSeats', count: 1 }]);
    const [unpaid] = account.facts.liveInvoices;
    const renewal = parseInstant('2027-04-01T00:00:00Z');
    account.facts = projectTo(account.facts, account.catalog, renewal);
    const { after } = decidePayment(account.facts, account.catalog, unpaid!.invoiceId, declined, unpaid!.issuedAt);
    expect(after.seats).toHaveLength(2);
    expect(after.account).toMatchObject({ settledThrough: renewal, phase: 'past_due' });
    expect(after.liveInvoices).toMatchObject([{ status: 'open', attempts: 1 }, { purpose: 'cycle' }]);
  });

  it('given a payment that changes nothing of the subscription, when it is decided, then that stays the same object, and is not written', () => {
    const account = proAccount({ seats: 1, interval: 'year' }).until(FIFTH_OF_A_YEAR);
    decide(account, [{ type: 'addSeats', count: 1 }]);
    const [unpaid] = account.facts.liveInvoices;
    const { facts, catalog } = account;
    const { before, after } = decidePayment(facts, catalog, unpaid!.invoiceId, { kind: 'paid' }, unpaid!.issuedAt);
    expect(after.liveInvoices).toEqual([]);
    expect(after.subscription).toBe(before!.subscription);
  });
});

let decided = 0;

/** Decides commands that came together, and leaves what is to be collected under way. */
function decide(account: AccountInMemory, commands: readonly Command[]): void {
  if (account.facts.liveInvoices.length === 0) decided = 0;
  const envelopes = commands.map((command): Envelope => {
    const commandId = `decided ${String(decided++)}`;
    return { commandId, actor: 'admin', effectiveAt: account.now, command };
  });
  const { decisions, answers } = decideCommands(account.facts, account.catalog, envelopes);
  expect(answers.map((answer) => answer.refusal)).toEqual(commands.map(() => null));
  account.facts = decisions.at(-1)!.after;
}

/** The payment under way fails; the commands whose answer that turns into a refusal. */
function fail(account: AccountInMemory): readonly string[] {
  const [unpaid] = account.facts.liveInvoices;
  const decision = decidePayment(account.facts, account.catalog, unpaid!.invoiceId, declined, unpaid!.issuedAt);
  account.facts = decision.after;
  return decision.revokedCommandIds;
}

function decideTogether(
  account: AccountInMemory,
  commands: readonly Command[],
): readonly (typeof account.issued)[number][] {
  const envelopes = commands.map((command, index): Envelope => ({
    commandId: `waiting ${String(index)}`,
    actor: 'admin',
    effectiveAt: account.now,
    command,
  }));
  const { decisions } = decideCommands(account.facts, account.catalog, envelopes);
  return decisions.at(-1)?.after.liveInvoices.filter((invoice) => invoice.purpose === 'seats') ?? [];
}
