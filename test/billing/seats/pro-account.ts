import type { Interval } from '../../../billing/calendar/period.ts';
import type { Invoice, Line } from '../../../billing/model/facts.ts';
import { AccountInMemory, catalogNamed } from '../account-in-memory.ts';

const CODSPEED = catalogNamed('codspeed');

/** April 2026 has 30 days: the 16th at midnight is exactly its half. */
export const APRIL = '2026-04-01T00:00:00Z';
export const MID_APRIL = '2026-04-16T00:00:00Z';
export const MAY = '2026-05-01T00:00:00Z';

export function freeAccount(...members: readonly string[]): AccountInMemory {
  const account = new AccountInMemory(CODSPEED, APRIL).withCard();
  for (const member of members) account.access(member);
  return account;
}

/** On Pro since `at`, with `seats` seats that the members took in their order; automatic allocation is off. */
export function proAccount(
  wanted: { seats?: number; interval?: Interval; at?: string; members?: readonly string[] } = {},
): AccountInMemory {
  const members = wanted.members ?? [];
  const account = new AccountInMemory(CODSPEED, wanted.at ?? APRIL).withCard();
  const seats = wanted.seats ?? Math.max(1, members.length);
  account.do('subscribe', { plan: 'pro', interval: wanted.interval ?? 'month', seats });
  for (const member of members) account.access(member);
  return account;
}

export function withAllocation(account: AccountInMemory, ceiling: number | null = null): AccountInMemory {
  account.do('setAutomaticAllocation', { enabled: true, ceiling });
  return account;
}

export const states = (account: AccountInMemory): Readonly<Record<string, string>> =>
  Object.fromEntries(account.facts.members.map(({ memberId, state, reason }) => [memberId, reason ?? state]));

/** Who sits on each seat, in the seats' order. */
export const seating = (account: AccountInMemory): readonly (string | null)[] =>
  account.facts.seats.map((seat) => seat.memberId);

export const awaiting = (account: AccountInMemory): number =>
  account.facts.seats.filter((seat) => seat.removalRequestedAt !== null).length;

/** Kind, quantity and amount of lines. */
export const brief = (lines: readonly Line[]): readonly (readonly [string, number, number])[] =>
  lines.map(({ kind, quantity, amount }) => [kind, quantity, amount] as const);

export function lastInvoice(account: AccountInMemory): Invoice {
  const invoice = account.issued.at(-1);
  if (invoice === undefined) throw new Error('no invoice was issued');
  return invoice;
}
