import type { components } from '../../sdk/generated/openapi.ts';
import { money } from '../format/money.ts';
import { number } from '../format/quantity.ts';
import { day, moment, period } from '../format/time.ts';

type Notice = components['schemas']['Notice'];
type Detail = Notice['detail'];
/** An amount for people; null where it is not there, as for members (SEA-17), or in older notices. */
type Amount = (minor: number | null | undefined) => string | null;

const SENTENCES: Readonly<Record<string, (detail: Detail, amount: Amount) => string>> = {
  trial_ends_in_7_days: (detail) => `The trial ends in 7 days${on(detail.trialEndsAt)}.`,
  trial_ends_in_3_days: (detail) => `The trial ends in 3 days${on(detail.trialEndsAt)}.`,
  trial_ends_in_1_day: (detail) => `The trial ends tomorrow${on(detail.trialEndsAt)}.`,
  trial_ended: () => 'The trial has ended. Everything recorded so far stays readable.',
  payment_failed: (detail, amount) => `${payment(detail, amount)} failed. ${nextTry(detail)}`,
  seat_payment_failed: (detail, amount) =>
    `The payment for an added seat failed${bill(detail, amount)}, so the seat was removed. Paid seats keep working.`,
  pack_payment_failed: (detail, amount) =>
    `The payment for the bigger pack failed${bill(detail, amount)}. Your pack stays the same.`,
  plan_payment_failed: (detail, amount) =>
    `The payment for the plan change failed${bill(detail, amount)}. Your plan stays the same.`,
  payment_reminder: (detail, amount) => `An invoice is still open${bill(detail, amount)}.`,
  invoice_overdue: (detail, amount) =>
    `An invoice is overdue${bill(detail, amount)}. Pay it to keep your service running.`,
  seat_added_automatically: seatAdded,
  members_without_seat: ({ logins, seats }) =>
    `The plan started with ${seats === undefined ? 'fewer seats than members' : `${number(seats)} ${seats === 1 ? 'seat' : 'seats'}`}, so ${listed(logins)} can’t run on private repositories. To give them access, add seats and enable them.`,
  collection_failed: (detail, amount) =>
    `An invoice couldn’t be sent to the payment provider${bill(detail, amount)}. Your service isn’t affected, and we’ve been notified.`,
  credit_note_issued: givenBack,
  refund_failed: ({ total, number: note }, amount) => {
    const refund = amount(total);
    return refund === null ? 'A refund failed.' : `A refund of ${refund} failed (${String(note)}).`;
  },
  catalog_migration_scheduled: ({ at }) =>
    `${at === undefined ? 'At the end of the cycle' : `On ${day(at)}`}, new prices and terms take effect.`,
  account_closed: ({ total, finalInvoice }, amount) => {
    const last = amount(total);
    if (finalInvoice == null || last === null) return 'The account was closed. Nothing more will be charged.';
    return `The account was closed. The final invoice is ${finalInvoice} for ${last}; nothing more will be charged.`;
  },
};

/** What an account was told, in a sentence. Members read these too, from details that have no amount (SEA-17). */
export function noticeSentence({ kind, currency, detail }: Notice): string {
  const amount: Amount = (minor) => (minor == null || currency === undefined ? null : money(minor, currency));
  const known = SENTENCES[kind];
  if (known !== undefined) return known(detail, amount);
  const [, whole, share] = /^(.+)_(50|75|90|100)$/.exec(kind) ?? [];
  if (whole !== undefined && share !== undefined) return shareUsed({ whole, share }, detail, amount);
  return `${plain(kind).replace(/^./, (first) => first.toUpperCase())}.`;
}

/** CRE-15: the share, what it comes to, and the cycle it is of. */
function shareUsed({ whole, share }: { whole: string; share: string }, detail: Detail, amount: Amount): string {
  const { meter, used, included, cycleStart: start, cycleEnd: end } = detail;
  const of = meter === undefined ? '' : ` for ${plain(meter)}`;
  const what =
    whole === 'cap' ? 'the overage cap' : whole === 'budget' ? `the budget${of}` : `the included ${plain(whole)}`;
  const [spent, cap] = [amount(detail.spentCents), amount(detail.capCents)];
  const money = spent === null || cap === null ? '' : `: ${spent} of ${cap}`;
  const units = used === undefined || included === undefined ? money : `: ${number(used)} of ${number(included)}`;
  const when = start === undefined || end === undefined ? '' : `, in the cycle of ${period({ start, end })}`;
  return `${share}% of ${what} used${units}${when}.`;
}

function payment({ invoice, total }: Detail, amount: Amount): string {
  const owed = amount(total);
  return owed === null || invoice == null ? 'A payment' : `The payment of ${owed} for invoice ${invoice}`;
}

function nextTry({ nextAttemptAt }: Detail): string {
  if (nextAttemptAt === undefined) return 'We’ll try again automatically, and as soon as a new card is added.';
  if (nextAttemptAt === null) return 'This was the last attempt. Add a new card to pay it and continue your service.';
  return `We’ll try again on ${moment(nextAttemptAt)}, or as soon as a new card is added.`;
}

function bill({ invoice, total }: Detail, amount: Amount): string {
  const owed = amount(total);
  return owed === null || invoice == null ? '' : ` (${invoice}, ${owed})`;
}

function seatAdded({ member, login, amountCents, from, until, billed }: Detail, amount: Amount): string {
  const cost = amount(amountCents);
  const who = login ?? member;
  if (cost === null || who === undefined || from === undefined || until === undefined)
    return 'A seat was added automatically for a new member.';
  const when = billed === 'next_invoice' ? ', on the next invoice' : '';
  return `A seat was added automatically for ${who}: ${cost} for ${period({ start: from, end: until })}${when}.`;
}

function givenBack({ number: note, invoice, total, destination }: Detail, amount: Amount): string {
  const given = amount(total);
  if (given === null || invoice == null) return 'A credit note was issued for a paid invoice.';
  const where = destination === 'balance' ? 'will be deducted from the next invoice' : 'will be refunded to the card';
  return `${given} of invoice ${invoice} ${where} (${String(note)}).`;
}

function on(instant: string | null | undefined): string {
  return instant == null ? '' : `, on ${moment(instant)}`;
}

function listed(logins: readonly string[] | undefined): string {
  return logins === undefined ? 'some members' : new Intl.ListFormat('en').format(logins);
}

function plain(name: string): string {
  return name.replaceAll(/[_-]/g, ' ');
}
