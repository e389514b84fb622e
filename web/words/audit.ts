import { statusWord } from './status.ts';

/** What an audit entry's before or after says; whatever it is, as texts. */
export type Told = Readonly<Record<string, unknown>>;

interface Entry {
  readonly before: Told;
  readonly after: Told;
  /** The before and after of entries that are about one word. */
  readonly from: string;
  readonly to: string;
  readonly money: (minor: unknown) => string;
  readonly moment: (instant: unknown) => string;
}

/** A sentence for every action that the engine writes down (AUD-2). */
const SENTENCES: Readonly<Record<string, (entry: Entry) => string>> = {
  'account.signed_up': ({ after }) => `${text(after['ownerId'])} signed the account up for ${text(after['catalog'])}.`,
  'account.closed': () => 'The account was permanently closed.',
  'catalog.migration_scheduled': ({ after, moment }) =>
    `The account will move to catalog version ${text(after['version'])} on ${moment(after['at'])}.`,
  'catalog.migration_canceled': () => 'The move to another catalog version was canceled.',
  'catalog.migration_dropped': ({ after }) =>
    `The move to another catalog version didn’t happen: ${text(after['message'])}`,
  'catalog.migrated': ({ after }) => `The account moved to catalog version ${text(after['version'])}.`,
  'phase.changed': ({ from, to }) => `The account’s status changed from ${statusWord(from)} to ${statusWord(to)}.`,
  'trial.extended': ({ after, moment }) => `The trial was extended to ${moment(after['trialEndsAt'])}.`,
  'payment_method.set': ({ after }) => `The card was set: ${text(after['brand'])} ending in ${text(after['last4'])}.`,
  'billing_contacts.set': ({ after }) => `Billing emails now go to ${counted(after['count'], 'address', 'addresses')}.`,
  'subscription.chosen': ({ after, moment }) =>
    `The ${planOf(after)} was chosen, starting ${moment(after['startsAt'])}.`,
  'subscription.started': ({ after }) => `The ${planOf(after)} started.`,
  'subscription.changed': ({ after }) => `The subscription changed${changesOf(after)}.`,
  'subscription.change_scheduled': ({ after, moment }) =>
    `${CHANGES[text(after['kind'])] ?? 'A change'} was scheduled for ${moment(after['at'])}.`,
  'subscription.resumed': () => 'The scheduled change was canceled; the subscription continues.',
  'subscription.ended': ({ before }) => `The ${planOf(before)} ended.`,
  'subscription.suspended': () => 'The subscription was suspended because it wasn’t paid.',
  'cycle.renewed': ({ after, moment }) => `A new cycle started; it ends ${moment(after['end'])}.`,
  'cap.set': ({ after, money }) =>
    after['capCents'] === null
      ? `The cap on ${plain(after['meter'])} was removed.`
      : `The cap on ${plain(after['meter'])} was set to ${money(after['capCents'])}.`,
  'automatic_allocation.set': ({ after }) =>
    after['enabled'] === true
      ? `Automatic allocation was turned on${after['ceiling'] == null ? '' : `, up to ${text(after['ceiling'])} seats`}.`
      : 'Automatic allocation was turned off.',
  'invoice.drafted': ({ after, money }) => `An invoice for ${money(after['total'])} was drafted.`,
  'invoice.discarded': () => 'A draft invoice was discarded: there was nothing to charge.',
  'invoice.issued': ({ after, money }) => `Invoice ${text(after['number'])} for ${money(after['total'])} was issued.`,
  'invoice.sent': ({ after, moment }) =>
    `Invoice ${text(after['number'])} was sent; it is due ${moment(after['dueAt'])}.`,
  'invoice.paid': ({ after, money }) => `Invoice ${text(after['number'])} for ${money(after['total'])} was paid.`,
  'invoice.void': ({ before }) => `Invoice ${text(before['number'])} was voided.`,
  'invoice.uncollectible': ({ before }) => `Invoice ${text(before['number'])} was marked uncollectible.`,
  'collection.failed': ({ after }) => `Invoice ${text(after['number'])} can’t be collected as it stands.`,
  'payment.failed': ({ after }) =>
    `The payment for invoice ${text(after['number'])} failed: ${plain(after['reason'])}.`,
  'payment.requested': ({ after }) => `Payment of invoice ${text(after['number'])} was attempted immediately.`,
  'payment.recorded': ({ after, money }) =>
    `An out-of-band payment of ${money(after['total'])} for invoice ${text(after['number'])} was recorded.`,
  'credit_note.issued': ({ after, money }) =>
    `Credit note ${text(after['number'])} was issued: ${money(after['total'])} of invoice ${text(after['invoice'])}, ${after['destination'] === 'balance' ? 'to be deducted from the next invoice' : 'to be refunded to the card'}.`,
  'credit_note.refunded': ({ before }) => `Credit note ${text(before['number'])} was refunded.`,
  'credit_note.failed': ({ before }) => `The refund of credit note ${text(before['number'])} failed.`,
  'credit.paid_out': ({ after, money }) => `A credit balance of ${money(after['total'])} was paid out.`,
  'member.created': ({ after }) => `${text(after['memberId'])} became a member.`,
  'member.invited': ({ after }) =>
    `${text(after['login'] ?? after['memberId'])} was invited as ${text(after['role'])}.`,
  'member.enabled': ({ after }) => `${who(after['memberId'])} was enabled.`,
  'member.disabled': ({ after }) =>
    `${who(after['memberId'])} was disabled${WHY_DISABLED[text(after['reason'])] ?? ''}.`,
  'member.role_set': ({ after }) =>
    `${text(after['memberId'])} is now ${after['role'] === 'admin' ? 'an admin' : 'a member'}.`,
  'seats.added': ({ after }) => `Seats were added; there are now ${text(after['quantity'])}.`,
  'seats.allocated': ({ after }) => `A seat was added automatically for ${text(after['memberId'])}.`,
  'seats.removal_requested': ({ after }) =>
    `${counted(after['awaitingRemoval'], 'seat', 'seats')} will be removed at the end of the cycle.`,
  'seats.removal_canceled': () => 'A seat removal was canceled.',
  'seats.ended': ({ after }) => `Seats ended; there are now ${text(after['quantity'])}.`,
  'usage.reversed': ({ before }) => `Usage event ${text(before['eventId'])} was reversed.`,
};

