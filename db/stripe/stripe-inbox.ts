import type { Database } from '../database.ts';

/** An event of Stripe that waits to be worked off. */
export interface InboxEvent {
  readonly eventId: string;
  readonly type: string;
  /** The object that it is about; null where Stripe named none. */
  readonly objectId: string | null;
  /** Tries so far, this one included. */
  readonly attempts: number;
}

/** Longer than working one off can take: whoever claimed an event and has not settled it by then is dead. */
const LEASE = '2 minutes';

/** Keeps an event, once: a repeat of what is there already changes nothing. When this resolves, it is committed. */
export async function storeStripeEvent(
  db: Database,
  { eventId, type, objectId }: Omit<InboxEvent, 'attempts'>,
): Promise<void> {
  await db('stripeInbox').insert({ eventId, type, objectId }).onConflict('eventId').ignore();
}

/** Takes events that are due, oldest first; several workers may ask at once, and each gets others. */
export async function claimStripeEvents(db: Database, limit: number): Promise<readonly InboxEvent[]> {
  const { rows } = await db.raw<{ rows: InboxEvent[] }>(
    `update stripe_inbox set attempts = attempts + 1, next_attempt_at = now() + ?::interval
     where event_id in (
       select event_id from stripe_inbox where handled_at is null and next_attempt_at <= now()
       order by next_attempt_at limit ? for update skip locked
     )
     returning event_id, type, object_id, attempts`,
    [LEASE, limit],
  );
  return rows;
}

/** The event is done with; `outcome` says for people what came of it. */
export async function settleStripeEvent(db: Database, eventId: string, outcome: string): Promise<void> {
  await db('stripeInbox').where({ eventId }).update({ handledAt: db.fn.now(), outcome });
}

/** The event could not be worked off; it is tried again after a while. */
export async function putStripeEventOff(
  db: Database,
  eventId: string,
  { delaySeconds, problem }: { readonly delaySeconds: number; readonly problem: string },
): Promise<void> {
  await db('stripeInbox')
    .where({ eventId, handledAt: null })
    .update({ nextAttemptAt: db.raw("now() + ? * interval '1 second'", [delaySeconds]), outcome: problem });
}
