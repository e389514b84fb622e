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
  'account.closed': () => 'The account was closed for good.',
  'catalog.migration_scheduled': ({ after, moment }) =>
    `The account moves to version ${text(after['version'])} of its catalog on ${moment(after['at'])}.`,
  'catalog.migration_canceled': () => 'The move to another version of the catalog was taken back.',
  'catalog.migration_dropped': ({ after }) =>
    `The move to another version of the catalog did not take place: ${text(after['message'])}`,
  'catalog.migrated': ({ after }) => `The account moved to version ${text(after['version'])} of its catalog.`,
  'phase.changed': ({ from, to }) => `The account went from ${statusWord(from)} to ${statusWord(to)}.`,
  'trial.extended': ({ after, moment }) => `The trial was extended to ${moment(after['trialEndsAt'])}.`,
  'payment_method.set': ({ after }) => `The card was set: ${text(after['brand'])} ending in ${text(after['last4'])}.`,
  'billing_contacts.set': ({ after }) =>
    `Notices are mailed to ${counted(after['count'], 'address', 'addresses')} now.`,
  'subscription.chosen': ({ after, moment }) =>
    `The plan ${planOf(after)} was chosen, from ${moment(after['startsAt'])} on.`,
  'subscription.started': ({ after }) => `The plan ${planOf(after)} began.`,
  'subscription.changed': ({ after }) => `The subscription changed${changesOf(after)}.`,
  'subscription.change_scheduled': ({ after, moment }) =>
    `${CHANGES[text(after['kind'])] ?? 'A change'} is set for ${moment(after['at'])}.`,
  'subscription.resumed': () => 'What was scheduled was taken back; the subscription goes on.',
  'subscription.ended': ({ before }) => `The plan ${planOf(before)} ended.`,
  'subscription.suspended': () => 'The subscription was suspended, because it was not paid.',
  'cycle.renewed': ({ after, moment }) => `A new cycle began; it runs to ${moment(after['end'])}.`,
  'cap.set': ({ after, money }) =>
    after['capCents'] === null
      ? `The cap of ${plain(after['meter'])} was taken away.`
      : `The cap of ${plain(after['meter'])} was set to ${money(after['capCents'])}.`,
  'automatic_allocation.set': ({ after }) =>
    after['enabled'] === true
      ? `Automatic allocation was turned on${after['ceiling'] == null ? '' : `, up to ${text(after['ceiling'])} seats`}.`
      : 'Automatic allocation was turned off.',
  'invoice.drafted': ({ after, money }) => `An invoice of ${money(after['total'])} was drafted.`,
  'invoice.discarded': () => 'A draft was discarded: there was nothing to invoice.',
  'invoice.issued': ({ after, money }) => `Invoice ${text(after['number'])} of ${money(after['total'])} was issued.`,
  'invoice.sent': ({ after, moment }) =>
    `Invoice ${text(after['number'])} was sent; it is due ${moment(after['dueAt'])}.`,
  'invoice.paid': ({ after, money }) => `Invoice ${text(after['number'])} of ${money(after['total'])} was paid.`,
  'invoice.void': ({ before }) => `Invoice ${text(before['number'])} is void.`,
  'invoice.uncollectible': ({ before }) => `Invoice ${text(before['number'])} was given up as uncollectible.`,
  'collection.failed': ({ after }) => `Invoice ${text(after['number'])} cannot be collected as it is.`,
  'payment.failed': ({ after }) => `The payment of invoice ${text(after['number'])} failed: ${plain(after['reason'])}.`,
  'payment.requested': ({ after }) => `Invoice ${text(after['number'])} was tried at once.`,
  'payment.recorded': ({ after, money }) =>
    `The payment of invoice ${text(after['number'])} (${money(after['total'])}) was recorded.`,
  'credit_note.issued': ({ after, money }) =>
    `Credit note ${text(after['number'])}: ${money(after['total'])} of invoice ${text(after['invoice'])} to the ${text(after['destination'])}.`,
  'credit_note.refunded': ({ before }) => `Credit note ${text(before['number'])} was refunded.`,
  'credit_note.failed': ({ before }) => `The refund of credit note ${text(before['number'])} failed.`,
  'member.created': ({ after }) => `${text(after['memberId'])} became a member.`,
  'member.invited': ({ after }) =>
    `${text(after['login'] ?? after['memberId'])} was invited as ${text(after['role'])}.`,
  'member.enabled': ({ after }) => `${who(after['memberId'])} was enabled.`,
  'member.disabled': ({ after }) =>
    `${who(after['memberId'])} was disabled${WHY_DISABLED[text(after['reason'])] ?? ''}.`,
  'member.role_set': ({ after }) => `${text(after['memberId'])} is ${text(after['role'])} now.`,
  'seats.added': ({ after }) => `Seats were added; there are ${text(after['quantity'])} now.`,
  'seats.allocated': ({ after }) => `A seat was added automatically for ${text(after['memberId'])}.`,
  'seats.removal_requested': ({ after }) =>
    `${counted(after['awaitingRemoval'], 'seat ends', 'seats end')} with the cycle.`,
  'seats.removal_canceled': () => 'A seat that was to end is kept.',
  'seats.ended': ({ after }) => `Seats ended; there are ${text(after['quantity'])} now.`,
  'usage.reversed': ({ before }) => `The use ${text(before['eventId'])} was given back.`,
};

const WHY_DISABLED: Readonly<Record<string, string>> = {
  member_disabled: ' by an admin',
  no_seat: ', because there is no seat for them',
  seat_removed: ', because their seat ended',
};

const CHANGES: Readonly<Record<string, string>> = {
  cancel: 'The end of the subscription',
  free: 'The move to the free plan',
  terms: 'Another interval or pack',
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

function planOf(told: Told): string {
  const parts = [told['plan'], told['pack'], told['interval'] === 'year' ? 'yearly' : undefined];
  return parts.filter((part) => typeof part === 'string').join(', ');
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
