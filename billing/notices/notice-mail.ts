import type { Notice, NoticeDetail } from '../model/facts.ts';
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

type Detail = NoticeDetail;
type Words = (detail: Detail, money: (minor: unknown) => string) => Wording;

/** Every notice that is mailed in words of its own; others are told by their name. */
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
      `We could not collect ${money(total)} for invoice ${said(invoice)}. ` +
      (typeof nextAttemptAt === 'string'
        ? `We try again on ${nextAttemptAt}; a new payment method is tried at once.`
        : 'This was the last try. Add a working payment method: the invoice is then paid and service continues.'),
  }),
  seat_payment_failed: ({ invoice, total }, money) => ({
    subject: `The added seat could not be paid for`,
    body: `We could not collect ${money(total)} for invoice ${said(invoice)}, so what it added was taken back. All paid seats keep working.`,
  }),
  pack_payment_failed: ({ invoice, total }, money) => ({
    subject: 'The bigger pack could not be paid for',
    body: `We could not collect ${money(total)} for invoice ${said(invoice)}. Your pack stays as it is.`,
  }),
  plan_payment_failed: ({ invoice, total }, money) => ({
    subject: 'The change of plan could not be paid for',
    body: `We could not collect ${money(total)} for invoice ${said(invoice)}. Your plan stays as it is.`,
  }),
  payment_reminder: ({ invoice, total }, money) => ({
    subject: `Invoice ${said(invoice)} is to be paid`,
    body: `Invoice ${said(invoice)} over ${money(total)} is still open. Please pay it by its due date.`,
  }),
  invoice_overdue: ({ invoice, total }, money) => ({
    subject: `Invoice ${said(invoice)} is overdue`,
    body: `Invoice ${said(invoice)} over ${money(total)} is overdue. Pay it to keep your service.`,
  }),
  seat_added_automatically: ({ member, login, amountCents, until, billed }, money) => ({
    subject: `A seat was added for ${said(login ?? member)}`,
    body:
      `${said(login ?? member)} needed a seat and none was free, so one was added automatically: ` +
      `${money(amountCents)} for the rest of this cycle${until === undefined ? '' : `, until ${until}`}` +
      `${billed === 'next_invoice' ? ', on the next invoice' : ''}.`,
  }),
  members_without_seat: ({ logins, seats }) => ({
    subject: 'Some members have no seat',
    body:
      `Your plan began with ${said(seats)} seats, and there are more members than that: ${(logins ?? []).join(', ')} cannot run on private ` +
      'repositories. Add seats and enable them on the Members page, or leave it so.',
  }),
  collection_failed: ({ invoice, total }, money) => ({
    subject: `Invoice ${said(invoice)} could not be collected`,
    body:
      `Invoice ${said(invoice)} over ${money(total)} could not be handed to the payment provider. Nothing stops over it, and nothing is ` +
      'charged before it is put right; whoever runs this service has been told.',
  }),
  credit_note_issued: ({ number, invoice, total, destination }, money) => ({
    subject: `${money(total)} of invoice ${said(invoice)} is given back`,
    body:
      `Credit note ${said(number)} gives back ${money(total)} of invoice ${said(invoice)}, ` +
      `${destination === 'balance' ? 'on your next invoice' : 'to the card that paid it'}.`,
  }),
  refund_failed: ({ number, total }, money) => ({
    subject: `A refund of ${money(total)} could not be made`,
    body: `${money(total)} of credit note ${said(number)} could not be given back to the card.`,
  }),
  catalog_migration_scheduled: ({ at }) => ({
    subject: 'Newer prices and terms take effect',
    body: `What you have paid for stays as it is. From ${said(at)} on, newer prices and terms of your plan take effect; your upcoming invoice shows them.`,
  }),
  account_closed: ({ finalInvoice, total }, money) => ({
    subject: 'Your account is closed',
    body:
      typeof finalInvoice === 'string'
        ? `The account is closed. Its final invoice is ${finalInvoice} over ${money(total)}; nothing more is charged.`
        : 'The account is closed and nothing more is charged.',
  }),
};

function trialEnds(when: string, { trialEndsAt }: Detail): Wording {
  return {
    subject: `Your trial ends ${when}`,
    body: `Your trial ends ${when}, at ${said(trialEndsAt)}. Subscribe to a plan to continue without a break.`,
  };
}

/** The mail about a notice of an account, for its admins. Whatever comes from outside is escaped in the HTML. */
export function noticeMail(
  account: { readonly accountId: string; readonly currency: string },
  notice: Notice,
): NoticeMail {
  const money = (minor: unknown): string => moneyText(minor, account.currency);
  const { subject, body } = (WORDS[notice.kind] ?? shareUsed(notice) ?? inItsOwnName(notice))(notice.detail, money);
  const about = `Account ${account.accountId}, ${notice.at}.`;
  return {
    // A header is one line, whatever somebody is called.
    subject: `${subject} (${account.accountId})`.replaceAll(/\s+/g, ' ').slice(0, 200),
    text: `${body}\n\n${about}\n`,
    html: page(escaped(subject), escaped(body), escaped(about)),
  };
}

/** CRE-15: `credits_75`, `cap_100`; null for what is no share of anything. */
function shareUsed({ kind, detail }: Notice): Words | null {
  const [, whole, percent] = /^(.+)_(50|75|90|100)$/.exec(kind) ?? [];
  if (whole === undefined || percent === undefined) return null;
  const subject = `${percent} % of your ${wholeOf(whole, detail)} is used`;
  return ({ cycleStart, cycleEnd }, money) => ({
    subject,
    body:
      `${subject}${figuresOf(detail, money)}, in the cycle that ` +
      `${cycleStart === undefined ? '' : `began ${cycleStart} and `}ends ${said(cycleEnd)}.`,
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
