import { createHash, randomBytes } from 'node:crypto';

import { Refusal } from '../../billing/refusal.ts';
import type { Database } from '../../db/database.ts';
import type { WebhookEndpointRow } from '../../db/tables.ts';
import {
  type DeliveryListing,
  hasMessage,
  listDeliveries,
  replayMessages,
} from '../../db/outbox/webhook-deliveries.ts';
import {
  deleteEndpoint,
  type EndpointChange,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  replaceSecret,
  updateEndpoint,
} from '../../db/outbox/webhook-endpoints.ts';

/** Where webhooks go, as its operators see it. The secret is shown when it is made, and never again. */
export type WebhookEndpoint = Omit<WebhookEndpointRow, 'secret' | 'previousSecret' | 'rotatedBy'>;
export type WebhookEndpointWithSecret = WebhookEndpoint & { readonly secret: string };

export interface EndpointInput {
  /** `https://…`; without TLS only where private addresses are allowed. */
  readonly url: string;
  readonly description?: string;
  /** `invoice.paid`, `invoice.*`; null, or absent: all. */
  readonly eventTypes?: readonly string[] | null;
  readonly enabled?: boolean;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface PageRequest {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** How long the secret before goes on signing beside the new one, unless the caller says otherwise. */
const OVERLAP_SECONDS = 86_400;

/** Where events are sent, and what became of them. Its times are the installation's own. */
export class Webhooks {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes an endpoint. The same key again gets the same endpoint. @throws Refusal `idempotency_conflict`, `invalid_request`. */
  async create(input: EndpointInput, idempotencyKey: string): Promise<WebhookEndpointWithSecret> {
    assertUrl(input.url);
    const { url, description = '', eventTypes = null, enabled = true } = input;
    const asked = { url, description, eventTypes, enabled };
    const endpointId = `we_${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 24)}`;
    const made = await insertEndpoint(this.#db, { ...asked, endpointId, secret: newSecret() }, new Date());
    const { url: madeUrl, description: madeDescription, eventTypes: madeTypes } = made;
    if (JSON.stringify([madeUrl, madeDescription, madeTypes]) !== JSON.stringify([url, description, eventTypes])) {
      throw new Refusal({
        code: 'idempotency_conflict',
        message: 'This Idempotency-Key created a different endpoint, or the endpoint has changed since.',
        field: 'Idempotency-Key',
      });
    }
    return { ...shown(made), secret: made.secret };
  }

  async list({ cursor = '', limit }: PageRequest): Promise<Page<WebhookEndpoint>> {
    const rows = await listEndpoints(this.#db, { after: cursor, limit: limit + 1 });
    return page(rows.map(shown), limit, ({ endpointId }) => endpointId);
  }

  /** @throws Refusal `unknown_webhook_endpoint`, as all that follow. */
  async get(endpointId: string): Promise<WebhookEndpoint> {
    return shown(known(await findEndpoint(this.#db, endpointId), endpointId));
  }

  async update(endpointId: string, change: EndpointChange): Promise<WebhookEndpoint> {
    if (change.url !== undefined) assertUrl(change.url);
    return shown(known(await updateEndpoint(this.#db, endpointId, change), endpointId));
  }

  async delete(endpointId: string): Promise<void> {
    if (!(await deleteEndpoint(this.#db, endpointId))) known(null, endpointId);
  }

  /** Makes a new secret; the one before signs beside it for a while. The same key again gets the same secret. */
  async rotateSecret(
    endpointId: string,
    {
      idempotencyKey,
      overlapSeconds = OVERLAP_SECONDS,
    }: { idempotencyKey: string; overlapSeconds?: number | undefined },
  ): Promise<WebhookEndpointWithSecret> {
    const previousUntil = new Date(Date.now() + overlapSeconds * 1000);
    const rotation = { secret: newSecret(), rotatedBy: idempotencyKey, previousUntil };
    await replaceSecret(this.#db, endpointId, rotation);
    const endpoint = known(await findEndpoint(this.#db, endpointId), endpointId);
    return { ...shown(endpoint), secret: endpoint.secret };
  }

  /** What was sent to an endpoint and is to be, with every try, newest first. */
  async deliveries(endpointId: string, { cursor, limit }: PageRequest): Promise<Page<DeliveryListing>> {
    known(await findEndpoint(this.#db, endpointId), endpointId);
    const before = cursor === undefined ? null : deliveryCursor(cursor);
    const rows = await listDeliveries(this.#db, endpointId, { before, limit: limit + 1 });
    return page(rows, limit, ({ deliveryId }) => String(deliveryId));
  }

  /** Sends one message again, to one endpoint or to all that want it. Answers to how many. @throws Refusal `unknown_webhook_message`. */
  async replayMessage(messageId: string, endpointId: string | null): Promise<number> {
    if (endpointId !== null) known(await findEndpoint(this.#db, endpointId), endpointId);
    if (!(await hasMessage(this.#db, messageId))) {
      throw new Refusal({
        code: 'unknown_webhook_message',
        message: `There is no message "${messageId}"; messages are kept for 30 days.`,
        field: 'message',
      });
    }
    return replayMessages(this.#db, { messageId }, { endpointId, now: new Date() });
  }

  /** Sends all messages since an instant of the wall clock again that an endpoint wants. Answers how many. */
  async replaySince(endpointId: string, since: Date): Promise<number> {
    known(await findEndpoint(this.#db, endpointId), endpointId);
    return replayMessages(this.#db, { since }, { endpointId, now: new Date() });
  }
}

function known(endpoint: WebhookEndpointRow | null, endpointId: string): WebhookEndpointRow {
  if (endpoint !== null) return endpoint;
  throw new Refusal({
    code: 'unknown_webhook_endpoint',
    message: `There is no webhook endpoint "${endpointId}".`,
    field: 'endpoint',
  });
}

function shown(endpoint: WebhookEndpointRow): WebhookEndpoint {
  const { secret: _secret, previousSecret: _previous, rotatedBy: _key, ...rest } = endpoint;
  return rest;
}

/** Whether the address may be sent to is found out at each try: names lead elsewhere tomorrow. */
function assertUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url !== null && isWeb && url.username === '' && url.password === '') return;
  throw new Refusal({
    code: 'invalid_request',
    message: 'url: expected a URL like https://example.com/webhooks, without a password.',
    field: 'url',
  });
}

function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

function deliveryCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new Refusal({
    code: 'invalid_request',
    message: 'cursor: expected a nextCursor returned by this list.',
    field: 'cursor',
  });
}

function page<Item>(rows: readonly Item[], limit: number, cursorOf: (item: Item) => string): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
