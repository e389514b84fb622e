import { describe, expect, it } from 'vitest';

import { AccountInMemory, catalogNamed, refusalOf } from '../account-in-memory.ts';

const DECLINED = { kind: 'failed', reason: 'declined', detail: 'insufficient funds' } as const;
const PAID = { kind: 'paid' } as const;
const pay = (account: AccountInMemory, number: string): unknown => account.do('payInvoice', { number });

/** The renewal of February 1 was declined; it is the invoice acme-0002. */
function pastDue(): AccountInMemory {
  const account = new AccountInMemory(catalogNamed('codspeed'), '2027-01-01T00:00:00Z').withCard();
  account.do('subscribe', { plan: 'pro', seats: 2 });
  account.card = DECLINED;
  return account.until('2027-02-01T00:00:00Z');
}

describe('INV-6: an admin pays at once', () => {
  it('INV-6 given a renewal that failed, when an admin has it tried and the bank agrees, then service is back in the same cycle', () => {
    const account = pastDue().until('2027-02-01T09:00:00Z');
    account.card = PAID;
    expect(pay(account, 'acme-0002')).toEqual({ number: 'acme-0002', total: 4000 });
    expect(account.facts.account.phase).toBe('active');
    expect(account.issued[1]).toMatchObject({ status: 'paid', paidAt: '2027-02-01T09:00:00Z', attempts: 2 });
    expect(account.audit.map((entry) => entry.action)).toContain('payment.requested');
    expect(account.facts.subscription?.cycle.end).toBe('2027-03-01T00:00:00Z');
  });

  it('INV-5 given a try of an admin that fails, when days pass, then the command is refused and the planned tries stay as they are', () => {
    const account = pastDue().until('2027-02-01T09:00:00Z');
    expect(refusalOf(() => pay(account, 'acme-0002'))).toBe('payment_failed');
    expect(refusalOf(() => pay(account, 'acme-0002'))).toBe('payment_failed');
    account.until('2027-02-20T00:00:00Z');
    const tries = account.audit
      .filter((entry) => entry.action === 'payment.failed')
      .map((entry) => entry.at.slice(8, 13));
    expect(tries).toEqual(['01T00', '01T09', '01T09', '02T00', '04T00', '06T00', '08T00']);
  });

  it('INV-6 given the last try failed, when an admin has it tried once more and it is paid, then service is back', () => {
    const account = pastDue().until('2027-02-14T00:00:00Z');
    expect(account.facts.account.phase).toBe('free');
    expect(refusalOf(() => pay(account, 'acme-0002'))).toBe('payment_failed');
    expect(account.facts.account.phase).toBe('free');
    account.card = PAID;
    pay(account, 'acme-0002');
    expect(account.facts.account.phase).toBe('active');
  });

  it('INV-4 given an invoice that is not open, or is none, when it is to be paid, then it is refused and nothing is charged', () => {
    const account = pastDue();
    const before = account.facts;
    expect(refusalOf(() => pay(account, 'acme-0001'))).toBe('invoice_not_open');
    expect(refusalOf(() => pay(account, 'acme-0003'))).toBe('unknown_invoice');
    expect(refusalOf(() => pay(account, 'acme-1'))).toBe('unknown_invoice');
    expect(refusalOf(() => pay(account, 'other-0001'))).toBe('unknown_invoice');
    expect(account.facts).toBe(before);
  });

  it('TRI-6 given a closed account that owes, when an admin pays, then it is settled; after that there is nothing to pay', () => {
    const account = pastDue();
    account.do('close', {});
    account.card = PAID;
    pay(account, 'acme-0002');
    expect(account.facts.liveInvoices).toEqual([]);
    expect(refusalOf(() => pay(account, 'acme-0002'))).toBe('account_closed');
  });

  it('INV-3 given an open invoice, when paying it is previewed, then it is what is charged', () => {
    expect(pastDue().preview('payInvoice', { number: 'acme-0002' })).toMatchObject({ dueNowCents: 4000 });
  });
});
