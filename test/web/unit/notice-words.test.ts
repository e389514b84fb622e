import { describe, expect, it } from 'vitest';

import type { components } from '../../../sdk/generated/openapi.ts';
import { noticeSentence } from '../../../web/words/notices.ts';

type Detail = components['schemas']['NoticeDetail'];

const cycle = { cycleStart: '2027-01-01T00:00:00Z', cycleEnd: '2027-02-01T00:00:00Z' };
const at = '2027-01-20T09:00:00Z';
const toAdmin = (kind: string, detail: Detail): string => noticeSentence({ at, kind, currency: 'usd', detail });
/** What the API leaves of it for members. */
const toMember = (kind: string, detail: Detail): string => noticeSentence({ at, kind, detail });

describe('notices in a sentence', () => {
  it('CRE-15 given shares, then an admin reads the share, what it comes to and the cycle; a member reads no amount (SEA-17)', () => {
    const cap = { meter: 'credits', percent: 75, ...cycle };
    expect(toAdmin('cap_75', { ...cap, spentCents: 900, capCents: 1_200 })).toBe(
      '75% of the overage cap used: $9.00 of $12.00, in the cycle of Jan 1, 2027 – Feb 1, 2027 UTC.',
    );
    expect(toMember('cap_75', cap)).toBe('75% of the overage cap used, in the cycle of Jan 1, 2027 – Feb 1, 2027 UTC.');
    const base = { meter: 'credits', percent: 50, ...cycle, used: 1_250, included: 2_500 };
    for (const say of [toAdmin, toMember])
      expect(say('credits_50', base)).toBe(
        '50% of the included credits used: 1,250 of 2,500, in the cycle of Jan 1, 2027 – Feb 1, 2027 UTC.',
      );
    expect(toAdmin('budget_100', { meter: 'macro_minutes', percent: 100, spentCents: 5_000, capCents: 5_000 })).toBe(
      '100% of the budget for macro minutes used: $50.00 of $50.00.',
    );
    expect(toAdmin('credits_90', {})).toBe('90% of the included credits used.');
  });

  it('INV-5 INV-7 SEA-15 given money, then an admin reads invoice, amount and when; a member reads what happened (SEA-17)', () => {
    const failed = { invoice: 'acme-0002', total: 4_000, nextAttemptAt: '2027-03-01T09:00:00Z' };
    expect(toAdmin('payment_failed', failed)).toBe(
      'The payment of $40.00 for invoice acme-0002 failed. We’ll try again on Mar 1, 2027, 09:00 UTC, or as soon as a new card is added.',
    );
    expect(toAdmin('payment_failed', { ...failed, nextAttemptAt: null })).toContain('This was the last attempt');
    expect(toMember('payment_failed', {})).toBe(
      'A payment failed. We’ll try again automatically, and as soon as a new card is added.',
    );
    expect(toAdmin('plan_payment_failed', failed)).toContain('plan change failed (acme-0002, $40.00).');
    const seat = {
      login: 'nina',
      amountCents: 1_032,
      from: at,
      until: cycle.cycleEnd,
      billed: 'next_invoice',
    } as const;
    expect(toAdmin('seat_added_automatically', seat)).toBe(
      'A seat was added automatically for nina: $10.32 for Jan 20, 2027 – Feb 1, 2027 UTC, on the next invoice.',
    );
    expect(toMember('seat_added_automatically', {})).toBe('A seat was added automatically for a new member.');
    const note = { number: 'acme-CN-0001', invoice: 'acme-0001', total: 500, destination: 'card' } as const;
    expect(toAdmin('credit_note_issued', note)).toBe(
      '$5.00 of invoice acme-0001 will be refunded to the card (acme-CN-0001).',
    );
    expect(toAdmin('account_closed', { finalInvoice: 'acme-0003', total: 250 })).toContain('acme-0003 for $2.50');
    expect(toMember('account_closed', {})).toBe('The account was closed. Nothing more will be charged.');
    expect(toMember('catalog_migration_scheduled', { version: 2, at: cycle.cycleEnd })).toBe(
      'On Feb 1, 2027 UTC, new prices and terms take effect.',
    );
    expect(toMember('trial_ends_in_3_days', { trialEndsAt: at })).toBe(
      'The trial ends in 3 days, on Jan 20, 2027, 09:00 UTC.',
    );
    expect(toAdmin('something_new', {})).toBe('Something new.');
  });
});
