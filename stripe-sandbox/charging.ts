import { ApiError, missingResource } from './api-error.ts';
import type { Context } from './context.ts';
import { newId, nowSeconds, randomText } from './ids.ts';
import type { ChargeRecord, ChargedCard, PaymentIntentRecord, PaymentMethodRecord } from './records.ts';
import { renderPaymentIntent } from './rendering.ts';
import { type CardOutcome, type TestCard, cardBehind } from './test-cards.ts';

/** What became of an attempt to pay. The intent and, where the bank was asked, the charge are stored and told as events. */
export type Attempt =
  | { readonly kind: 'succeeded'; readonly intent: PaymentIntentRecord; readonly charge: ChargeRecord }
  | {
      readonly kind: 'declined';
      readonly intent: PaymentIntentRecord;
      readonly charge: ChargeRecord;
      readonly outcome: Extract<CardOutcome, { kind: 'declines' }>;
    }
  | { readonly kind: 'requires_action'; readonly intent: PaymentIntentRecord };

export function newPaymentIntent(amount: number, currency: string, customer: string | null): PaymentIntentRecord {
  const id = newId('pi');
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${id}_secret_${randomText(25)}`,
    confirmation_method: 'automatic',
    created: nowSeconds(),
    currency,
    customer,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
  };
}

function newCharge(intent: PaymentIntentRecord, method: PaymentMethodRecord, card: TestCard): ChargeRecord {
  return {
    id: newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: intent.amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: newId('txn'),
    billing_details: method.billing_details,
    calculated_statement_descriptor: 'PERENNIAL SANDBOX',
    captured: true,
    created: nowSeconds(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      risk_score: 20,
      seller_message: 'Payment complete.',
      type: 'authorized',
    },
    paid: true,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: { card: chargedCard(intent, card), type: 'card' },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'succeeded',
    transfer_data: null,
    transfer_group: null,
  };
}

function chargedCard(intent: PaymentIntentRecord, card: TestCard): ChargedCard {
  return {
    amount_authorized: intent.amount,
    authorization_code: null,
    brand: card.brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: null },
    country: card.country,
    exp_month: 12,
    exp_year: new Date().getUTCFullYear() + 4,
    funding: 'credit',
    installments: null,
    last4: card.last4,
    mandate: null,
    network: card.brand,
    network_token: { used: false },
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}

/** Asks the bank. `isAuthenticated`: the owner has just proved who they are, so a card that wants that is charged. */
export function attemptPayment(
  context: Context,
  intent: PaymentIntentRecord,
  methodId: string,
  isAuthenticated = false,
): Attempt {
  const method = context.store.paymentMethods.get(methodId);
  if (method === undefined) throw missingResource('PaymentMethod', methodId, 'payment_method');
  const card = cardBehind(method.card?.fingerprint);
  const outcome: CardOutcome =
    card.onCharge.kind === 'authenticates' && isAuthenticated ? { kind: 'succeeds' } : card.onCharge;
  const tried: PaymentIntentRecord = { ...intent, payment_method: method.id, last_payment_error: null };
  if (outcome.kind === 'authenticates') {
    const waiting = context.store.paymentIntents.put({ ...tried, status: 'requires_action' });
    context.emit('payment_intent.requires_action', renderPaymentIntent(context, waiting));
    return { kind: 'requires_action', intent: waiting };
  }
  const charge = newCharge(tried, method, card);
  return outcome.kind === 'declines'
    ? declined(context, tried, charge, method, outcome)
    : succeeded(context, tried, charge);
}

function succeeded(context: Context, tried: PaymentIntentRecord, charge: ChargeRecord): Attempt {
  context.store.charges.put(charge);
  const intent = context.store.paymentIntents.put({
    ...tried,
    amount_received: tried.amount,
    latest_charge: charge.id,
    status: 'succeeded',
  });
  context.emit('charge.succeeded', charge);
  context.emit('payment_intent.succeeded', intent);
  return { kind: 'succeeded', intent, charge };
}

function declined(
  context: Context,
  tried: PaymentIntentRecord,
  made: ChargeRecord,
  method: PaymentMethodRecord,
  outcome: Extract<CardOutcome, { kind: 'declines' }>,
): Attempt {
  const charge = context.store.charges.put({
    ...made,
    amount_captured: 0,
    balance_transaction: null,
    captured: false,
    failure_code: outcome.code,
    failure_message: outcome.message,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'declined_by_network',
      reason: outcome.declineCode,
      risk_level: 'normal',
      risk_score: 20,
      seller_message: 'The bank did not return any further details with this decline.',
      type: 'issuer_declined',
    },
    paid: false,
    status: 'failed',
  });
  const intent = context.store.paymentIntents.put({
    ...tried,
    last_payment_error: {
      charge: charge.id,
      code: outcome.code,
      decline_code: outcome.declineCode,
      message: outcome.message,
      payment_method: method,
      type: 'card_error',
    },
    latest_charge: charge.id,
    payment_method: null,
    status: 'requires_payment_method',
  });
  context.emit('charge.failed', charge);
  context.emit('payment_intent.payment_failed', intent);
  return { kind: 'declined', intent, charge, outcome };
}

/** The 402 that a decline is answered with. */
export function declineError({ intent, charge, outcome }: Extract<Attempt, { kind: 'declined' }>): ApiError {
  return new ApiError(402, {
    type: 'card_error',
    code: outcome.code,
    decline_code: outcome.declineCode,
    message: outcome.message,
    charge: charge.id,
    payment_intent: intent,
  });
}
