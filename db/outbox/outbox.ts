import { v7 as uuid } from 'uuid';

import type { Notice } from '../../billing/model/facts.ts';
import { eventOfAudit, eventOfNotice, isWanted, type OutgoingEvent } from '../../billing/notices/outgoing-event.ts';
import type { Database, Transaction } from '../database.ts';
import { queueMails } from './mails.ts';
import type { WebhookEndpointRow } from '../tables.ts';

const ROWS_AT_ONCE = 200;

interface OutboxRow {
  readonly source: 'notice' | 'audit' | 'endpoint';
  readonly sourceId: string;
}

/**
 * Makes messages of what waits in the outbox, in one transaction: a message is made once, whoever dies. Several workers may do it at once.
 * `isMailed`: notices become mails, too. Answers whether there may be more.
 */
export async function emptyOutbox(
  db: Database,
  { now, isMailed }: { readonly now: Date; readonly isMailed: boolean },
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const { rows } = await trx.raw<{ rows: OutboxRow[] }>(
      `delete from outbox where outbox_id in (select outbox_id from outbox order by outbox_id limit ? for update skip locked)
       returning source, source_id`,
      [ROWS_AT_ONCE],
    );
    if (rows.length === 0) return false;
    const idsOf = (source: OutboxRow['source']): readonly string[] =>
      rows.filter((row) => row.source === source).map((row) => row.sourceId);
    await queueMessages(trx, await auditEvents(trx, idsOf('audit')), now);
    await queueMessages(trx, await noticeEvents(trx, idsOf('notice')), now);
    if (isMailed) await queueMails(trx, idsOf('notice'), now);
    await queueMessages(trx, await endpointEvents(trx, idsOf('endpoint')), now);
    return rows.length === ROWS_AT_ONCE;
  });
}

async function auditEvents(trx: Transaction, ids: readonly string[]): Promise<readonly OutgoingEvent[]> {
  const entries = await trx('auditEntries').whereIn('auditId', ids).orderBy('auditId');
  return entries.flatMap((entry) => eventOfAudit(entry.accountId, entry) ?? []);
}

async function noticeEvents(trx: Transaction, ids: readonly string[]): Promise<readonly OutgoingEvent[]> {
  const notices = await trx('notices')
    .join('accounts', 'accounts.accountId', 'notices.accountId')
    .whereIn('noticeId', ids)
    .orderBy('noticeId')
    .select<(Notice & { accountId: string; currency: string })[]>('notices.*', 'currency');
  return notices.map((notice) => eventOfNotice(notice, notice));
}

/** Endpoints that were given up on: the operators hear of it at their other endpoints. */
async function endpointEvents(trx: Transaction, ids: readonly string[]): Promise<readonly OutgoingEvent[]> {
  const endpoints = await trx('webhookEndpoints').whereIn('endpointId', ids).whereNotNull('failingSince');
  return endpoints.flatMap(({ endpointId, url, failingSince }) =>
    failingSince === null
      ? []
      : [{ type: 'webhook_endpoint.failing', timestamp: failingSince, data: { endpoint: endpointId, url } }],
  );
}

async function queueMessages(trx: Transaction, events: readonly OutgoingEvent[], now: Date): Promise<void> {
  if (events.length === 0) return;
  const messages = events.map((event) => ({ messageId: `msg_${uuid()}`, event }));
  await trx('webhookMessages').insert(
    messages.map(({ messageId, event }) => ({
      ...{ messageId, type: event.type, createdAt: now },
      accountId: typeof event.data['account'] === 'string' ? event.data['account'] : null,
      body: JSON.stringify(event),
    })),
  );
  const endpoints = await trx('webhookEndpoints').where({ enabled: true });
  const deliveries = messages.flatMap(({ messageId, event }) =>
    endpoints.filter((endpoint) => isFor(endpoint, event)).map(({ endpointId }) => ({ messageId, endpointId })),
  );
  if (deliveries.length === 0) return;
  await trx('webhookDeliveries').insert(
    deliveries.map((delivery) => ({ ...delivery, state: 'pending', nextAttemptAt: now })),
  );
}

/** That an endpoint does not answer is of no use to itself. */
function isFor({ endpointId, eventTypes }: WebhookEndpointRow, { type, data }: OutgoingEvent): boolean {
  return isWanted(eventTypes, type) && data['endpoint'] !== endpointId;
}

/** Messages are kept for this long, to be sent again by hand; longer than the last try of any delivery. */
const KEPT_DAYS = 30;

/** Forgets messages that are old enough, with their deliveries. */
export async function forgetOldMessages(db: Database, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_DAYS * 86_400_000);
  await db('webhookMessages').where('createdAt', '<', before).delete();
}
