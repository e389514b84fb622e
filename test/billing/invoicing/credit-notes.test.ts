import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseCommand } from '../../../billing/commands/command-shape.ts';
import type { CommandBodies } from '../../../billing/model/command.ts';
import { duesOf } from '../../../billing/schedule/dues.ts';
import { Refusal } from '../../../billing/refusal.ts';
import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';
import { begin, life, take } from '../account/random-life.ts';

const qodo = catalogNamed('qodo');
const REASON = 'Down for a day';
type Wanted = Partial<CommandBodies['creditInvoice']>;

/** February's invoice has two lines: the overage of January, 120 cents, and the pack of February, 3 000. */
function february(): AccountInMemory {
  const account = new AccountInMemory(qodo, '2027-01-01T00:00:00Z').withCard();
  account.do('subscribe', { plan: 'pro-teams', startNow: true });
  account.use(2600);
  return account.until('2027-02-10T00:00:00Z');
}

const credit = (account: AccountInMemory, wanted: Wanted = {}): Readonly<Record<string, unknown>> =>
  account.do('creditInvoice', {
    number: 'acme-0002',
    reason: REASON,
    lines: [{ line: 2, amountCents: 100 }],
    ...wanted,
  });

const notesOf = (account: AccountInMemory) =>
  [...account.creditNotes.values()].map(({ number, total, destination, status }) => [
    number,
    total,
    destination,
    status,
  ]);

