import type { Database, Transaction } from '../database.ts';
import type { WebhookDeliveryRow, WebhookTryRow } from '../tables.ts';

/** A delivery that is to be tried now. */
export interface ClaimedDelivery {
  readonly deliveryId: number;
  readonly messageId: string;
  readonly body: string;
  /** Tries so far, this one included. */
  readonly attempts: number;
}

/** Longer than a try takes: whoever claimed a delivery and has not settled it by then is dead. */
const LEASE_MS = 60_000;

/** Endpoints that something waits for. Each is served by itself, so that one that hangs keeps nobody else waiting. */
export async function endpointsWithWork(db: Database, now: Date): Promise<readonly string[]> {
  const rows = await db('webhookEndpoints')
    .where({ enabled: true })
    .whereExists(
      db('webhookDeliveries')
        .select(db.raw('1'))
        .where({ state: 'pending' })
        .where('nextAttemptAt', '<=', now)
        .whereRaw('webhook_deliveries.endpoint_id = webhook_endpoints.endpoint_id'),
    )
    .select<{ endpointId: string }[]>('endpointId');
  return rows.map((row) => row.endpointId);
}

/** Takes deliveries of one endpoint that are due, oldest first; several workers may ask at once, and each gets others. */
export async function claimDeliveries(
  db: Database,
  endpointId: string,
  { limit, now }: { readonly limit: number; readonly now: Date },
): Promise<readonly ClaimedDelivery[]> {
  const { rows } = await db.raw<{ rows: ClaimedDelivery[] }>(
    `update webhook_deliveries d set attempts = d.attempts + 1, next_attempt_at = ?
     from webhook_messages m
     where m.message_id = d.message_id and d.delivery_id in (
       select delivery_id from webhook_deliveries
       where endpoint_id = ? and state = 'pending' and next_attempt_at <= ?
       order by next_attempt_at, delivery_id limit ? for update skip locked
     )
     returning d.delivery_id, d.message_id, d.attempts, m.body`,
    [new Date(now.getTime() + LEASE_MS), endpointId, now, limit],
  );
  return rows;
}

/** How a try ended, as it is kept. */
export type Try = Pick<WebhookTryRow, 'durationMs' | 'status' | 'problem' | 'response'> & { readonly at: Date };

/** What follows from a try: the next one at an instant, or no more. */
export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly at: Date }
  | { readonly kind: 'given up'; readonly disable: boolean };

/**
 * Keeps a try and what follows from it, in one transaction. Twice (a worker that was thought dead is not): the try is kept, and a delivery
 * that arrived stays delivered.
 */
export async function recordTry(
  db: Database,
  { deliveryId, endpointId }: { readonly deliveryId: number; readonly endpointId: string },
  made: Try,
  verdict: Verdict,
): Promise<void> {
  await db.transaction(async (trx) => {
    await trx('webhookTries').insert({ deliveryId, ...made });
    await trx('webhookDeliveries').where({ deliveryId, state: 'pending' }).update(settled(verdict));
    if (verdict.kind === 'delivered') {
      await trx('webhookEndpoints').where({ endpointId }).whereNotNull('failingSince').update({ failingSince: null });
    } else if (verdict.kind === 'given up') {
      await markFailing(trx, endpointId, made.at, verdict.disable);
    }
  });
}

function settled(verdict: Verdict): { state: string; nextAttemptAt: Date | null } {
  switch (verdict.kind) {
    case 'delivered':
      return { state: 'delivered', nextAttemptAt: null };
    case 'retry':
      return { state: 'pending', nextAttemptAt: verdict.at };
    case 'given up':
      return { state: 'failed', nextAttemptAt: null };
  }
}

/** The operators are told once, until the endpoint works again. */
async function markFailing(trx: Transaction, endpointId: string, at: Date, disable: boolean): Promise<void> {
  const marked = await trx('webhookEndpoints').where({ endpointId, failingSince: null }).update({ failingSince: at });
  if (marked === 1) await trx('outbox').insert({ source: 'endpoint', sourceId: endpointId });
  if (disable) await trx('webhookEndpoints').where({ endpointId }).update({ enabled: false });
}

export type DeliveryListing = Omit<WebhookDeliveryRow, 'endpointId'> & {
  readonly type: string;
  readonly accountId: string | null;
  readonly tries: readonly Omit<WebhookTryRow, 'tryId' | 'deliveryId'>[];
};

/** Deliveries to an endpoint with every try, newest first, from below `before` on. */
export async function listDeliveries(
  db: Database,
  endpointId: string,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<readonly DeliveryListing[]> {
  const deliveries = await db('webhookDeliveries')
    .join('webhookMessages', 'webhookMessages.messageId', 'webhookDeliveries.messageId')
    .where({ endpointId })
    .where((page) => {
      if (before !== null) void page.where('deliveryId', '<', before);
    })
    .orderBy('deliveryId', 'desc')
    .limit(limit)
    .select<Omit<DeliveryListing, 'tries'>[]>(
      'deliveryId',
      'webhookDeliveries.messageId',
      'state',
      'attempts',
      'nextAttemptAt',
      'type',
      'accountId',
    );
  const ids = deliveries.map((delivery) => delivery.deliveryId);
  const tries = await db('webhookTries').whereIn('deliveryId', ids).orderBy('tryId');
  return deliveries.map((delivery) => ({
    ...delivery,
    tries: tries
      .filter((each) => each.deliveryId === delivery.deliveryId)
      .map(({ at, durationMs, status, problem, response }) => ({ at, durationMs, status, problem, response })),
  }));
}

/** Sends messages again, to one endpoint or to all that are enabled and want them; each from its first try on. Answers how many. */
export async function replayMessages(
  db: Database,
  which: { readonly messageId: string } | { readonly since: Date },
  { endpointId, now }: { readonly endpointId: string | null; readonly now: Date },
): Promise<number> {
  const chosen = 'messageId' in which ? 'm.message_id = ?' : 'm.created_at >= ?';
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `insert into webhook_deliveries (message_id, endpoint_id, state, next_attempt_at)
     select m.message_id, e.endpoint_id, 'pending', ? from webhook_messages m cross join webhook_endpoints e
     where ${chosen} and e.enabled and (?::text is null or e.endpoint_id = ?)
       and (e.event_types is null or exists (
         select from jsonb_array_elements_text(e.event_types) wanted
         where wanted = m.type or (wanted like '%.*' and starts_with(m.type, left(wanted, -1)))
       ))
     order by m.created_at, m.message_id
     on conflict (message_id, endpoint_id) do update set state = 'pending', attempts = 0, next_attempt_at = excluded.next_attempt_at
     returning 1`,
    [now, 'messageId' in which ? which.messageId : which.since, endpointId, endpointId],
  );
  return rows.length;
}

export async function hasMessage(db: Database, messageId: string): Promise<boolean> {
  const row = (await db('webhookMessages').where({ messageId }).first('messageId')) as unknown;
  return row !== undefined;
}
