import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { duesOf } from '../../../billing/schedule/dues.ts';
import { decideCommand } from '../../../billing/commands/decide-command.ts';
import { addSeconds, type Instant } from '../../../billing/calendar/instant.ts';
import { movedPhase, type Phase, PHASE_MOVES } from '../../../billing/model/phase.ts';
import { REFUSAL_CODES } from '../../../billing/refusal-codes.ts';
import {
  type AccountInMemory,
  AccountInMemory as Account,
  catalogNamed,
  instant,
  refusalOf,
} from '../account-in-memory.ts';
import { begin, life, type LifeStep, take } from './random-life.ts';

const codspeed = catalogNamed('codspeed');

/** What AUD-2 speaks of: money, seats, caps, plan and members, as they stand. */
function audited(account: AccountInMemory): string {
  const { facts, invoices } = account;
  const money = [...invoices.values()].map(({ number, status, total }) => [number, status, total]);
  const plan =
    facts.subscription === null
      ? null
      : [facts.subscription.plan, facts.subscription.interval, facts.subscription.change];
  const seats = facts.seats.map(({ seatNumber, removalRequestedAt }) => [seatNumber, removalRequestedAt]);
  const members = facts.members.map(({ memberId, state, reason }) => [memberId, state, reason]);
  return JSON.stringify([money.filter(([number]) => number !== null), plan, seats, members, facts.account.caps]);
}

