import { Webhook } from 'standardwebhooks';

import type { Database } from '../../db/database.ts';
import { emptyOutbox, forgetOldMessages } from '../../db/outbox/outbox.ts';
import type { WebhookEndpointRow } from '../../db/tables.ts';
import {
  claimDeliveries,
  type ClaimedDelivery,
  endpointsWithWork,
  recordTry,
  type Verdict,
} from '../../db/outbox/webhook-deliveries.ts';
import { findEndpoint } from '../../db/outbox/webhook-endpoints.ts';
import { poll, type Polling } from '../polling/poll.ts';
import { postWebhook } from './post-webhook.ts';
import { RETRY_DELAYS_SECONDS } from './retry-delays.ts';

export interface CourierContext {
  readonly db: Database;
  /** Deliver to any address, also without TLS (tests, the local stack). */
  readonly allowPrivate: boolean;
  /** Whether notices are mailed, too. Default false. */
  readonly isMailed?: boolean;
  /** The installation's clock; a test moves it past the waits. */
  readonly now?: () => Date;
}

const POLL_INTERVAL_MS = 500;
/** At one endpoint at once. */
const TRIES_AT_ONCE = 4;
const FORGET_INTERVAL_MS = 3_600_000;

/** "The receiver is gone": an endpoint that says so is asked no more (https://www.standardwebhooks.com). */
const GONE = 410;

/**
 * Brings messages to the product's backend, at least once. What is to be sent and when is in Postgres, so that a worker may die at any
 * moment: the message comes again after its lease, and its id tells the receiver that it is the same. Each endpoint has a lane of its
 * own: one that hangs or is dead keeps nobody else waiting.
 */
export function startWebhookCourier(context: CourierContext): Polling {
  const { db, allowPrivate, isMailed = false, now = () => new Date() } = context;
  const lanes = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let forgottenAt = 0;
  const polling = poll('sending webhooks', POLL_INTERVAL_MS, async () => {
    const hasMore = await emptyOutbox(db, { now: now(), isMailed });
    if (now().getTime() - forgottenAt > FORGET_INTERVAL_MS) {
      forgottenAt = now().getTime();
      await forgetOldMessages(db, now());
    }
    for (const endpointId of await endpointsWithWork(db, now())) {
      if (lanes.has(endpointId)) continue;
      const lane = serve({ db, allowPrivate, now }, endpointId, stopping.signal)
        // Postgres does not answer: the loop around this notices, too, and says so.
        .catch(() => undefined)
        .finally(() => lanes.delete(endpointId));
      lanes.set(endpointId, lane);
    }
    return hasMore;
  });
  return {
    stop: async () => {
      stopping.abort();
      await polling.stop();
      await Promise.all(lanes.values());
    },
  };
}

type LaneContext = Required<Omit<CourierContext, 'isMailed'>>;

async function serve(context: LaneContext, endpointId: string, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    const endpoint = await findEndpoint(context.db, endpointId);
    if (endpoint?.enabled !== true) return;
    const claimed = await claimDeliveries(context.db, endpointId, { limit: TRIES_AT_ONCE, now: context.now() });
    if (claimed.length === 0) return;
    await Promise.all(claimed.map((delivery) => tryOnce(context, endpoint, delivery)));
  }
}

async function tryOnce(
  { db, allowPrivate, now }: LaneContext,
  endpoint: WebhookEndpointRow,
  { deliveryId, messageId, body, attempts }: ClaimedDelivery,
): Promise<void> {
  const at = now();
  const began = performance.now();
  const headers = signedHeaders(endpoint, { messageId, body, at });
  const answer = await postWebhook({ url: endpoint.url, headers, body, allowPrivate });
  const durationMs = Math.round(performance.now() - began);
  const { endpointId } = endpoint;
  await recordTry(
    db,
    { deliveryId, endpointId },
    { at, durationMs, ...answer },
    verdictOn(answer.status, attempts, at),
  );
}

function verdictOn(status: number | null, attempts: number, at: Date): Verdict {
  if (status !== null && status >= 200 && status < 300) return { kind: 'delivered' };
  const delaySeconds = RETRY_DELAYS_SECONDS[attempts - 1];
  if (status === GONE || delaySeconds === undefined) return { kind: 'given up', disable: status === GONE };
  return { kind: 'retry', at: new Date(at.getTime() + delaySeconds * 1000) };
}

/** Standard Webhooks: a signature by each secret that is live, over id, time and body. */
function signedHeaders(
  { secret, previousSecret, previousSecretUntil }: WebhookEndpointRow,
  { messageId, body, at }: { readonly messageId: string; readonly body: string; readonly at: Date },
): Readonly<Record<string, string>> {
  const isOverlap = previousSecretUntil !== null && at.getTime() < Date.parse(previousSecretUntil);
  const secrets = previousSecret !== null && isOverlap ? [secret, previousSecret] : [secret];
  return {
    'content-type': 'application/json',
    'user-agent': 'Perennial/1 (webhooks)',
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((each) => new Webhook(each).sign(messageId, at, body)).join(' '),
  };
}
