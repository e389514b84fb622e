import { addDays, earliest, type Instant, latest } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Facts, Invoice } from '../model/facts.ts';
import {
  beginTurn,
  changeAccount,
  changeInvoice,
  giveNotice,
  moveInvoice,
  moveSubscription,
  moveTo,
  recordAudit,
  type Turn,
} from '../model/turn.ts';
import {
  hasAdvance,
  isFirstInvoice,
  isOverdue,
  lastTryAt,
  recoveryEnd,
  RETRY_DAYS,
  triedFrom,
} from '../schedule/collection.ts';
import { regainLines } from '../invoicing/given-back.ts';
import { giveUpInvoice, noticeOfPayment, voidAdvance } from '../invoicing/issue-invoice.ts';
import { letGoAgain } from '../seats/buy-seats.ts';
import { endSeats } from '../seats/members.ts';
import { adoptBiggerPack, packBoughtBy } from '../subscription/change-pack.ts';
import { adoptPaidTerms, buysTerms, dropAwaitedTerms } from '../subscription/change-terms.ts';
import { activate } from '../subscription/cycle.ts';
import { type Decision, endTurn } from '../schedule/decision.ts';
import { leavePaidPhase } from '../subscription/decide-due.ts';

/** How a try to collect an invoice ended, in the payment provider's words. */
export type PaymentOutcome =
  | { readonly kind: 'paid' }
  /** The customer has the invoice and some days to pay it (CRE-18). */
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'failed';
      /** `overdue`: an invoice that was sent is not paid by its day. */
      readonly reason: 'declined' | 'requires_action' | 'no_payment_method' | 'overdue';
      readonly detail: string;
    };

/**
 * What a payment, or its failure, changes (INV-5, INV-6, SBI-11, TRI-5). It takes effect when the try was due; where the provider was so
 * slow that the account went on meanwhile, when the account had got to (CAL-3: nothing takes effect before what is settled).
 */
export function decidePayment(
  facts: Facts,
  catalog: Catalog,
  invoiceId: string,
  outcome: PaymentOutcome,
  dueAt: Instant,
): Decision {
  const at = latest(dueAt, facts.account.settledThrough);
  const turn = beginTurn(facts, catalog, { at, actor: 'perennial', commandId: null, act: `payment of ${invoiceId}` });
  const invoice = facts.liveInvoices.find((candidate) => candidate.invoiceId === invoiceId);
  if (invoice === undefined) return endTurn(turn, facts);
  changeAccount(turn, { settledThrough: at });
  if (outcome.kind === 'paid') {
    settlePaid(turn, invoice);
    return endTurn(turn, facts);
  }
  if (outcome.kind === 'sent') {
    // What it is for was granted for good: whoever asked for it is not told otherwise when it is not paid in time.
    changeInvoice(turn, invoice, { nextAttemptAt: invoice.dueAt, commandIds: [] });
    recordAudit(turn, 'invoice.sent', null, { number: invoice.number, dueAt: invoice.dueAt });
    return endTurn(turn, facts);
  }
  recordAudit(turn, 'payment.failed', null, { number: invoice.number, reason: outcome.reason, detail: outcome.detail });
  if (invoice.dueAt === null && isOfPurchase(turn, invoice)) {
    takeBack(turn, invoice);
    return endTurn(turn, facts, {}, invoice.commandIds);
  }
  retryLater(turn, invoice, outcome.reason, dueAt);
  // Of an invoice for a cycle these are the admins' own tries (payInvoice); seats that are owed after their cycle were bought for good.
  return endTurn(turn, facts, {}, invoice.purpose === 'seats' ? [] : invoice.commandIds);
}

