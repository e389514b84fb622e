import { z } from 'zod';
import { invalidRequest, missingResource } from './api-error.ts';
import type { Context } from './context.ts';
import { findCustomer } from './customers.ts';
import { endpoint, pathId } from './endpoint.ts';
import { newId, nowSeconds, randomText } from './ids.ts';
import { filtered, listPage } from './list-page.ts';
import { expand, mergedMetadata, metadata, oneOf, paging, text } from './parameters.ts';
import { type CheckoutSessionRecord, type SetupIntentRecord, idOf } from './records.ts';
import { renderCheckoutSession } from './rendering.ts';

/** Only `mode: setup` (saving a card), which is what the engine asks for; the page to do it on is under `/_sandbox/checkout`. */
function newSetupIntent(customer: string): SetupIntentRecord {
  const id = newId('seti');
  return {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${randomText(25)}`,
    created: nowSeconds(),
    customer,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: 'off_session',
  };
}

interface SessionRequest {
  readonly cancelUrl: string | null;
  readonly customer: string;
  readonly metadata: Record<string, string>;
  readonly setupIntent: string;
  readonly successUrl: string | null;
}

function newSession(request: SessionRequest): CheckoutSessionRecord {
  const created = nowSeconds();
  return {
    id: newId('cs_test', 58),
    object: 'checkout.session',
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    amount_subtotal: null,
    amount_total: null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: request.cancelUrl,
    client_reference_id: null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created,
    currency: null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: request.customer,
    customer_account: null,
    customer_creation: null,
    customer_details: null,
    customer_email: null,
    discounts: null,
    expires_at: created + 86_400,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: request.metadata,
    mode: 'setup',
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'always',
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    payment_status: 'no_payment_required',
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: request.setupIntent,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: null,
    subscription: null,
    success_url: request.successUrl,
    total_details: null,
    ui_mode: 'hosted_page',
    url: null,
    wallet_options: null,
  };
}

export function findSession(context: Pick<Context, 'store'>, id: string): CheckoutSessionRecord {
  const session = context.store.checkoutSessions.get(id);
  if (session === undefined) throw missingResource('checkout.session', id, 'session');
  return session;
}

/** The customer typed in a card that was accepted. */
export function completeSession(context: Context, session: CheckoutSessionRecord, methodId: string): void {
  const intent = context.store.setupIntents.get(idOf(session.setup_intent) ?? '');
  if (intent === undefined || session.status !== 'open') {
    throw invalidRequest('This session is no longer open.', { param: 'session' });
  }
  const done = context.store.setupIntents.put({ ...intent, payment_method: methodId, status: 'succeeded' });
  const completed = context.store.checkoutSessions.put({ ...session, status: 'complete' });
  context.emit('setup_intent.succeeded', done);
  context.emit('checkout.session.completed', completed);
}

export const checkoutEndpoints = [
  endpoint(
    'POST /v1/checkout/sessions',
    'checkout.session',
    z.strictObject({
      allowed_payment_method_types: z.array(z.literal('card')).optional(),
      cancel_url: text().optional(),
      currency: text(3).optional(),
      customer: text(),
      expand: expand(),
      metadata: metadata().optional(),
      mode: oneOf(['setup']),
      payment_method_types: z.array(z.literal('card')).optional(),
      success_url: text().optional(),
      ui_mode: oneOf(['hosted_page']).optional(),
    }),
    (call) => {
      const customer = findCustomer(call, call.params.customer, 'customer');
      const intent = call.store.setupIntents.put(newSetupIntent(customer.id));
      const session = call.store.checkoutSessions.put(
        newSession({
          cancelUrl: call.params.cancel_url ?? null,
          customer: customer.id,
          metadata: mergedMetadata({}, call.params.metadata),
          setupIntent: intent.id,
          successUrl: call.params.success_url ?? null,
        }),
      );
      call.emit('setup_intent.created', intent);
      return renderCheckoutSession(call, session);
    },
  ),

  endpoint(
    'GET /v1/checkout/sessions',
    'list:checkout.session',
    z.strictObject({ ...paging, customer: text().optional() }),
    (call) => {
      const { customer } = call.params;
      const isWanted = (session: CheckoutSessionRecord) => customer === undefined || session.customer === customer;
      const sessions = filtered(call.store.checkoutSessions.newestFirst(), isWanted);
      return listPage(sessions, call.params, '/v1/checkout/sessions', (each) => renderCheckoutSession(call, each));
    },
  ),

  endpoint('GET /v1/checkout/sessions/:session', 'checkout.session', z.strictObject({ expand: expand() }), (call) =>
    renderCheckoutSession(call, findSession(call, pathId(call, 'session'))),
  ),

  endpoint('GET /v1/setup_intents/:intent', 'setup_intent', z.strictObject({ expand: expand() }), (call) => {
    const id = pathId(call, 'intent');
    const intent = call.store.setupIntents.get(id);
    if (intent === undefined) throw missingResource('setup_intent', id, 'intent');
    return intent;
  }),
];
