import type { Context } from './context.ts';
import { Faults } from './faults.ts';
import { newId, nowSeconds } from './ids.ts';
import type { Journal } from './journal.ts';
import type { EventRecord } from './records.ts';
import { Store } from './store.ts';
import { WebhookDelivery } from './webhook-delivery.ts';
import { API_VERSION } from './webhook-endpoints.ts';

/** "Under normal conditions, data is searchable in less than a minute"; a second is enough to fail who relies on it. */
const DEFAULT_SEARCH_LAG_MS = 1_000;

interface Cause {
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
}

/** One running sandbox: what it stores, what shall go wrong, and whom it tells. */
export class Sandbox {
  readonly store: Store;
  readonly faults = new Faults();
  readonly webhooks: WebhookDelivery;
  /** Keys of requests that are being executed. */
  readonly inFlight = new Set<string>();
  searchLagMs = DEFAULT_SEARCH_LAG_MS;
  baseUrl = '';
  readonly #journal: Journal | null;

  constructor(journal: Journal | null) {
    this.#journal = journal;
    this.store = new Store(journal);
    this.webhooks = new WebhookDelivery(this.store, this.faults);
  }

  /** Runs `work`, commits what it stored, and only then lets its events go out. A thrown error commits too, as at Stripe. */
  transact<T>(cause: Cause, work: (context: Context) => T): T {
    const emitted: EventRecord[] = [];
    const context: Context = {
      store: this.store,
      baseUrl: this.baseUrl,
      searchLagMs: this.searchLagMs,
      emit: (type, object, before) => {
        emitted.push(this.#storeEvent(cause, type, object, before));
      },
    };
    try {
      return work(context);
    } finally {
      this.store.commit();
      // After this tick, so that the answer is on its way before anyone hears of it.
      setImmediate(() => {
        for (const event of emitted) this.webhooks.deliver(event);
      });
    }
  }

  close(): void {
    this.webhooks.stop();
    this.#journal?.close();
  }

  #storeEvent(cause: Cause, type: string, object: object, before: object | undefined): EventRecord {
    return this.store.events.put({
      id: newId('evt'),
      object: 'event',
      api_version: API_VERSION,
      created: nowSeconds(),
      data: before === undefined ? { object } : { object, previous_attributes: changedFields(before, object) },
      livemode: false,
      pending_webhooks: this.webhooks.receivers(type).length,
      request: { id: cause.requestId, idempotency_key: cause.idempotencyKey },
      type,
    });
  }
}

/** The values that changed, as they were: an event's `previous_attributes`. */
function changedFields(before: object, after: object): object {
  const now = after as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(before).filter(
      ([name, value]) => value !== now[name] && JSON.stringify(value) !== JSON.stringify(now[name]),
    ),
  );
}