/** What is written down when the payment provider will never take an invoice as it is: a bug, or a customer deleted there. */
export function decideCollectionTrouble(
  facts: Facts,
  catalog: Catalog,
  { number, invoiceId }: Pick<Invoice, 'number' | 'invoiceId'>,
  message: string,
): Decision {
  const turn = beginTurn(facts, catalog, { at: facts.account.settledThrough, actor: 'perennial', commandId: null });
  recordAudit(turn, 'collection.failed', null, { number, message });
  const invoice = facts.liveInvoices.find((candidate) => candidate.invoiceId === invoiceId);
  if (invoice !== undefined) giveNotice(turn, 'collection_failed', { invoice: number, total: invoice.total });
  return endTurn(turn, facts);
}

/**
 * What was bought within a paid cycle: without its payment it does not come, and nothing else is lost over it. Seats whose cycle has ended
 * meanwhile did come: they were used for all of it, and the next cycle bills them too, so they are owed as any other invoice (SBI-13).
 */
function isOfPurchase(turn: Turn, invoice: Invoice): boolean {
  if (invoice.purpose === 'seats') return turn.at < invoice.periodEnd;
  return packBoughtBy(invoice) !== null || buysTerms(turn, invoice);
}

/** The money is there, by whatever way it came: what it was for comes, and service goes on where nothing else is owed (INV-6). */
export function settlePaid(turn: Turn, invoice: Invoice): void {
  const wasGivenUp = invoice.status === 'uncollectible';
  moveInvoice(turn, invoice, 'paid', {
    paidAt: turn.at,
    attempts: invoice.attempts + 1,
    nextAttemptAt: null,
  });
  recordAudit(turn, 'invoice.paid', null, { number: invoice.number, total: invoice.total });
  if (wasGivenUp) {
    // The money is counted; what ended over it stays ended.
    regainLines(turn, invoice);
    return;
  }
  const pack = packBoughtBy(invoice);
  if (pack !== null) adoptBiggerPack(turn, pack);
  if (buysTerms(turn, invoice)) adoptPaidTerms(turn, invoice);
  // What was owed before a subscription began does not keep from it what is paid (INV-5).
  const isFirstPaid = turn.facts.subscription?.firstPaidAt === null && isRunningCyclePaid(turn);
  const isOwing = turn.facts.liveInvoices.some(isOverdue);
  const isBack =
    turn.facts.subscription?.state === 'suspended' && (isRunningCyclePaid(turn) || !isAdvanceExhausted(turn));
  if (isFirstPaid || isBack || !isOwing) activate(turn);
  // An older invoice suspends nothing that is paid; it is owed all the same (INV-5).
  if (isBack && isOwing) moveTo(turn, 'past_due');
}

/**
 * SBI-11: only what was not paid for is taken back; the invoice is void, paid seats keep working. A bigger pack (CRE-16), a year in the place
 * of a month (SBI-9) and other terms have not come yet.
 */
function takeBack(turn: Turn, invoice: Invoice): void {
  const unpaid = new Set(invoice.seatNumbers);
  endSeats(
    turn,
    turn.facts.seats.filter((seat) => unpaid.has(seat.seatNumber)).map((seat) => seat.seatNumber),
    'unpaid',
  );
  letGoAgain(turn, invoice.keptSeats);
  moveInvoice(turn, invoice, 'void', { attempts: invoice.attempts + 1, nextAttemptAt: null });
  recordAudit(turn, 'invoice.void', { number: invoice.number, status: 'open' }, { status: 'void' });
  const isOfTerms = buysTerms(turn, invoice);
  if (isOfTerms) dropAwaitedTerms(turn, invoice);
  else voidAdvance(turn, invoice);
  const bought = invoice.purpose === 'seats' ? 'seat' : isOfTerms ? 'plan' : 'pack';
  noticeOfPayment(turn, `${bought}_payment_failed`, invoice, null);
}

type Failure = Extract<PaymentOutcome, { kind: 'failed' }>['reason'];

