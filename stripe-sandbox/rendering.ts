import type { Context } from './context.ts';
import { listPage, type ApiList } from './list-page.ts';
import { type CheckoutSessionRecord, type InvoiceRecord, type PaymentIntentRecord, idOf } from './records.ts';

/** The URL at which a person pays or authenticates, while the invoice waits for it. */
export function hostedInvoiceUrl(context: Pick<Context, 'baseUrl'>, invoiceId: string): string {
  return `${context.baseUrl}/_sandbox/invoices/${invoiceId}`;
}

/** An invoice as the API answers it: with its first ten lines, and with a hosted page once it is finalized. */
export function renderInvoice(context: Context, invoice: InvoiceRecord): object {
  const lines = listPage(
    context.store.invoiceLines.inGroup(invoice.id),
    {},
    `/v1/invoices/${invoice.id}/lines`,
    (line) => line,
  );
  const hosted_invoice_url = invoice.status === 'draft' ? null : hostedInvoiceUrl(context, invoice.id);
  return { ...invoice, hosted_invoice_url, lines };
}

/** `invoice.payments`, which Stripe includes only when asked to. */
export function renderInvoicePayments(context: Context, invoiceId: string): ApiList {
  const payments = context.store.invoicePayments.inGroup(invoiceId).toReversed();
  return listPage(payments, {}, `/v1/invoice_payments?invoice=${invoiceId}`, (payment) => payment);
}

export function confirmationSecret(context: Context, invoiceId: string): object | null {
  const payment = context.store.invoicePayments.inGroup(invoiceId).find((each) => each.is_default);
  const intentId = idOf(payment?.payment.payment_intent);
  const intent = intentId === null ? undefined : context.store.paymentIntents.get(intentId);
  return intent?.client_secret == null ? null : { client_secret: intent.client_secret, type: 'payment_intent' };
}

/** A payment intent as the API answers it; the page to authenticate at depends on where the sandbox listens. */
export function renderPaymentIntent(context: Pick<Context, 'baseUrl'>, intent: PaymentIntentRecord): object {
  if (intent.status !== 'requires_action') return intent;
  const url = `${context.baseUrl}/_sandbox/authenticate/${intent.id}`;
  return { ...intent, next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: null, url } } };
}

export function renderCheckoutSession(context: Pick<Context, 'baseUrl'>, session: CheckoutSessionRecord): object {
  return session.status === 'open'
    ? { ...session, url: `${context.baseUrl}/_sandbox/checkout/${session.id}` }
    : session;
}
