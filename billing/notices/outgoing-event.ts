import type { Instant } from '../calendar/instant.ts';
import type { AuditEntry, Notice } from '../model/facts.ts';

/** What the product's backend is told, as it stands in a webhook's body (docs/webhooks.md). */
export interface OutgoingEvent {
  readonly type: string;
  /** When it happened, on the account's clock. */
  readonly timestamp: Instant;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Steps inside a decision that say nothing to anybody outside: what they lead to is told. */
const PRIVATE_ACTIONS: ReadonlySet<string> = new Set([
  'invoice.drafted',
  'invoice.discarded',
  'seats.allocated',
  'seats.removal_canceled',
]);

/** Actions whose event has another name. */
const TYPES: Readonly<Record<string, string>> = { 'seats.added': 'seat.added', 'seats.ended': 'seat.removed' };

/** What an audit entry (AUD-2) tells the world; null for what is nobody's business. */
export function eventOfAudit(accountId: string, entry: AuditEntry): OutgoingEvent | null {
  const { action, actor, at, before, after } = entry;
  if (PRIVATE_ACTIONS.has(action)) return null;
  return { type: TYPES[action] ?? action, timestamp: at, data: { account: accountId, actor, before, after } };
}

/** Its amounts are in the account's currency. */
export function eventOfNotice(
  { accountId, currency }: { readonly accountId: string; readonly currency: string },
  { at, kind, detail }: Notice,
): OutgoingEvent {
  return { type: 'notice.given', timestamp: at, data: { account: accountId, kind, currency, detail } };
}

/** Whether somebody who asked for these types (`invoice.paid`, `invoice.*`; null: all) is told of this one. */
export function isWanted(types: readonly string[] | null, type: string): boolean {
  if (types === null) return true;
  return types.some((wanted) => wanted === type || (wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1))));
}
