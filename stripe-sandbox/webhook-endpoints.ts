import { z } from 'zod';
import { missingResource } from './api-error.ts';
import type { Context } from './context.ts';
import { endpoint, pathId } from './endpoint.ts';
import { newId, nowSeconds, randomText } from './ids.ts';
import { filtered, listPage } from './list-page.ts';
import {
  boolean,
  clearableText,
  createdRange,
  expand,
  isInRange,
  mergedMetadata,
  metadata,
  paging,
  text,
} from './parameters.ts';
import type { EventRecord, WebhookEndpointRecord } from './records.ts';

/** The version whose shapes the sandbox speaks, and that its events carry. */
export const API_VERSION = '2026-10-28.endive';

const shared = {
  description: clearableText().optional(),
  expand: expand(),
  metadata: metadata().optional(),
};
const url = () => z.string().regex(/^https?:\/\/\S+$/, 'url');
const events = () => z.array(z.string().min(1)).min(1);

function findEndpoint(context: Pick<Context, 'store'>, id: string): WebhookEndpointRecord {
  const found = context.store.webhookEndpoints.get(id);
  if (found === undefined) throw missingResource('webhook endpoint', id, 'webhook_endpoint');
  return found;
}

export const webhookEndpointEndpoints = [
  endpoint(
    'POST /v1/webhook_endpoints',
    'webhook_endpoint',
    z.strictObject({ ...shared, url: url(), enabled_events: events(), api_version: text().optional() }),
    ({ store, params }) => {
      const created = store.webhookEndpoints.put({
        id: newId('we'),
        object: 'webhook_endpoint',
        api_version: params.api_version ?? null,
        application: null,
        created: nowSeconds(),
        description: params.description ?? null,
        enabled_events: params.enabled_events,
        livemode: false,
        metadata: mergedMetadata({}, params.metadata),
        status: 'enabled',
        url: params.url,
      });
      const { secret } = store.webhookSecrets.put({ id: created.id, secret: `whsec_${randomText(32)}` });
      // The only time that the secret is shown.
      return { ...created, secret };
    },
  ),

  endpoint('GET /v1/webhook_endpoints', 'list:webhook_endpoint', z.strictObject(paging), ({ store, params }) =>
    listPage(store.webhookEndpoints.newestFirst(), params, '/v1/webhook_endpoints', (each) => each),
  ),

  endpoint(
    'GET /v1/webhook_endpoints/:webhook_endpoint',
    'webhook_endpoint',
    z.strictObject({ expand: expand() }),
    (call) => findEndpoint(call, pathId(call, 'webhook_endpoint')),
  ),

  endpoint(
    'POST /v1/webhook_endpoints/:webhook_endpoint',
    'webhook_endpoint',
    z.strictObject({
      ...shared,
      url: url().optional(),
      enabled_events: events().optional(),
      disabled: boolean().optional(),
    }),
    (call) => {
      const before = findEndpoint(call, pathId(call, 'webhook_endpoint'));
      const { description, disabled, enabled_events, metadata: update } = call.params;
      return call.store.webhookEndpoints.put({
        ...before,
        description: description === undefined ? before.description : description,
        enabled_events: enabled_events ?? before.enabled_events,
        metadata: mergedMetadata(before.metadata, update),
        status: disabled === undefined ? before.status : disabled ? 'disabled' : 'enabled',
        url: call.params.url ?? before.url,
      });
    },
  ),

  endpoint('DELETE /v1/webhook_endpoints/:webhook_endpoint', 'none', z.strictObject({}), (call) => {
    const { id } = findEndpoint(call, pathId(call, 'webhook_endpoint'));
    call.store.webhookEndpoints.delete(id);
    call.store.webhookSecrets.delete(id);
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
];

export const eventEndpoints = [
  endpoint(
    'GET /v1/events',
    'list:event',
    z.strictObject({
      ...paging,
      created: createdRange(),
      type: text().optional(),
      types: z.array(z.string()).max(20).optional(),
    }),
    ({ store, params }) => {
      const { created, type, types } = params;
      const isWanted = (event: EventRecord) =>
        (type === undefined || isWantedType(event.type, [type])) &&
        (types === undefined || isWantedType(event.type, types)) &&
        isInRange(event.created, created);
      return listPage(filtered(store.events.newestFirst(), isWanted), params, '/v1/events', (event) => event);
    },
  ),

  endpoint('GET /v1/events/:id', 'event', z.strictObject({ expand: expand() }), (call) => {
    const id = pathId(call, 'id');
    const event = call.store.events.get(id);
    if (event === undefined) throw missingResource('event', id, 'id');
    return event;
  }),
];

/** Whether a list of event names, in which `*` and `invoice.*` are allowed, covers this one. */
export function isWantedType(type: string, wanted: readonly string[]): boolean {
  return wanted.some(
    (name) => name === '*' || name === type || (name.endsWith('.*') && type.startsWith(name.slice(0, -1))),
  );
}
