import { Collection, type Recorder } from './collection.ts';
import type { Journal } from './journal.ts';
import {
  type ChargeRecord,
  type CheckoutSessionRecord,
  type CreditNoteRecord,
  type CustomerRecord,
  type EventRecord,
  type IdempotencyRecord,
  type InvoiceLineRecord,
  type InvoicePaymentRecord,
  type InvoiceRecord,
  type PaymentIntentRecord,
  type PaymentMethodRecord,
  type RefundRecord,
  type SetupIntentRecord,
  type WebhookEndpointRecord,
  type WebhookSecretRecord,
  idOf,
} from './records.ts';

/** Everything one Stripe account holds. Whichever test key is used, it is the same account. */
export class Store {
  readonly #journal: Journal | null;
  readonly customers: Collection<CustomerRecord>;
  readonly paymentMethods: Collection<PaymentMethodRecord>;
  readonly invoices: Collection<InvoiceRecord>;
  readonly invoiceLines: Collection<InvoiceLineRecord>;
  readonly invoicePayments: Collection<InvoicePaymentRecord>;
  readonly paymentIntents: Collection<PaymentIntentRecord>;
  readonly charges: Collection<ChargeRecord>;
  readonly refunds: Collection<RefundRecord>;
  readonly creditNotes: Collection<CreditNoteRecord>;
  readonly setupIntents: Collection<SetupIntentRecord>;
  readonly checkoutSessions: Collection<CheckoutSessionRecord>;
  readonly events: Collection<EventRecord>;
  readonly webhookEndpoints: Collection<WebhookEndpointRecord>;
  readonly webhookSecrets: Collection<WebhookSecretRecord>;
  readonly idempotencyKeys: Collection<IdempotencyRecord>;

  constructor(journal: Journal | null) {
    this.#journal = journal;
    const record: Recorder = (collection, id, value) => journal?.record(collection, id, value);
    this.customers = new Collection('customers', record);
    this.paymentMethods = new Collection('payment_methods', record);
    this.invoices = new Collection('invoices', record, (invoice) => idOf(invoice.customer));
    this.invoiceLines = new Collection('invoice_lines', record, (line) => line.invoice);
    this.invoicePayments = new Collection('invoice_payments', record, (payment) => idOf(payment.invoice));
    this.paymentIntents = new Collection('payment_intents', record);
    this.charges = new Collection('charges', record, (charge) => idOf(charge.payment_intent));
    this.refunds = new Collection('refunds', record, (refund) => idOf(refund.charge));
    this.creditNotes = new Collection('credit_notes', record, (note) => idOf(note.invoice));
    this.setupIntents = new Collection('setup_intents', record);
    this.checkoutSessions = new Collection('checkout_sessions', record);
    this.events = new Collection('events', record);
    this.webhookEndpoints = new Collection('webhook_endpoints', record);
    this.webhookSecrets = new Collection('webhook_secrets', record);
    this.idempotencyKeys = new Collection('idempotency_keys', record);
    this.#load();
  }

  get collections(): readonly Collection<{ readonly id: string }>[] {
    const all = [
      this.customers,
      this.paymentMethods,
      this.invoices,
      this.invoiceLines,
      this.invoicePayments,
      this.paymentIntents,
      this.charges,
      this.refunds,
      this.creditNotes,
      this.setupIntents,
      this.checkoutSessions,
      this.events,
      this.webhookEndpoints,
      this.webhookSecrets,
      this.idempotencyKeys,
    ];
    return all as unknown as readonly Collection<{ readonly id: string }>[];
  }

  /** Must be called before an answer is sent. */
  commit(): void {
    this.#journal?.flush();
  }

  reset(): void {
    for (const collection of this.collections) collection.clear();
    this.commit();
  }

  #load(): void {
    if (this.#journal === null) return;
    const byName = new Map(this.collections.map((collection) => [collection.name, collection]));
    this.#journal.replay((name, id, value) => {
      const collection = byName.get(name);
      if (value === null) collection?.delete(id);
      else collection?.put(value as { readonly id: string });
    });
    this.#journal.rewrite((record) => {
      for (const collection of this.collections) {
        for (const value of collection.all()) {
          if (isKept(collection.name, value)) record(collection.name, value.id, value);
          else collection.delete(value.id);
        }
      }
    });
  }
}

/** A restart is when old keys (a day) and old events (30 days, https://docs.stripe.com/api/events) are dropped. */
function isKept(collection: string, value: object): boolean {
  const day = 86_400_000;
  if (collection === 'idempotency_keys') return Date.now() - (value as IdempotencyRecord).storedAtMs < day;
  if (collection === 'events') return Date.now() - (value as EventRecord).created * 1000 < 30 * day;
  return true;
}
