import { ApiError, missingResource } from './api-error.ts';
import { attachTo } from './attachment.ts';
import { attemptPayment } from './charging.ts';
import { completeSession, findSession } from './checkout.ts';
import type { Context } from './context.ts';
import { markedAttempted, markedPaid, paymentOf } from './invoice-lifecycle.ts';
import { type InvoiceRecord, type PaymentIntentRecord, idOf } from './records.ts';
import { TEST_CARDS } from './test-cards.ts';

/** What a person at Stripe's hosted pages would see and press. */
export interface Page {
  readonly status: number;
  readonly html: string;
  /** Where the browser goes next, when the press is done. */
  readonly location?: string;
}

export function showPage(context: Context, pathname: string): Page | null {
  const [, , kind, id = ''] = pathname.split('/');
  switch (kind) {
    case 'invoices':
      return invoicePage(context, id);
    case 'authenticate':
      return authenticationPage(context, id);
    case 'checkout':
      return checkoutPage(context, id);
    default:
      return null;
  }
}

/** A pressed button: `answer=complete` or `answer=fail` at an authentication, `card=…` at a checkout. */
export function pressButton(context: Context, pathname: string, pressed: URLSearchParams): Page | null {
  const [, , kind, id = ''] = pathname.split('/');
  if (kind === 'authenticate') return authenticated(context, id, pressed.get('answer') === 'complete');
  if (kind === 'checkout') return checkedOut(context, id, pressed.get('card') ?? '');
  return null;
}

function authenticated(context: Context, intentId: string, isComplete: boolean): Page {
  const intent = findIntent(context, intentId);
  if (intent.status !== 'requires_action') return page(409, 'Nothing to do', `The payment is ${intent.status}.`);
  const invoice = invoiceOf(context, intentId);
  if (isComplete) {
    const attempt = attemptPayment(context, intent, idOf(intent.payment_method) ?? '', true);
    const due = invoice === null ? null : paymentOf(context, invoice);
    if (attempt.kind === 'succeeded' && invoice !== null && due !== null) markedPaid(context, invoice, due.payment);
    return page(200, 'Authenticated', 'The payment is complete. You may close this page.');
  }
  const failed = context.store.paymentIntents.put({
    ...intent,
    status: 'requires_payment_method',
    payment_method: null,
    last_payment_error: {
      code: 'payment_intent_authentication_failure',
      message:
        'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
      type: 'invalid_request_error',
    },
  });
  context.emit('payment_intent.payment_failed', failed);
  if (invoice !== null) markedAttempted(context, invoice, 'invoice.payment_failed');
  return page(200, 'Not authenticated', 'The payment failed. You may close this page.');
}

function checkedOut(context: Context, sessionId: string, card: string): Page {
  const session = findSession(context, sessionId);
  try {
    const method = attachTo(context, card, idOf(session.customer) ?? '');
    context.emit('payment_method.attached', method);
    completeSession(context, session, method.id);
  } catch (error) {
    if (error instanceof ApiError) return page(402, 'Not accepted', error.body.message);
    throw error;
  }
  if (session.success_url === null) return page(200, 'Saved', 'Your card is saved. You may close this page.');
  return {
    status: 303,
    html: '',
    location: session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id),
  };
}

function findIntent(context: Context, id: string): PaymentIntentRecord {
  const intent = context.store.paymentIntents.get(id);
  if (intent === undefined) throw missingResource('payment_intent', id, 'intent');
  return intent;
}

function invoiceOf(context: Context, intentId: string): InvoiceRecord | null {
  for (const payment of context.store.invoicePayments.newestFirst()) {
    if (idOf(payment.payment.payment_intent) !== intentId) continue;
    return context.store.invoices.get(idOf(payment.invoice) ?? '') ?? null;
  }
  return null;
}

function invoicePage(context: Context, id: string): Page {
  const invoice = context.store.invoices.get(id);
  if (invoice === undefined || invoice.status === 'draft') throw missingResource('invoice', id, 'invoice');
  const lines = context.store.invoiceLines.inGroup(id);
  const rows = lines.map(
    (line) => `<tr><td>${escaped(line.description ?? '')}</td><td>${amount(line.amount, line.currency)}</td></tr>`,
  );
  const due = paymentOf(context, invoice);
  const action =
    due?.intent.status === 'requires_action'
      ? `<p><a href="/_sandbox/authenticate/${due.intent.id}">Authenticate and pay</a></p>`
      : '';
  return page(
    200,
    `Invoice ${invoice.number ?? ''}`,
    `<p>Status: <strong>${String(invoice.status)}</strong></p><table>${rows.join('')}
    <tr><th>Total</th><th>${amount(invoice.total, invoice.currency)}</th></tr></table>${action}`,
    true,
  );
}

function authenticationPage(context: Context, id: string): Page {
  const intent = findIntent(context, id);
  if (intent.status !== 'requires_action') return page(200, 'Nothing to do', `The payment is ${intent.status}.`);
  return page(
    200,
    '3D Secure (sandbox)',
    `<p>Your bank asks you to confirm ${amount(intent.amount, intent.currency)}.</p><form method="post">
    <button name="answer" value="complete">Complete</button> <button name="answer" value="fail">Fail</button></form>`,
    true,
  );
}

function checkoutPage(context: Context, id: string): Page {
  const session = findSession(context, id);
  if (session.status !== 'open') return page(200, 'Nothing to do', `The session is ${String(session.status)}.`);
  const back =
    session.cancel_url == null ? '' : `<p><a href="${escaped(session.cancel_url)}">Back, without a card</a></p>`;
  const options = Object.keys(TEST_CARDS).map((card) => `<option>${card}</option>`);
  return page(
    200,
    'Save a card (sandbox)',
    `<form method="post"><label>Card <select name="card">${options.join('')}</select></label> <button>Save</button></form>${back}`,
    true,
  );
}

function amount(value: number, currency: string): string {
  return `${(value / 100).toFixed(2)} ${currency.toUpperCase()}`;
}

function page(status: number, title: string, content: string, isHtml = false): Page {
  const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}td,th{padding:.2rem 1rem .2rem 0;text-align:left}button{font:inherit;padding:.4rem 1rem}</style>
<h1>${escaped(title)}</h1>
${isHtml ? content : `<p>${escaped(content)}</p>`}
</html>
`;
  return { status, html };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
