import { describe, expect, it } from 'vitest';

import type { NoticeDetail } from '../../../billing/model/facts.ts';
import { noticeMail } from '../../../billing/notices/notice-mail.ts';
import { instant } from '../account-in-memory.ts';

const AT = instant('2027-01-20T09:00:00Z');
const [start, end] = [instant('2027-01-01T00:00:00Z'), instant('2027-02-01T00:00:00Z')];
const cycle = { cycleStart: start, cycleEnd: end };
const IN_CYCLE = 'in the billing cycle that started Jan 1, 2027, 00:00 UTC and ends Feb 1, 2027, 00:00 UTC.';

const mail = (kind: string, detail: NoticeDetail, currency = 'usd') =>
  noticeMail({ accountId: 'acme', currency }, { at: AT, kind, detail });

describe('what a notice says by mail', () => {
  it('CRE-15 given a share of the base, the cap or a budget, then the mail has the share, what it comes to and the cycle', () => {
    const base = mail('credits_75', { meter: 'credits', percent: 75, ...cycle, used: 1_875, included: 2_500 });
    expect(base.subject).toBe('75% of your included credits used (acme)');
    expect(base.text).toContain(`You’ve used 75% of your included credits: 1,875 of 2,500, ${IN_CYCLE}`);
    const ceiling = { meter: 'credits', percent: 90, ...cycle, spentCents: 1_080, capCents: 1_200 };
    const cap = mail('cap_90', ceiling);
    expect(cap.text).toContain(`You’ve used 90% of your overage cap: $10.80 of $12.00, ${IN_CYCLE}`);
    expect(cap.html).toContain('$10.80 of $12.00');
    expect(mail('cap_90', ceiling, 'jpy').text).toContain('¥1,080 of ¥1,200');
    const budget = mail('budget_50', { ...ceiling, meter: 'macro_minutes', percent: 50 });
    expect(budget.subject).toBe('50% of your budget for macro minutes used (acme)');
    // Notices of before have the share and the cycle’s end.
    expect(mail('credits_75', { meter: 'credits', percent: 75, cycleEnd: end }).text).toContain(
      'You’ve used 75% of your included credits, in the billing cycle that ends Feb 1, 2027, 00:00 UTC.',
    );
  });

  it('INV-5 INV-7 CAT-2 given money, terms and an end, then the mail names amount, document and date', () => {
    const says = (kind: string, detail: NoticeDetail): string => mail(kind, detail).text.split('\n')[0] ?? '';
    expect(says('plan_payment_failed', { invoice: 'acme-0002', total: 4_000, nextAttemptAt: null })).toBe(
      'We couldn’t collect $40.00 for invoice acme-0002. Your plan stays the same.',
    );
    const note = { number: 'acme-CN-0001', invoice: 'acme-0001', total: 500 };
    expect(says('credit_note_issued', { ...note, destination: 'card' })).toBe(
      'We issued credit note acme-CN-0001 for $5.00 of invoice acme-0001. It’s refunded to the card that paid it.',
    );
    expect(says('credit_note_issued', { ...note, destination: 'balance' })).toContain('from your next invoice.');
    expect(says('refund_failed', { number: 'acme-CN-0001', total: 500 })).toBe(
      'We couldn’t refund $5.00 of credit note acme-CN-0001 to the card.',
    );
    expect(says('catalog_migration_scheduled', { version: 2, at: end })).toContain(
      'take effect on Feb 1, 2027, 00:00 UTC.',
    );
    expect(says('account_closed', { finalInvoice: 'acme-0003', total: 250 })).toContain('acme-0003 for $2.50');
    expect(says('account_closed', { finalInvoice: null, total: 0 })).toBe(
      'Your account is closed, and nothing more will be charged.',
    );
    const seat = {
      member: 'm1',
      login: 'nina',
      amountCents: 1_032,
      from: AT,
      until: end,
      billed: 'next_invoice',
    } as const;
    expect(says('seat_added_automatically', seat)).toBe(
      'nina needed a seat and none was free, so one was added automatically: $10.32 for the rest of this cycle, until Feb 1, 2027, 00:00 UTC, on the next invoice.',
    );
  });
});
