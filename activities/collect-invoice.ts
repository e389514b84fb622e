import type Stripe from 'stripe';

import type { Decision } from '../billing/schedule/decision.ts';
import { decidePayment, type PaymentOutcome } from '../billing/dunning/decide-payment.ts';
import type { Due } from '../billing/schedule/dues.ts';
import { type Instant, secondsBetween } from '../billing/calendar/instant.ts';
import type { Invoice } from '../billing/model/facts.ts';
import { collectionStep } from '../billing/schedule/collection.ts';
import { refusalsOf, revokeAnswers, revokedAnswers } from '../db/account/commands.ts';
import type { Database } from '../db/database.ts';
import { findInvoiceToCollect, type InvoiceToCollect } from '../db/stripe/invoice-to-collect.ts';
import { holdingAccount, loadAccount, type LoadedAccount } from '../db/account/load-account.ts';
import { saveDecision } from '../db/account/save-decision.ts';
import type { Queryable } from '../db/run-statement.ts';
import { saveStripeInvoice } from '../db/stripe/stripe-invoices.ts';
import { type Answered, recordOutcome, recordRequest } from '../db/stripe/stripe-requests.ts';
import { payInvoice } from '../stripe/pay-invoice.ts';
import { type InvoiceToPush, pushInvoice } from '../stripe/push-invoice.ts';
import type { AccountActivities, Collected, RefusalAnswer } from './account-activities.ts';
import { summarize } from './account-summary.ts';
import { customerOf } from './customer.ts';
import { summaryAfter } from './read-account.ts';
import { recordTrouble } from './record-trouble.ts';
import { type StripeClients, tryAtStripe } from './try-at-stripe.ts';

/**
 * One try to collect one invoice: push it to Stripe, pay it, record the outcome.
 * Twice or late: the key names invoice and try, so Stripe answers the same, and a try that is recorded is not made again. In doubt
 * (a request was sent, no answer came): the retry finds the invoice by its metadata and asks for its state (INV-4). What Stripe will never
 * take is written down once, and the answer says so.
 */
export function createCollectInvoice(db: Database, clients: StripeClients): AccountActivities['collectInvoice'] {
  return async (accountId, due, pace = 'queue') => {
    const invoice = await findInvoiceToCollect(db, accountId, due);
    if (invoice === null) return { ...(await standing(db, await loadAccount(db, accountId), due)), trouble: null };
    const tried = await tryAtStripe(clients, pace, (stripe) => collect(db, stripe, invoice, due.at));
    if ('done' in tried)
      return { ...(await recordPayment(db, accountId, due, invoice.attempts, tried.done)), trouble: null };
    const { trouble } = tried;
    if (!trouble.isTransient) await recordTrouble(db, accountId, invoice, trouble.message);
    return { ...(await standing(db, await loadAccount(db, accountId), due)), trouble };
  };
}

type Standing = Omit<Collected, 'trouble'>;

/** How it stands, where this run of the activity has recorded nothing: a repeat after a crash has to tell the same callers that their seats were taken back. */
async function standing(db: Queryable, loaded: LoadedAccount, { invoiceId }: Due): Promise<Standing> {
  const revoked = await revokedAnswers(db, loaded.facts.account.accountId, invoiceId);
  return { revoked, summary: summarize(loaded, loaded.place.openAtStripe) };
}

/** What came of a try, and the answer of Stripe that is still to be written down, if it was asked to charge. */
interface TryResult {
  readonly outcome: PaymentOutcome;
  readonly answered: Answered | null;
}

async function collect(db: Database, stripe: Stripe, invoice: InvoiceToCollect, at: Instant): Promise<TryResult> {
  const { accountId } = invoice;
  const customerId = await customerOf(db, stripe, invoice);
  const step = collectionStep(invoice, at);
  const isPaidNext = step === 'charge' && invoice.hasCard;
  const pushed = await pushInvoice(stripe, { ...asPushed(invoice), customerId, isPaidNext });
  const { stripeInvoiceId } = pushed;
  const seen = {
    stripeInvoiceId,
    // With the request that follows, it is open: whoever ends it here has to end it there.
    stripeStatus: pushed.status === 'draft' ? 'open' : pushed.status,
    stripeTotal: pushed.total,
    stripeCreatedAt: pushed.createdAt,
  };
  if (step !== 'charge') {
    await saveStripeInvoice(db, invoice.invoiceId, seen);
    // Nothing is charged: what Stripe says now is all there is to know, however often it is asked.
    if (pushed.status === 'paid') return { outcome: { kind: 'paid' }, answered: null };
    const notCharged: PaymentOutcome =
      step === 'send' ? { kind: 'sent' } : { kind: 'failed', reason: 'overdue', detail: '' };
    return { outcome: notCharged, answered: null };
  }
  const idempotencyKey = `invoice:${invoice.invoiceId}:pay:${String(invoice.attempts + 1)}`;
  const asked = { idempotencyKey, accountId, parameters: { stripeInvoiceId } };
  const known = await recordRequest(db, asked, { ...seen, invoiceId: invoice.invoiceId });
  if (known.outcome !== null) return { outcome: known.outcome as PaymentOutcome, answered: null };
  const isReady = isPaidNext && (pushed.status === 'open' || pushed.status === 'draft');
  const outcome = plainOutcome(await payInvoice(stripe, { ...known.parameters, idempotencyKey, isReady }));
  return { outcome, answered: { idempotencyKey, outcome } };
}