function retryLater(turn: Turn, invoice: Invoice, reason: Failure, dueAt: Instant): void {
  const attempts = invoice.attempts + 1;
  // A new card came while the old one was being tried: it is tried at once (INV-5).
  const isAskedAgain = invoice.nextAttemptAt !== null && invoice.nextAttemptAt > dueAt;
  const nextAttemptAt = isAskedAgain ? invoice.nextAttemptAt : nextRetryAt(invoice, turn);
  changeInvoice(turn, invoice, { attempts, nextAttemptAt });
  noticeOfPayment(turn, noticeKind(invoice, reason), invoice, nextAttemptAt);
  const { phase } = turn.facts.account;
  if (phase === 'active') moveTo(turn, 'past_due');
  // From here on it is this payment that keeps the account from working, whatever it was before (TRI-5).
  if ((phase === 'blocked' || phase === 'canceled') && isFirstInvoice(turn.facts.subscription, invoice))
    moveTo(turn, phase, 'payment_failed');
  // A card that comes after the last try, and fails, changes nothing; a first try is never after it, however late it was due.
  const isAfterLast = invoice.attempts > 0 && dueAt > lastTryAt(invoice, turn.catalog);
  if (nextAttemptAt === null && !isAfterLast) giveUp(turn, invoice.invoiceId);
}

/** Who pays by invoice is reminded where there is no card to try (CRE-18). */
function noticeKind({ dueAt }: Invoice, reason: Failure): string {
  if (reason === 'overdue') return 'invoice_overdue';
  return dueAt !== null && reason === 'no_payment_method' ? 'payment_reminder' : 'payment_failed';
}

/** INV-5: 1, 3, 5 and 7 days after the invoice, or after it was due; a try out of turn (a new card) leaves the rest of them as they are. */
function nextRetryAt(invoice: Invoice, { at, catalog }: Pick<Turn, 'at' | 'catalog'>): Instant | null {
  const from = triedFrom(invoice, catalog.graceMinutes);
  const days = RETRY_DAYS.find((candidate) => addDays(from, candidate) > at);
  return days === undefined ? null : addDays(from, days);
}

/**
 * After the last try. The subscription waits, suspended, to the end of its cycle for somebody to pay (INV-6); without a
 * subscription there is nothing to wait for.
 */
function giveUp(turn: Turn, invoiceId: string): void {
  const invoice = turn.facts.liveInvoices.find((candidate) => candidate.invoiceId === invoiceId);
  if (turn.facts.subscription === null) {
    if (invoice === undefined) return;
    giveUpInvoice(turn, invoice);
    return;
  }
  // What is paid in advance goes on to its end when only arrears are not paid, or the advance of terms that were replaced since: a year of seats is
  // not lost over a month's overage.
  if (invoice === undefined || !hasAdvance(invoice) || isRunningCyclePaid(turn)) return;
  const { state, cycle, firstPaidAt } = turn.facts.subscription;
  // One that has not begun waits for its own first payment alone.
  if (firstPaidAt === null && !isFirstInvoice(turn.facts.subscription, invoice)) return;
  if (state === 'suspended') return;
  recordAudit(turn, 'subscription.suspended', { state }, { state: 'suspended' });
  const recoveryEndsAt = latest(turn.at, earliest(cycle.end, recoveryEnd(invoice, turn.catalog)));
  moveSubscription(turn, 'suspended', { recoveryEndsAt });
  leavePaidPhase(turn);
}

/** Whether an advance was tried to its end in vain: that is what suspends. */
function isAdvanceExhausted({ facts: { liveInvoices } }: Turn): boolean {
  return liveInvoices.some((invoice) => hasAdvance(invoice) && isOverdue(invoice) && invoice.nextAttemptAt === null);
}

/** Whether what is paid in advance for the running cycle is paid, or has cost nothing. */
function isRunningCyclePaid({ facts: { subscription, liveInvoices } }: Turn): boolean {
  return !liveInvoices.some(
    (invoice) => hasAdvance(invoice) && invoice.lines.some((line) => line.periodStart === subscription?.cycle.start),
  );
}
