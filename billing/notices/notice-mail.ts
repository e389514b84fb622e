import type { Notice, NoticeDetail } from '../model/facts.ts';
import { formatDate, isInstant } from '../calendar/instant.ts';
import { countOf } from '../model/counts.ts';
import { formatAmount } from '../money/currency.ts';

/** What an e-mail says: the same in plain words and in HTML. */
export interface NoticeMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

interface Wording {
  readonly subject: string;
  readonly body: string;
}

const LIST = new Intl.ListFormat('en');

type Detail = NoticeDetail;
type Words = (detail: Detail, money: (minor: unknown) => string) => Wording;

/** The wording of every notice that is mailed; a notice without one is named by its kind. */
const WORDS: Readonly<Record<string, Words>> = {
  trial_ends_in_7_days: (detail) => trialEnds('in 7 days', detail),
  trial_ends_in_3_days: (detail) => trialEnds('in 3 days', detail),
  trial_ends_in_1_day: (detail) => trialEnds('tomorrow', detail),
  trial_ended: () => ({
    subject: 'Your trial has ended',
    body: 'Your trial has ended. Everything recorded so far stays readable; subscribe to a plan to continue.',
  }),
  payment_failed: ({ invoice, total, nextAttemptAt }, money) => ({
    subject: `Payment of invoice ${said(invoice)} failed`,
    body:
      `We couldn’t collect ${money(total)} for invoice ${said(invoice)}. ` +
      (typeof nextAttemptAt === 'string'
        ? `We’ll try again on ${when(nextAttemptAt)}, or as soon as you add a new card.`
        : 'This was the last attempt. Add a new card to pay the invoice and continue your service.'),
  }),
  seat_payment_failed: ({ invoice, total }, money) => ({
    subject: 'Payment for your added seats failed',
    body: `We couldn’t collect ${money(total)} for invoice ${said(invoice)}, so the added seats were removed. All paid seats keep working.`,
  }),
  pack_payment_failed: ({ invoice, total }, money) => ({
    subject: 'Payment for your bigger pack failed',
    body: `We couldn’t collect ${money(total)} for invoice ${said(invoice)}. Your pack stays the same.`,
  }),
  plan_payment_failed: ({ invoice, total }, money) => ({
    subject: 'Payment for your plan change failed',
    body: `We couldn’t collect ${money(total)} for invoice ${said(invoice)}. Your plan stays the same.`,
  }),
  payment_reminder: ({ invoice, total }, money) => ({
    subject: `Reminder: invoice ${said(invoice)} is open`,
    body: `Invoice ${said(invoice)} for ${money(total)} is still open. Please pay it by its due date.`,
  }),
  invoice_overdue: ({ invoice, total }, money) => ({
    subject: `Invoice ${said(invoice)} is overdue`,
    body: `Invoice ${said(invoice)} for ${money(total)} is overdue. Pay it to keep your service running.`,
  }),
  seat_added_automatically: ({ member, login, amountCents, until, billed }, money) => ({
    subject: `A seat was added for ${said(login ?? member)}`,
    body:
      `${said(login ?? member)} needed a seat and none was free, so one was added automatically: ` +
      `${money(amountCents)} for the rest of this cycle${until === undefined ? '' : `, until ${when(until)}`}` +
      `${billed === 'next_invoice' ? ', on the next invoice' : ''}.`,
  }),
  members_without_seat: ({ logins, seats }) => ({
    subject: 'Some members don’t have a seat',
    body:
      `Your plan started with ${countOf(seats ?? 0, 'seat')}, fewer than you have members, so ${LIST.format(logins ?? [])} can’t run on ` +
      'private repositories. To give them access, add seats and enable them on the Members page.',
  }),
  collection_failed: ({ invoice, total }, money) => ({
    subject: `Invoice ${said(invoice)} couldn’t be collected`,
    body:
      `Invoice ${said(invoice)} for ${money(total)} couldn’t be sent to the payment provider. Your service isn’t affected, and nothing is ` +
      'charged until it’s fixed. We’ve been notified.',
  }),
  credit_note_issued: ({ number, invoice, total, destination }, money) => ({
    subject: `Credit note for invoice ${said(invoice)}: ${money(total)}`,
    body:
      `We issued credit note ${said(number)} for ${money(total)} of invoice ${said(invoice)}. ` +
      (destination === 'balance'
        ? 'It will be deducted from your next invoice.'
        : 'It’s refunded to the card that paid it.'),
  }),
  refund_failed: ({ number, total }, money) => ({
    subject: `A refund of ${money(total)} failed`,
    body: `We couldn’t refund ${money(total)} of credit note ${said(number)} to the card.`,
  }),
  catalog_migration_scheduled: ({ at }) => ({
    subject: 'New prices and terms for your plan',
    body: `New prices and terms for your plan take effect on ${when(at)}. What you’ve already paid for doesn’t change. Your next invoice preview shows the new prices.`,
  }),
  account_closed: ({ finalInvoice, total }, money) => ({
    subject: 'Your account is closed',
    body:
      typeof finalInvoice === 'string'
        ? `Your account is closed. The final invoice is ${finalInvoice} for ${money(total)}; nothing more will be charged.`
        : 'Your account is closed, and nothing more will be charged.',
  }),
};

