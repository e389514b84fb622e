import type { Database } from '../database.ts';
import type { WebhookEndpointRow } from '../tables.ts';

/** What a new endpoint is made of. */
export type NewEndpoint = Pick<
  WebhookEndpointRow,
  'endpointId' | 'url' | 'description' | 'eventTypes' | 'enabled' | 'secret'
>;

/** Makes an endpoint; once per id. Answers what is there afterwards. */
export async function insertEndpoint(db: Database, endpoint: NewEndpoint, now: Date): Promise<WebhookEndpointRow> {
  await db('webhookEndpoints')
    .insert({ ...endpoint, eventTypes: jsonOf(endpoint.eventTypes), createdAt: now })
    .onConflict('endpointId')
    .ignore();
  const found = await findEndpoint(db, endpoint.endpointId);
  if (found === null) throw new Error(`endpoint ${endpoint.endpointId} has vanished`);
  return found;
}

export async function findEndpoint(db: Database, endpointId: string): Promise<WebhookEndpointRow | null> {
  return (await db('webhookEndpoints').where({ endpointId }).first()) ?? null;
}

/** By their ids, which are in the order in which they were made. */
export async function listEndpoints(
  db: Database,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly WebhookEndpointRow[]> {
  return db('webhookEndpoints').where('endpointId', '>', after).orderBy('endpointId').limit(limit);
}

export type EndpointChange = Partial<Pick<WebhookEndpointRow, 'url' | 'description' | 'eventTypes' | 'enabled'>>;

/** Null where there is no such endpoint. */
export async function updateEndpoint(
  db: Database,
  endpointId: string,
  change: EndpointChange,
): Promise<WebhookEndpointRow | null> {
  const { eventTypes, ...plain } = change;
  const row = { ...plain, ...(eventTypes === undefined ? {} : { eventTypes: jsonOf(eventTypes) }) };
  if (Object.keys(row).length > 0) await db('webhookEndpoints').where({ endpointId }).update(row);
  return findEndpoint(db, endpointId);
}

/** Its deliveries go with it; messages stay. */
export async function deleteEndpoint(db: Database, endpointId: string): Promise<boolean> {
  return (await db('webhookEndpoints').where({ endpointId }).delete()) === 1;
}

/** A new secret; the one before goes on signing beside it until `previousUntil`. A repeat of the same request changes nothing. */
export async function replaceSecret(
  db: Database,
  endpointId: string,
  rotation: { readonly secret: string; readonly rotatedBy: string; readonly previousUntil: Date },
): Promise<void> {
  const { secret, rotatedBy, previousUntil } = rotation;
  await db('webhookEndpoints')
    .where({ endpointId })
    .whereRaw('rotated_by is distinct from ?', [rotatedBy])
    .update({ previousSecret: db.ref('secret'), previousSecretUntil: previousUntil, secret, rotatedBy });
}

/** Arrays need it: the driver would write them as Postgres arrays. */
function jsonOf(value: readonly string[] | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
