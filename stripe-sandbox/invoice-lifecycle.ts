import { z } from 'zod';
import { ApiError, invalidRequest } from './api-error.ts';
import { attemptPayment, declineError, newPaymentIntent } from './charging.ts';
import type { Context } from './context.ts';
import { findCustomer, requireOwnCard } from './customers.ts';
import { endpoint, pathId } from './endpoint.ts';
import { newId, nowSeconds } from './ids.ts';
import { settledAgainstBalance, withTotals } from './invoice-totals.ts';
import { findInvoice } from './invoices.ts';
import { boolean, expand, text } from './parameters.ts';
import { type InvoicePaymentRecord, type InvoiceRecord, type PaymentIntentRecord, idOf } from './records.ts';
import { renderInvoice } from './rendering.ts';

/** draft → open, or paid at once where nothing can be charged. */
function finalized(context: Context, draft: InvoiceRecord): InvoiceRecord {
  const customer = findCustomer(context, idOf(draft.customer) ?? '', 'customer');
  const invoice = withTotals(context, { ...draft, starting_balance: customer.balance });
  if (context.store.invoiceLines.inGroup(invoice.id).length === 0) {
    throw invalidRequest('You cannot finalize an invoice that has no line items.', {
      code: 'invoice_no_customer_line_items',
    });
  }
  const { amountDue, endingBalance } = settledAgainstBalance(invoice);
  const at = nowSeconds();
  const sequence = customer.next_invoice_sequence ?? 1;
  context.store.customers.put({
    ...customer,
    balance: endingBalance,
    currency: invoice.currency,
    next_invoice_sequence: sequence + 1,
  });
  const number = invoice.number ?? `${customer.invoice_prefix ?? ''}-${String(sequence).padStart(4, '0')}`;
  const open = context.store.invoices.put({
    ...invoice,
    amount_due: amountDue,
    amount_remaining: amountDue,
    effective_at: at,
    ending_balance: endingBalance,
    number,
    status: 'open',
    status_transitions: { ...invoice.status_transitions, finalized_at: at },
  });
  if (amountDue > 0) createPayment(context, open);
  context.emit('invoice.finalized', renderInvoice(context, open));
  return amountDue > 0 ? open : markedPaid(context, open);
}