function asPushed(invoice: InvoiceToCollect): Omit<InvoiceToPush, 'customerId' | 'isPaidNext'> {
  const { invoiceId, accountId, number, currency, issuedAt, dueAt, total, lines } = invoice;
  return {
    ...{ invoiceId, accountId, currency, lines, number: number ?? invoiceId, description: `Invoice ${number ?? ''}` },
    isThere: invoice.stripeInvoiceId !== null,
    issuedAfter: invoice.stripeNewestAt,
    issuedAt: invoice.isOnTheWall ? issuedAt : null,
    totalMinor: total,
    daysUntilDue: dueAt === null ? null : Math.round(secondsBetween(issuedAt, dueAt) / 86_400),
    idempotencyKeyPrefix: `invoice:${invoiceId}`,
  };
}

function plainOutcome(answer: Awaited<ReturnType<typeof payInvoice>>): PaymentOutcome {
  switch (answer.kind) {
    case 'paid':
      return { kind: 'paid' };
    case 'declined':
      return { kind: 'failed', reason: 'declined', detail: answer.declineCode };
    case 'requires_action':
      return { kind: 'failed', reason: 'requires_action', detail: answer.hostedInvoiceUrl ?? '' };
    case 'no_payment_method':
      return { kind: 'failed', reason: 'no_payment_method', detail: '' };
  }
}

/** What Stripe answered and what that means are written together, or not at all; then the repeat asks under the same key. */
function recordPayment(
  db: Database,
  accountId: string,
  due: Due,
  attemptsBefore: number,
  { outcome, answered }: TryResult,
): Promise<Standing> {
  return holdingAccount(db, accountId, async (trx, loaded) => {
    if (answered !== null) await recordOutcome(trx, answered);
    const invoice = loaded.facts.liveInvoices.find((candidate) => candidate.invoiceId === due.invoiceId);
    if (invoice === undefined || !isCurrentTry(invoice, due, attemptsBefore, outcome)) {
      return standing(trx, loaded, due);
    }
    const decision = decidePayment(loaded.facts, loaded.catalog, invoice.invoiceId, outcome, due.at);
    const isPaid = outcome.kind === 'paid';
    const { invoiceId } = invoice;
    await saveDecision(trx, decision, { tried: { invoiceId, stripeStatus: isPaid ? 'paid' : null } });
    await revokeAnswers(trx, accountId, decision.revokedCommandIds, revocation(decision, invoice, outcome));
    const { commandIds } = invoiceIn(decision, invoiceId);
    return {
      revoked: await refusalsOf(trx, accountId, commandIds),
      summary: await summaryAfter(trx, loaded, decision, isPaid ? invoiceId : null),
    };
  });
}

/** Whether the try is still to be counted. Known by the count of tries: another card may have moved the next one meanwhile. Sending is no try that is counted. */
function isCurrentTry(invoice: Invoice, due: Due, attemptsBefore: number, outcome: PaymentOutcome): boolean {
  if (invoice.status !== 'open' || invoice.attempts !== attemptsBefore) return false;
  return outcome.kind !== 'sent' || invoice.nextAttemptAt === due.at;
}

function invoiceIn({ after, settledInvoices }: Decision, invoiceId: string): Invoice {
  const decided = [...settledInvoices, ...after.liveInvoices].find((invoice) => invoice.invoiceId === invoiceId);
  if (decided === undefined) throw new Error(`the invoice ${invoiceId} was lost in a decision`);
  return decided;
}

/** What the caller of a seat addition, or of a bigger pack, is told when it could not be paid for (SBI-11, CRE-16), or of a try at once. */
function revocation({ after }: Decision, { invoiceId, number }: Invoice, outcome: PaymentOutcome): RefusalAnswer {
  const why = outcome.kind === 'failed' ? ` (${outcome.reason.replaceAll('_', ' ')})` : '';
  const isStillOpen = after.liveInvoices.some((invoice) => invoice.invoiceId === invoiceId);
  if (isStillOpen)
    return {
      code: 'payment_failed',
      message: `The payment of invoice ${number ?? ''} failed${why}. The invoice stays open.`,
    };
  return {
    code: 'payment_failed',
    message: `The payment failed${why}, so the change was undone. Nothing else has changed.`,
  };
}
