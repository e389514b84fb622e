import { z } from 'zod';

import type { Notice, NoticeDetail } from '../../billing/model/facts.ts';
import type { FieldsOf } from './documents.ts';
import { amount, instant } from './fields.ts';

const said = <Schema extends z.ZodType>(schema: Schema, description: string): z.ZodExactOptional<Schema> =>
  schema.exactOptional().meta({ description });

/** What has no amount in it, nor leads to one. */
const plain = {
  trialEndsAt: said(instant.nullable(), '`trial_ends_in_…`, `trial_ended`: when the trial ends or ended.'),
  meter: said(z.string(), '`…_50`, `…_75`, `…_90`, `…_100`: the meter.'),
  percent: said(z.int(), 'The percentage that was reached.'),
  cycleStart: said(instant, 'The start of the cycle.'),
  cycleEnd: said(instant, 'The end of the cycle, exclusive.'),
  used: said(z.number(), 'For thresholds of the included amount: how much was used, in the unit of the meter.'),
  included: said(z.number(), 'The included amount, in the unit of the meter.'),
  version: said(z.int(), '`catalog_migration_scheduled`: the version that the account moves to.'),
  at: said(instant, 'When the account moves.'),
} satisfies Partial<FieldsOf<NoticeDetail>>;

const detail = z
  .object({
    ...plain,
    spentCents: said(amount, '`cap_…`, `budget_…`: the cost of the overage when the threshold was reached.'),
    capCents: said(amount.nullable(), 'The spending cap or the budget.'),
    invoice: said(
      z.string().nullable(),
      '`…payment_failed`, `payment_reminder`, `invoice_overdue`: the invoice number. `credit_note_issued`: the number of the ' +
        'credited invoice.',
    ),
    total: said(amount, 'The total of the invoice, credit note, or final invoice.'),
    nextAttemptAt: said(
      instant.nullable(),
      '`payment_failed`: when the next payment attempt is made; null if there is none.',
    ),
    number: said(z.string(), '`credit_note_issued`, `refund_failed`: the number of the credit note.'),
    destination: said(
      z.enum(['card', 'balance']),
      '`credit_note_issued`: where the credit goes. `balance` means the next invoice.',
    ),
    detail: said(z.string(), '`refund_failed`: the message of the payment provider.'),
    member: said(z.string(), '`seat_added_automatically`: the id of the member.'),
    login: said(z.string(), 'The login of the member.'),
    reason: said(z.string(), 'Why.'),
    amountCents: said(amount, 'The price of the seat from `from` to `until`.'),
    seatPriceCents: said(amount, 'The price of a seat for a full cycle.'),
    from: said(instant, 'The start of the charged period.'),
    until: said(instant, 'The end of the cycle.'),
    billed: said(z.enum(['now', 'next_invoice']), 'When the seat is charged.'),
    seats: said(z.int(), 'The new number of seats.'),
    ceiling: said(z.int().nullable(), 'The maximum number of seats that automatic allocation may reach.'),
    logins: said(
      z.array(z.string()).readonly(),
      '`members_without_seat`: the members without a seat when the plan started. They are disabled.',
    ),
    finalInvoice: said(
      z.string().nullable(),
      '`account_closed`: the number of the final invoice; null if there is none.',
    ),
  } satisfies FieldsOf<NoticeDetail>)
  .meta({
    id: 'NoticeDetail',
    description:
      'The fields depend on the kind of notice. Older notices can have fewer fields, and later versions can add more. Amounts ' +
      'are in `currency`. Members receive the notice without amounts.',
  });

export const notice = z
  .object({
    at: instant,
    kind: z.string().meta({ examples: ['cap_75', 'trial_ends_in_3_days'] }),
    currency: z
      .string()
      .exactOptional()
      .meta({ description: 'The currency of the amounts; not included for members.' }),
    detail,
  } satisfies FieldsOf<Notice & { readonly currency: string }>)
  .meta({ id: 'Notice' });

/** SEA-17: without amounts. */
export const noticeForMembers = z.object({ at: instant, kind: z.string(), detail: z.object(plain) });