function trialEnds(inDays: string, { trialEndsAt }: Detail): Wording {
  return {
    subject: `Your trial ends ${inDays}`,
    body: `Your trial ends ${inDays}, on ${when(trialEndsAt)}. Subscribe to a plan to continue without interruption.`,
  };
}

/** The mail about a notice of an account, for its admins. Whatever comes from outside is escaped in the HTML. */
export function noticeMail(
  account: { readonly accountId: string; readonly currency: string },
  notice: Notice,
): NoticeMail {
  const money = (minor: unknown): string => moneyText(minor, account.currency);
  const { subject, body } = (WORDS[notice.kind] ?? shareUsed(notice) ?? inItsOwnName(notice))(notice.detail, money);
  const about = `Account ${account.accountId}, ${when(notice.at)}`;
  return {
    // A header is one line, whatever a member is called.
    subject: `${subject} (${account.accountId})`.replaceAll(/\s+/g, ' ').slice(0, 200),
    text: `${body}\n\n${about}\n`,
    html: page(escaped(subject), escaped(body), escaped(about)),
  };
}

/** CRE-15: `credits_75`, `cap_100`; null for what is no share of anything. */
function shareUsed({ kind, detail }: Notice): Words | null {
  const [, whole, percent] = /^(.+)_(50|75|90|100)$/.exec(kind) ?? [];
  if (whole === undefined || percent === undefined) return null;
  const subject = `${percent}% of your ${wholeOf(whole, detail)} used`;
  return ({ cycleStart, cycleEnd }, money) => ({
    subject,
    body:
      `You’ve used ${percent}% of your ${wholeOf(whole, detail)}${figuresOf(detail, money)}, in the billing cycle that ` +
      `${cycleStart === undefined ? '' : `started ${when(cycleStart)} and `}ends ${when(cycleEnd)}.`,
  });
}

function wholeOf(whole: string, { meter }: Detail): string {
  if (whole === 'cap') return 'overage cap';
  if (whole === 'budget' && meter !== undefined) return `budget for ${plain(meter)}`;
  return whole === meter ? `included ${plain(meter)}` : plain(whole);
}

/** `: $9.00 of $12.00`, `: 1,875 of 2,500`; nothing where an older notice does not have them. */
function figuresOf({ used, included, spentCents, capCents }: Detail, money: (minor: unknown) => string): string {
  if (spentCents !== undefined && capCents != null) return `: ${money(spentCents)} of ${money(capCents)}`;
  if (used !== undefined && included !== undefined) return `: ${counted(used)} of ${counted(included)}`;
  return '';
}

function counted(quantity: number): string {
  return quantity.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function plain(name: string): string {
  return name.replaceAll(/[_-]/g, ' ');
}

function inItsOwnName({ kind, detail }: Notice): Words {
  const name = plain(kind);
  const facts = Object.entries(detail).map(([field, value]) => `${field}: ${said(value)}`);
  const subject = name.charAt(0).toUpperCase() + name.slice(1);
  return () => ({ subject, body: [`${subject}.`, ...facts].join(' ') });
}

/** `Feb 1, 2027, 09:00 UTC`. */
function when(instant: unknown): string {
  return isInstant(instant) ? `${formatDate(instant)}, ${instant.slice(11, 16)} UTC` : said(instant);
}

function said(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'unknown';
}

function moneyText(minor: unknown, currency: string): string {
  return Number.isSafeInteger(minor) ? formatAmount(minor as number, currency) : 'the amount';
}

function page(title: string, body: string, about: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body style="margin:0;padding:24px;background:#f8f9fa;font:16px/1.5 system-ui,sans-serif;color:#212529">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #dee2e6">
<h1 style="margin:0 0 16px;font-size:20px">${title}</h1>
<p style="margin:0 0 16px">${body}</p>
<p style="margin:0;font-size:14px;color:#495057">${about}</p>
</div></body></html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