const WHY_DISABLED: Readonly<Record<string, string>> = {
  member_disabled: ' by an admin',
  no_seat: ' because no seat was free',
  seat_removed: ' because their seat ended',
};

const CHANGES: Readonly<Record<string, string>> = {
  cancel: 'The end of the subscription',
  free: 'The move to the free plan',
  terms: 'A change of interval or pack',
  contract: 'A contract',
};

export function auditSentence(
  { action, before, after }: { readonly action: string; readonly before: unknown; readonly after: unknown },
  { money, moment }: Pick<Entry, 'money' | 'moment'>,
): string {
  const sentence = SENTENCES[action];
  if (sentence === undefined) return `${plain(action.replaceAll('.', ': '))}.`;
  return sentence({
    ...{ before: record(before), after: record(after), from: text(before), to: text(after) },
    ...{ money, moment },
  });
}

function record(value: unknown): Told {
  return typeof value === 'object' && value !== null ? (value as Told) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'none';
}

/** Entries from before members were named in them say less. */
function who(memberId: unknown): string {
  return typeof memberId === 'string' ? memberId : 'A member';
}

function plain(value: unknown): string {
  return text(value).replaceAll(/[_-]/g, ' ');
}

/** `pro plan (small pack, yearly)` */
function planOf(told: Told): string {
  const pack = typeof told['pack'] === 'string' ? [`${told['pack']} pack`] : [];
  const terms = [...pack, ...(told['interval'] === 'year' ? ['yearly'] : [])];
  const plan = typeof told['plan'] === 'string' ? `${told['plan']} plan` : 'plan';
  return terms.length === 0 ? plan : `${plan} (${terms.join(', ')})`;
}

function changesOf(after: Told): string {
  const parts = ['plan', 'pack', 'interval'].flatMap((name) =>
    typeof after[name] === 'string' ? [`${name} ${text(after[name])}`] : [],
  );
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

function counted(count: unknown, one: string, many: string): string {
  return `${text(count)} ${count === 1 ? one : many}`;
}
