import { createHmac } from 'node:crypto';
import type { Faults } from './faults.ts';
import type { EventRecord } from './records.ts';
import type { Store } from './store.ts';
import { isWantedType } from './webhook-endpoints.ts';

/** Stripe tries three times in test mode, over hours; here the hours are as long as the caller says. */
const DEFAULT_RETRY_DELAYS_MS: readonly number[] = [500, 5_000];
const ANSWER_TIMEOUT_MS = 20_000;

interface Delivery {
  readonly event: EventRecord;
  readonly endpointId: string;
  readonly attempt: number;
}

/** `t=…,v1=…`: HMAC-SHA256 over `<seconds>.<body>`, see https://docs.stripe.com/webhooks#verify-manually. */
export function signatureHeader(body: string, secret: string, atSeconds: number): string {
  const signature = createHmac('sha256', secret)
    .update(`${String(atSeconds)}.${body}`)
    .digest('hex');
  return `t=${String(atSeconds)},v1=${signature}`;
}

/** Sends events to the webhook endpoints: at least once, in no promised order, again when the answer is not 2xx. */
export class WebhookDelivery {
  readonly #store: Store;
  readonly #faults: Faults;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stop = new AbortController();
  #heldBack: Delivery[] = [];
  retryDelaysMs: readonly number[] = DEFAULT_RETRY_DELAYS_MS;

  constructor(store: Store, faults: Faults) {
    this.#store = store;
    this.#faults = faults;
  }

  /** Which endpoints want the event. */
  receivers(type: string): string[] {
    const receivers: string[] = [];
    for (const endpoint of this.#store.webhookEndpoints.all()) {
      if (endpoint.status === 'enabled' && isWantedType(type, endpoint.enabled_events)) receivers.push(endpoint.id);
    }
    return receivers;
  }

  /** Begins delivering; called after the request that caused the event is committed and answered. */
  deliver(event: EventRecord): void {
    for (const endpointId of this.receivers(event.type)) this.#begin({ event, endpointId, attempt: 0 });
  }

  stop(): void {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#heldBack = [];
  }

  #begin(delivery: Delivery): void {
    const fault = this.#faults.takeForWebhook(delivery.event.type);
    switch (fault?.kind) {
      case 'webhook_drop':
        return;
      case 'webhook_delay':
        this.#later(fault.ms, delivery);
        return;
      case 'webhook_reorder':
        this.#heldBack.push(delivery);
        return;
      case 'webhook_bad_signature':
        void this.#send(delivery, 'whsec_not_the_secret_of_this_endpoint');
        return;
      case 'webhook_duplicate':
        void this.#send(delivery).then(() => this.#send(delivery));
        return;
      case undefined: {
        const overtaken = this.#heldBack.splice(0);
        void this.#send(delivery).then(async () => {
          for (const each of overtaken) await this.#send(each);
        });
      }
    }
  }

  #later(ms: number, delivery: Delivery): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#send(delivery);
    }, ms);
    this.#timers.add(timer);
  }

  async #send(delivery: Delivery, wrongSecret?: string): Promise<void> {
    const { event, endpointId, attempt } = delivery;
    const endpoint = this.#store.webhookEndpoints.get(endpointId);
    const secret = wrongSecret ?? this.#store.webhookSecrets.get(endpointId)?.secret;
    if (endpoint === undefined || secret === undefined || this.#isStopped()) return;
    const body = JSON.stringify(this.#store.events.get(event.id) ?? event, null, 2);
    const isAccepted = await post(endpoint.url, body, secret, this.#stop.signal);
    if (isAccepted) {
      this.#countDelivered(event.id);
      return;
    }
    const retryInMs = this.retryDelaysMs[attempt];
    if (retryInMs !== undefined && !this.#isStopped()) this.#later(retryInMs, { ...delivery, attempt: attempt + 1 });
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #countDelivered(eventId: string): void {
    const event = this.#store.events.get(eventId);
    if (event === undefined || event.pending_webhooks === 0) return;
    this.#store.events.put({ ...event, pending_webhooks: event.pending_webhooks - 1 });
    this.#store.commit();
  }
}

async function post(url: string, body: string, secret: string, stop: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signatureHeader(body, secret, Math.floor(Date.now() / 1000)),
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      },
      redirect: 'manual',
      signal: AbortSignal.any([stop, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false; // Nobody listens there, or not in time: the same as a refusal.
  }
}