/** Every finalized invoice that wants money has a payment intent, found under its `payments`. */
function createPayment(context: Context, invoice: InvoiceRecord): void {
  const intent: PaymentIntentRecord = {
    ...newPaymentIntent(invoice.amount_due, invoice.currency, idOf(invoice.customer)),
    description: invoice.description,
    setup_future_usage: null,
  };
  context.store.paymentIntents.put(intent);
  context.store.invoicePayments.put({
    id: newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: nowSeconds(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: intent.id, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
  context.emit('payment_intent.created', intent);
}

export function paymentOf(context: Pick<Context, 'store'>, invoice: InvoiceRecord) {
  const payment = context.store.invoicePayments.inGroup(invoice.id).find((each) => each.is_default);
  const intent = context.store.paymentIntents.get(idOf(payment?.payment.payment_intent) ?? '');
  return payment === undefined || intent === undefined ? null : { payment, intent };
}

/** open or uncollectible → paid. */
export function markedPaid(context: Context, invoice: InvoiceRecord, payment?: InvoicePaymentRecord): InvoiceRecord {
  const at = nowSeconds();
  if (payment !== undefined) {
    const paid = context.store.invoicePayments.put({
      ...payment,
      amount_paid: payment.amount_requested,
      status: 'paid',
      status_transitions: { canceled_at: null, paid_at: at },
    });
    context.emit('invoice_payment.paid', paid);
  }
  const paid = context.store.invoices.put({
    ...invoice,
    amount_paid: payment === undefined ? invoice.amount_paid : invoice.amount_due,
    amount_remaining: 0,
    attempted: true,
    attempt_count: payment === undefined ? invoice.attempt_count : Math.max(1, invoice.attempt_count),
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: at },
  });
  const answer = renderInvoice(context, paid);
  context.emit('invoice.paid', answer);
  context.emit('invoice.payment_succeeded', answer);
  return paid;
}

/** A failed attempt; only the first one counts, because the schedule of retries is ours and not Stripe's. */
export function markedAttempted(context: Context, invoice: InvoiceRecord, event: string): InvoiceRecord {
  const attempted = { ...invoice, attempted: true, attempt_count: Math.max(1, invoice.attempt_count) };
  const tried = context.store.invoices.put(attempted);
  context.emit(event, renderInvoice(context, tried));
  return tried;
}

function payable(context: Context, invoice: InvoiceRecord): InvoiceRecord {
  if (invoice.status === 'draft') return finalized(context, invoice);
  if (invoice.status === 'paid') throw invalidRequest('Invoice is already paid');
  if (invoice.status === 'void') throw invalidRequest('You cannot pay an invoice that is void.');
  return invoice;
}

function pay(context: Context, invoice: InvoiceRecord, chosen: string | undefined): InvoiceRecord {
  const customerId = idOf(invoice.customer) ?? '';
  if (chosen !== undefined) requireOwnCard(context, chosen, customerId);
  const customer = findCustomer(context, customerId, 'customer');
  const methodId =
    chosen ?? idOf(invoice.default_payment_method) ?? idOf(customer.invoice_settings.default_payment_method);
  if (methodId === null) {
    throw invalidRequest(
      'There is no `default_payment_method` set on this Customer or Invoice. Please set one to pay this invoice.',
    );
  }
  const due = paymentOf(context, invoice);
  if (due === null) throw new Error(`The invoice ${invoice.id} has no payment intent.`);
  const attempt = attemptPayment(context, due.intent, methodId);
  if (attempt.kind === 'succeeded') return markedPaid(context, invoice, due.payment);
  if (attempt.kind === 'declined') {
    markedAttempted(context, invoice, 'invoice.payment_failed');
    throw declineError(attempt);
  }
  markedAttempted(context, invoice, 'invoice.payment_action_required');
  throw new ApiError(402, {
    type: 'invalid_request_error',
    code: 'invoice_payment_intent_requires_action',
    message:
      'This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.',
  });
}

const onlyExpand = () => z.strictObject({ expand: expand() });

export const invoiceLifecycleEndpoints = [
  endpoint(
    'POST /v1/invoices/:invoice/finalize',
    'invoice',
    z.strictObject({ auto_advance: boolean().optional(), expand: expand() }),
    (call) => {
      const draft = findInvoice(call, pathId(call, 'invoice'));
      if (draft.status !== 'draft') {
        throw invalidRequest("This invoice is already finalized, you can't re-finalize a non-draft invoice.", {
          code: 'invoice_not_editable',
        });
      }
      const auto_advance = call.params.auto_advance ?? draft.auto_advance ?? false;
      return renderInvoice(call, finalized(call, { ...draft, auto_advance }));
    },
  ),

  endpoint(
    'POST /v1/invoices/:invoice/pay',
    'invoice',
    z.strictObject({
      off_session: boolean().optional(),
      paid_out_of_band: boolean().optional(),
      payment_method: text().optional(),
      expand: expand(),
    }),
    (call) => {
      const invoice = payable(call, findInvoice(call, pathId(call, 'invoice')));
      if (invoice.status === 'paid') return renderInvoice(call, invoice);
      if (call.params.paid_out_of_band === true) {
        cancelPayment(call, invoice, 'automatic');
        const paidElsewhere = { ...invoice, amount_paid_off_stripe: invoice.amount_remaining };
        return renderInvoice(call, markedPaid(call, paidElsewhere));
      }
      return renderInvoice(call, pay(call, invoice, call.params.payment_method));
    },
  ),

  endpoint('POST /v1/invoices/:invoice/void', 'invoice', onlyExpand(), (call) => {
    const invoice = findInvoice(call, pathId(call, 'invoice'));
    if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
      throw invalidRequest(
        `You can only pass in open or uncollectible invoices. This invoice isn't open or uncollectible: it is ${String(invoice.status)}.`,
      );
    }
    cancelPayment(call, invoice, 'void_invoice');
    const status_transitions = { ...invoice.status_transitions, voided_at: nowSeconds() };
    const answer = renderInvoice(call, call.store.invoices.put({ ...invoice, status: 'void', status_transitions }));
    call.emit('invoice.voided', answer);
    return answer;
  }),

  endpoint('POST /v1/invoices/:invoice/mark_uncollectible', 'invoice', onlyExpand(), (call) => {
    const invoice = findInvoice(call, pathId(call, 'invoice'));
    if (invoice.status !== 'open') {
      throw invalidRequest(
        `You can only mark an open invoice as uncollectible; this one is ${String(invoice.status)}.`,
      );
    }
    const status_transitions = { ...invoice.status_transitions, marked_uncollectible_at: nowSeconds() };
    const written = call.store.invoices.put({ ...invoice, status: 'uncollectible', status_transitions });
    const answer = renderInvoice(call, written);
    call.emit('invoice.marked_uncollectible', answer);
    return answer;
  }),
];

function cancelPayment(context: Context, invoice: InvoiceRecord, reason: 'automatic' | 'void_invoice'): void {
  const due = paymentOf(context, invoice);
  if (due?.payment.status !== 'open') return;
  const at = nowSeconds();
  const intent = context.store.paymentIntents.put({
    ...due.intent,
    status: 'canceled',
    canceled_at: at,
    cancellation_reason: reason,
  });
  context.store.invoicePayments.put({
    ...due.payment,
    status: 'canceled',
    status_transitions: { canceled_at: at, paid_at: null },
  });
  context.emit('payment_intent.canceled', intent);
}