describe('INV-7: credit notes and refunds', () => {
  it('INV-7 INV-5 given a balance credit on a first invoice that is void in the end, when an invoice comes after it, then it is given there', () => {
    const account = february();
    credit(account, { to: 'balance', lines: [{ line: 2, amountCents: 1000 }] });
    account.do('cancel', {});
    account.until('2027-03-10T00:00:00Z').card = { kind: 'failed', reason: 'declined', detail: 'no' };
    account.do('subscribe', { plan: 'pro-teams' });
    expect(account.bills.at(-1)).toEqual(['start', 2000, 'open']);
    // Nobody pays; then somebody tries again, and gives it up.
    account.until('2027-04-10T00:00:00Z');
    expect(account.bills.at(-1)).toEqual(['start', 2000, 'void']);
    account.do('subscribe', { plan: 'pro-teams' });
    account.do('cancel', {});
    expect(account.bills.at(-1)).toEqual(['start', 2000, 'void']);
    account.do('subscribe', { plan: 'pro-teams' });
    expect(account.bills.at(-1)).toEqual(['start', 2000, 'open']);
    // The last invoice says what the customer is owed.
    account.do('close', {});
    expect(account.bills.slice(-2)).toEqual([
      ['start', 2000, 'void'],
      ['final', -1000, 'carried'],
    ]);
  });

  it('INV-7 given a paid invoice, when an operator credits a part of a line, then it goes back to the card, with its reason', () => {
    const account = february();
    expect(credit(account)).toEqual({ creditNote: 'acme-CN-0001', total: 100, destination: 'card' });
    expect([...account.creditNotes.values()]).toMatchObject([
      {
        number: 'acme-CN-0001',
        invoiceNumber: 'acme-0002',
        reason: REASON,
        status: 'refunded',
        issuedAt: '2027-02-10T00:00:00Z',
        lines: [
          { amount: 100, description: account.issued[1]?.lines.find((line) => line.kind === 'base')?.description },
        ],
      },
    ]);
    expect(account.facts.pendingCreditNotes).toEqual([]);
    expect(account.audit.slice(-2)).toMatchObject([
      { action: 'credit_note.issued', actor: 'admin', after: { number: 'acme-CN-0001', total: 100, reason: REASON } },
      { action: 'credit_note.refunded', before: { status: 'pending' }, after: { status: 'refunded' } },
    ]);
    expect(account.notices.at(-1)).toMatchObject({ kind: 'credit_note_issued', detail: { total: 100 } });
    // INV-1: the invoice says what it said.
    expect(account.issued[1]).toMatchObject({ total: 3120, status: 'paid' });
  });

  it('INV-7 given several credit notes, when they add up, then a line gives no more than it has left, and numbers have no gaps', () => {
    const account = february();
    // The lines in order of time: the overage of January comes first.
    credit(account, {
      lines: [
        { line: 1, amountCents: 120 },
        { line: 2, amountCents: 2000 },
      ],
    });
    expect(refusalOf(() => credit(account, { lines: [{ line: 1, amountCents: 1 }] }))).toBe('credit_exceeds_paid');
    expect(refusalOf(() => credit(account, { lines: [{ line: 2, amountCents: 1001 }] }))).toBe('credit_exceeds_paid');
    // Twice in one request is as good as once for the sum.
    const twice = [
      { line: 2, amountCents: 600 },
      { line: 2, amountCents: 600 },
    ];
    expect(refusalOf(() => credit(account, { lines: twice }))).toBe('credit_exceeds_paid');
    credit(account, { lines: [{ line: 2, amountCents: 1000 }] });
    expect(refusalOf(() => credit(account, { lines: [{ line: 2, amountCents: 1 }] }))).toBe('credit_exceeds_paid');
    expect(notesOf(account)).toEqual([
      ['acme-CN-0001', 2120, 'card', 'refunded'],
      ['acme-CN-0002', 1000, 'card', 'refunded'],
    ]);
  });

  it('INV-7 given an invoice with a credit on it, when a whole line is credited, then no more than was paid is given back', () => {
    const account = new AccountInMemory(catalogNamed('codspeed'), '2027-04-01T00:00:00Z').withCard();
    account.do('subscribe', { plan: 'pro', seats: 1 });
    account.until('2027-04-16T00:00:00Z').do('changePlan', { interval: 'year' });
    const invoice = account.issued[1];
    expect([invoice?.total, invoice?.lines.map((line) => line.amount)]).toEqual([17000, [-1000, 18000]]);
    const asked = (line: number, amountCents: number) => () => credit(account, { lines: [{ line, amountCents }] });
    expect(refusalOf(asked(1, 1))).toBe('credit_exceeds_paid');
    expect(refusalOf(asked(2, 17001))).toBe('credit_exceeds_paid');
    expect(asked(2, 17000)()).toMatchObject({ total: 17000 });
  });

  it('INV-7 given a credit to the balance, when the next invoice comes, then it is a line of it that explains itself', () => {
    const account = february();
    expect(credit(account, { to: 'balance' })).toMatchObject({ destination: 'balance' });
    expect(notesOf(account)).toEqual([['acme-CN-0001', 100, 'balance', 'credited']]);
    expect(account.upcoming()?.total).toBe(2900);
    account.until('2027-03-01T00:00:00Z');
    expect(account.bills.at(-1)).toEqual(['cycle', 2900, 'paid']);
    const line = account.issued.at(-1)?.lines.find((each) => each.kind === 'credit');
    expect(line).toMatchObject({
      amount: -100,
      explanation: { rule: 'INV-7', inputs: { creditNote: 'acme-CN-0001', credited: 100 } },
    });
    expect(line?.description).toContain(REASON);
  });

  it('INV-7 given an invoice that is not paid, or none, when it is credited, then it is refused and nothing changes', () => {
    const account = february();
    account.card = { kind: 'failed', reason: 'declined', detail: 'no' };
    account.until('2027-03-01T00:00:00Z');
    const before = account.facts;
    expect(refusalOf(() => credit(account, { number: 'acme-0003' }))).toBe('invoice_not_paid');
    expect(refusalOf(() => credit(account, { number: 'acme-0009' }))).toBe('unknown_invoice');
    expect(refusalOf(() => credit(account, { lines: [{ line: 3, amountCents: 1 }] }))).toBe('invalid_request');
    expect(account.facts).toBe(before);
    expect(account.creditNotes.size).toBe(0);
  });

  it('INV-7 given a refund that the provider refuses, when it has ended, then the command is refused and the line has as much left as before', () => {
    const account = february();
    account.refund = { kind: 'failed', refundedByHandMinor: 0, detail: 'the charge is disputed' };
    const all = { lines: [{ line: 2, amountCents: 3000 }] };
    expect(refusalOf(() => credit(account, all))).toBe('payment_failed');
    expect(account.notices.at(-1)).toMatchObject({
      kind: 'refund_failed',
      detail: { detail: 'the charge is disputed' },
    });
    expect(duesOf(account.facts, qodo).map((due) => due.kind)).not.toContain('refund');
    account.refund = { kind: 'refunded' };
    credit(account, all);
    expect(notesOf(account)).toEqual([
      ['acme-CN-0001', 3000, 'card', 'failed'],
      ['acme-CN-0002', 3000, 'card', 'refunded'],
    ]);
  });

  it('INV-7 given a closed account, when an operator credits it, then it goes to the card, and there is no balance any more', () => {
    const account = february();
    account.do('close', {});
    expect(refusalOf(() => credit(account, { to: 'balance' }))).toBe('account_closed');
    expect(credit(account)).toMatchObject({ destination: 'card' });
  });

  it('INV-7 given a malformed request, when it is read, then invalid_request names the field', () => {
    const good = { number: 'acme-0001', reason: REASON, lines: [{ line: 1, amountCents: 1 }] };
    expect(parseCommand('creditInvoice', good).command).toMatchObject(good);
    const lines: unknown[] = [
      [],
      [{}],
      [{ line: 0, amountCents: 1 }],
      [{ line: 1, amountCents: 0 }],
      [{ line: 1, amountCents: -5 }],
    ];
    lines.push([{ line: 1, amountCents: 1.5 }], [{ line: 1, amountCents: 1, more: 1 }], 'all', [
      { line: 1, amountCents: 2 ** 53 },
    ]);
    for (const wrong of lines)
      expect(() => parseCommand('creditInvoice', { ...good, lines: wrong })).toThrow('lines: expected');
    expect(() => parseCommand('creditInvoice', { ...good, reason: '' })).toThrow('reason: expected');
    expect(() => parseCommand('creditInvoice', { ...good, to: 'cash' })).toThrow('to: expected card or balance');
  });

  it('INV-7 given any life and any credit notes, when they are all issued, then no line and no invoice gives back more than was paid', () => {
    const credits = fc.array(
      fc.record({
        invoice: fc.nat(1),
        lines: fc.array(
          fc.record({ line: fc.integer({ min: 1, max: 2 }), amountCents: fc.integer({ min: 1, max: 1500 }) }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        to: fc.constantFrom('card' as const, 'balance' as const),
        works: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12 },
    );
    let issued = 0;
    fc.assert(
      fc.property(life, credits, ({ catalog, steps }, wanted) => {
        const account = begin(catalog);
        take(account, { kind: 'subscribe', interval: 'month', startNow: true });
        for (const step of steps) take(account, step);
        for (const { invoice, lines, to, works } of wanted) {
          account.refund = works ? { kind: 'refunded' } : { kind: 'failed', refundedByHandMinor: 0, detail: 'no' };
          const number = `acme-${String(invoice + 1).padStart(4, '0')}`;
          try {
            account.do('creditInvoice', { number, lines, to, reason: REASON });
            issued++;
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
          }
        }
        const given = [...account.creditNotes.values()].filter((note) => note.status !== 'failed');
        for (const invoice of account.issued) {
          const notes = given.filter((note) => note.invoiceId === invoice.invoiceId);
          const sum = notes.reduce((total, note) => total + note.total, 0);
          expect(sum).toBeLessThanOrEqual(invoice.status === 'paid' ? Math.max(0, invoice.total) : 0);
          for (const line of invoice.lines) {
            const ofLine = notes.flatMap((note) => note.lines).filter(({ lineId }) => lineId === line.lineId);
            const back = ofLine.reduce((total, { amount }) => total + amount, 0);
            expect(back).toBeLessThanOrEqual(Math.max(0, line.amount));
          }
        }
        const numbers = [...account.creditNotes.values()].map((note) => Number(note.number.slice(-4)));
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      }),
      { numRuns: 80 },
    );
    expect(issued).toBeGreaterThan(5);
  });
});
