import { z } from 'zod';

import type { Notice, NoticeDetail } from '../../billing/model/facts.ts';
import type { FieldsOf } from './documents.ts';
import { amount, instant } from './fields.ts';

const said = <Schema extends z.ZodType>(schema: Schema, description: string): z.ZodExactOptional<Schema> =>
  schema.exactOptional().meta({ description });

/** What has no amount in it, nor leads to one. */
const plain = {
  trialEndsAt: said(instant.nullable(), '`trial_ends_in_…`, `trial_ended`: when it ends, or has ended.'),
  meter: said(z.string(), '`…_50`, `…_75`, `…_90`, `…_100`: what was used.'),
  percent: said(z.int(), 'The share that was reached (CRE-15).'),
  cycleStart: said(instant, 'The cycle whose share it is.'),
  cycleEnd: said(instant, 'Its end, which does not belong to it.'),
  used: said(z.number(), 'A share of what is included: so much of it, in the meter’s unit.'),
  included: said(z.number(), 'And so much there is.'),
  version: said(z.int(), '`catalog_migration_scheduled`: the version that the account moves to.'),
  at: said(instant, 'And when.'),
} satisfies Partial<FieldsOf<NoticeDetail>>;

const detail = z
  .object({
    ...plain,
    spentCents: said(amount, '`cap_…`, `budget_…`: what the overage cost when the share was reached.'),
    capCents: said(amount.nullable(), 'And the cap, or the budget.'),
    invoice: said(
      z.string().nullable(),
      '`…payment_failed`, `payment_reminder`, `invoice_overdue`: the invoice’s number; `credit_note_issued`: of which it gives back.',
    ),
    total: said(amount, 'Of the invoice; of the credit note; of the final invoice.'),
    nextAttemptAt: said(instant.nullable(), '`payment_failed`: when it is tried next; null: never.'),
    number: said(z.string(), '`credit_note_issued`, `refund_failed`: the credit note’s number.'),
    destination: said(z.enum(['card', 'balance']), '`credit_note_issued`: where it goes; `balance`: the next invoice.'),
    detail: said(z.string(), '`refund_failed`: what the payment provider says.'),
    member: said(z.string(), '`seat_added_automatically` (SEA-15): for whom.'),
    login: said(z.string(), 'Their name.'),
    reason: said(z.string(), 'Why.'),
    amountCents: said(amount, 'What the seat costs from `from` until `until`.'),
    seatPriceCents: said(amount, 'What a seat costs for a whole cycle.'),
    from: said(instant, 'From when it is paid for.'),
    until: said(instant, 'The end of the cycle.'),
    billed: said(z.enum(['now', 'next_invoice']), 'When it is charged.'),
    seats: said(z.int(), 'How many there are now.'),
    ceiling: said(z.int().nullable(), 'Up to how many may be added automatically.'),
    logins: said(
      z.array(z.string()).readonly(),
      '`members_without_seat`: who had no seat when the plan began, and is disabled.',
    ),
    finalInvoice: said(
      z.string().nullable(),
      '`account_closed`: the number of the final invoice; null: there was none.',
    ),
  } satisfies FieldsOf<NoticeDetail>)
  .meta({
    id: 'NoticeDetail',
    description:
      'Which of these it has, its kind says; older notices have fewer, later ones may have more. Amounts are in `currency`. Members get those ' +
      'without amounts (SEA-17).',
  });

export const notice = z
  .object({
    at: instant,
    kind: z.string().meta({ examples: ['cap_75', 'trial_ends_in_3_days'] }),
    currency: z.string().exactOptional().meta({ description: 'Of its amounts; not for members.' }),
    detail,
  } satisfies FieldsOf<Notice & { readonly currency: string }>)
  .meta({ id: 'Notice' });

/** SEA-17: without amounts. */
export const noticeForMembers = z.object({ at: instant, kind: z.string(), detail: z.object(plain) });