function assertSound(account: AccountInMemory): void {
  const { facts } = account;
  const taken = facts.seats.flatMap((seat) => (seat.memberId === null ? [] : [seat.memberId]));
  expect(new Set(taken).size).toBe(taken.length);
  expect(facts.account.phase === 'blocked').toBe(facts.account.blockedCode !== null);
  // Nothing is left behind: what is due is after now (complaint 10).
  const overdue = duesOf(facts, account.catalog).filter((due) => due.at <= account.now);
  expect(overdue).toEqual([]);
  // INV-1: numbers without gaps; an id that two invoices shared would leave one.
  const numbers = account.issued.map((invoice) => Number(invoice.number?.split('-').at(-1))).sort((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  for (const invoice of account.issued) {
    expect(invoice.total).toBe(invoice.lines.reduce((sum, line) => sum + line.amount, 0));
  }
}

describe('the phases of an account', () => {
  it('AUD-1 given any commands, time and payments, when they happen in any order, then only refusals with a known code say no', () => {
    fc.assert(
      fc.property(life, ({ catalog, steps }) => {
        const account = begin(catalog);
        for (const step of steps) {
          const code = take(account, step);
          expect(code === null || Object.hasOwn(REFUSAL_CODES, code)).toBe(true);
          assertSound(account);
        }
      }),
      { numRuns: 250 },
    );
  });

  it('AUD-1 given the table of phases, when a move is not in it, then it stops loudly; no phase but leads on (complaint 10)', () => {
    const phases = Object.keys(PHASE_MOVES) as Phase[];
    for (const from of phases) {
      expect(PHASE_MOVES[from].length).toBeGreaterThan(0);
      for (const to of phases) {
        const move = (): Phase => movedPhase(from, to, instant('2027-01-01T00:00:00Z'));
        if (from === to || PHASE_MOVES[from].includes(to)) expect(move()).toBe(to);
        else expect(move).toThrow(`illegal phase move ${from} → ${to}`);
      }
    }
  });

  it('AUD-1 given any life, when the customer comes with a card that works, then the account can be made active again', () => {
    fc.assert(
      fc.property(life, ({ catalog, steps }) => {
        const account = begin(catalog);
        for (const step of steps) take(account, step);
        account.card = { kind: 'paid' };
        if (account.facts.account.closedAt !== null) {
          // Who closed signs up again (TRI-6).
          expect(refusalOf(() => account.do('subscribe', { plan: 'pro' }))).toBe('account_closed');
          return;
        }
        account.withCard();
        if (account.facts.subscription === null) {
          account.do('subscribe', { plan: catalog.name === 'qodo' ? 'pro-teams' : 'pro', startNow: true });
        }
        // One that waits for a trial's end is active at that end.
        if (account.facts.account.phase === 'trialing') account.until(account.facts.account.trialEndsAt ?? '');
        expect(account.facts.account.phase).toBe('active');
      }),
      { numRuns: 120 },
    );
  });
});

describe('AUD-2: the audit', () => {
  it('AUD-2 given any life, when money, seats, caps, plan or members change, then an entry says who, when, what, before, after', () => {
    fc.assert(
      fc.property(life, ({ catalog, steps }) => {
        const account = begin(catalog);
        for (const step of steps) {
          const [before, entries] = [audited(account), account.audit.length];
          take(account, step);
          if (audited(account) !== before) expect(account.audit.length).toBeGreaterThan(entries);
        }
        for (const entry of account.audit) {
          expect(entry.actor).not.toBe('');
          expect(entry.action).toMatch(/^[a-z_]+\.[a-z_]+$/);
          expect(entry.at <= account.now).toBe(true);
          expect(entry.before !== undefined && entry.after !== undefined).toBe(true);
          expect(JSON.stringify(entry.before)).not.toBe(JSON.stringify(entry.after));
        }
      }),
      { numRuns: 120 },
    );
  });

  it('AUD-2 given a cap, when an admin changes it, then the entry has both amounts', () => {
    const account = new Account(catalogNamed('qodo'), '2027-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro-teams', startNow: true });
    account.until('2027-01-10T00:00:00Z').do('setCap', { meter: 'credits', capCents: 700 });
    expect(account.audit.at(-1)).toEqual({
      at: '2027-01-10T00:00:00Z',
      actor: 'admin',
      action: 'cap.set',
      before: { meter: 'credits', capCents: 5000 },
      after: { meter: 'credits', capCents: 700 },
    });
  });
});

/** What a customer sees of a life in the end. */
function outcome(account: AccountInMemory) {
  return { invoices: account.issued, notices: account.notices, audit: account.audit, facts: account.facts };
}

function lived(
  catalog: AccountInMemory['catalog'],
  steps: readonly LifeStep[],
  wait?: (account: AccountInMemory, seconds: number) => void,
) {
  const account = begin(catalog);
  for (const step of steps) take(account, step, wait);
  return account.until(addSeconds(account.now, 400 * 86_400));
}

describe('CAL-3: late is as good as on time', () => {
  it('CAL-3 given any life, when its dues are worked off every day or all at once, then dates and amounts are the same', () => {
    const everyDay = (account: AccountInMemory, seconds: number): void => {
      const end = addSeconds(account.now, seconds);
      for (let at = addSeconds(account.now, 86_400); at < end; at = addSeconds(at, 86_400)) account.until(at);
      account.until(end);
    };
    fc.assert(
      fc.property(life, ({ catalog, steps }) => {
        expect(outcome(lived(catalog, steps, everyDay))).toEqual(outcome(lived(catalog, steps)));
      }),
      { numRuns: 100 },
    );
  });

  it('CAL-3 given usage during an outage, when the boundaries are worked off after it, then the bills are those without it', () => {
    const outage = (account: AccountInMemory, seconds: number): void => {
      account.now = addSeconds(account.now, seconds);
    };
    fc.assert(
      fc.property(life, ({ catalog, steps }) => {
        // With a card that works: during an outage nobody knows yet that one does not, nor when an invoice that was sent is paid.
        const paid = steps.filter(({ kind }) => kind !== 'card' && kind !== 'sentInvoices');
        const start: LifeStep = {
          kind: 'command',
          type: 'subscribe',
          body: { plan: catalog.name === 'qodo' ? 'pro-teams' : 'pro' },
        };
        expect(lived(catalog, [start, ...paid], outage).issued).toEqual(lived(catalog, [start, ...paid]).issued);
      }),
      { numRuns: 60 },
    );
  });
});

describe('CAL-4: commands take effect when they were stamped', () => {
  const envelope = (effectiveAt: Instant) => ({
    commandId: 'late',
    actor: 'admin',
    effectiveAt,
    command: { type: 'addSeats' as const, count: 1 },
  });

  it('CAL-4 given a command stamped half-way, when it is decided much later, then it is billed from its stamp', () => {
    const account = new Account(codspeed, '2027-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro', seats: 1 });
    account.now = instant('2027-01-30T00:00:00Z');
    const { after } = decideCommand(account.facts, codspeed, envelope(instant('2027-01-16T12:00:00Z')));
    // 15.5 of 31 days are left: 2 000 ÷ 2 = 1 000 cents.
    expect(after.pendingLines.map((line) => line.amount)).toEqual([1000]);
  });

  it('CAL-4 given a command stamped before a boundary that is settled, when it is decided, then it takes effect at the boundary', () => {
    const account = new Account(codspeed, '2027-01-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro', seats: 1 });
    account.until('2027-02-01T00:00:00Z');
    const { after } = decideCommand(account.facts, codspeed, envelope(instant('2027-01-31T23:59:59Z')));
    // SBI-8: at the cycle's first instant, the full price.
    expect(after.pendingLines.map((line) => [line.amount, line.periodStart])).toEqual([[2000, '2027-02-01T00:00:00Z']]);
  });
});
