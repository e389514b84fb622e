import type Stripe from 'stripe';

/**
 * What the sandbox stores: Stripe's own object types, with relations as ids, so that a field the SDK
 * does not know, or one that it demands and we forgot, is a type error here.
 *
 * Left out: fields that Stripe derives when it answers (lists inside an object, URLs), and the few that
 * the SDK's newer API version has but the published document (2026-08-26.dahlia) does not.
 */
export type CustomerRecord = Stripe.Customer;
export type PaymentMethodRecord = Stripe.PaymentMethod;
export type InvoiceRecord = Omit<Stripe.Invoice, 'lines' | 'payments' | 'confirmation_secret' | 'hosted_invoice_url'>;
/** `quantity_decimal` is a string on the wire; the SDK turns it into its Decimal class after receiving it. */
export type InvoiceLineRecord = Omit<Stripe.InvoiceLineItem, 'quantity_decimal'> & {
  readonly quantity_decimal: string | null;
};
export type InvoicePaymentRecord = Stripe.InvoicePayment;
export type PaymentIntentRecord = Omit<Stripe.PaymentIntent, 'source' | 'payment_record'>;
export type ChargeRecord = Omit<Stripe.Charge, 'source' | 'payment_method_details'> & {
  readonly payment_method_details: { readonly card: ChargedCard; readonly type: 'card' };
};
export type ChargedCard = Omit<
  NonNullable<Stripe.Charge.PaymentMethodDetails['card']>,
  'electronic_commerce_indicator'
>;
export type RefundRecord = Omit<Stripe.Refund, 'customer' | 'customer_account' | 'payment_method'>;
/** `unit_amount_decimal` is a string on the wire. */
export type CreditNoteLineRecord = Omit<Stripe.CreditNoteLineItem, 'unit_amount_decimal'> & {
  readonly unit_amount_decimal: string | null;
};
export type CreditNoteRecord = Omit<Stripe.CreditNote, 'lines'> & {
  readonly line_items: readonly CreditNoteLineRecord[];
};
export type SetupIntentRecord = Stripe.SetupIntent;
export type CheckoutSessionRecord = Omit<Stripe.Checkout.Session, 'allowed_payment_method_types'>;
export type WebhookEndpointRecord = Omit<Stripe.WebhookEndpoint, 'secret'>;

/** Kept apart from the endpoint, because Stripe shows the secret only in the answer that creates it. */
export interface WebhookSecretRecord {
  readonly id: string;
  readonly secret: string;
}

/** `Stripe.Event` is a union of some 250 types; the sandbox needs the envelope only. */
export interface EventRecord {
  readonly id: string;
  readonly object: 'event';
  readonly api_version: string;
  readonly created: number;
  readonly data: { readonly object: object; readonly previous_attributes?: object };
  readonly livemode: false;
  readonly pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
  readonly type: string;
}

/** The stored answer to a POST (https://docs.stripe.com/api/idempotent_requests). */
export interface IdempotencyRecord {
  readonly id: string;
  readonly fingerprint: string;
  readonly status: number;
  readonly body: string;
  readonly requestId: string;
  readonly storedAtMs: number;
}

/** The id of a relation, whether it is stored as an id or (in the SDK's types) as the object. */
export function idOf(reference: string | { readonly id: string } | null | undefined): string | null {
  if (reference === null || reference === undefined) return null;
  return typeof reference === 'string' ? reference : reference.id;
}
