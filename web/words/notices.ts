/** What an account was told, in a sentence. Members read these too, so none of them has an amount (SEA-17). */
const SENTENCES: Readonly<Record<string, string>> = {
  trial_ends_in_7_days: 'The trial ends in 7 days.',
  trial_ends_in_3_days: 'The trial ends in 3 days.',
  trial_ends_in_1_day: 'The trial ends tomorrow.',
  trial_ended: 'The trial has ended. What was recorded stays readable.',
  payment_failed: 'A payment failed. It is tried again, and at once with a new card.',
  seat_payment_failed: 'An added seat could not be paid for, so it was taken back. Paid seats keep working.',
  pack_payment_failed: 'The bigger pack could not be paid for. The pack stays as it is.',
  plan_payment_failed: 'The change of plan could not be paid for. The plan stays as it is.',
  payment_reminder: 'An invoice is still to be paid.',
  invoice_overdue: 'An invoice is overdue. Pay it to keep the service.',
  seat_added_automatically: 'A seat was added automatically, because a newcomer needed one.',
  credit_note_issued: 'Money of a paid invoice was given back.',
  refund_failed: 'A refund could not be made.',
  catalog_migration_scheduled: 'At the end of the cycle, the newer terms of the product take effect.',
  account_closed: 'The account was closed. Nothing more is charged.',
};

export function noticeSentence(kind: string): string {
  const known = SENTENCES[kind];
  if (known !== undefined) return known;
  const [, whole, share] = /^(.+)_(50|75|90|100)$/.exec(kind) ?? [];
  if (whole !== undefined && share !== undefined) return `${share} % of ${WHOLES[whole] ?? plain(whole)} is used.`;
  return `${plain(kind).replace(/^./, (first) => first.toUpperCase())}.`;
}

const WHOLES: Readonly<Record<string, string>> = {
  cap: 'the overage cap',
  budget: 'the budget',
  credits: 'the included credits',
  macro_minutes: 'the included minutes',
};

function plain(name: string): string {
  return name.replaceAll(/[_-]/g, ' ');
}
