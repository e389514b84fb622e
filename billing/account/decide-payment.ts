import { addDays, type Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Facts, Invoice } from '../facts/facts.ts';
import { beginTurn, changeAccount, changeSubscription, moveTo, recordAudit, type Turn } from '../facts/turn.ts';
import { carryAgain, noticeOfPayment, replaceInvoice, RETRY_DAYS } from '../invoice/issue-invoice.ts';
import { endSeats } from '../seats/members.ts';
import { adoptBiggerPack, packBoughtBy } from './change-pack.ts';
import { activate } from './cycle.ts';
import { type Decision, endTurn } from './decision.ts';
import { leavePaidPhase } from './decide-due.ts';

/** How a try to collect an invoice ended, in the payment provider's words. */
export type PaymentOutcome =
  | { readonly kind: 'paid' }
  | {
      readonly kind: 'failed';
      readonly reason: 'declined' | 'requires_action' | 'no_payment_method';
      readonly detail: string;
    };

/** What a payment, or its failure, changes (INV-5, INV-6, SBI-11, TRI-5). `at` is the instant the try was due. */
export function decidePayment(
  facts: Facts,
  catalog: Catalog,
  invoiceId: string,
  outcome: PaymentOutcome,
  at: Instant,
): Decision {
  const turn = beginTurn(facts, catalog, { at, actor: 'perennial', commandId: null });
  const invoice = facts.liveInvoices.find((candidate) => candidate.invoiceId === invoiceId);
  if (invoice === undefined) return endTurn(turn, facts);
  changeAccount(turn, { settledThrough: at });
  if (outcome.kind === 'paid') {
    settlePaid(turn, invoice);
    return endTurn(turn, facts);
  }
  recordAudit(turn, 'payment.failed', null, { number: invoice.number, reason: outcome.reason, detail: outcome.detail });
  if (invoice.purpose === 'seats' || packBoughtBy(invoice) !== null) {
    takeBack(turn, invoice);
    return endTurn(turn, facts, {}, invoice.commandIds);
  }
  retryLater(turn, invoice);
  return endTurn(turn, facts);
}

function settlePaid(turn: Turn, invoice: Invoice): void {
  replaceInvoice(turn, {
    ...invoice,
    status: 'paid',
    paidAt: turn.at,
    attempts: invoice.attempts + 1,
    nextAttemptAt: null,
  });
  recordAudit(turn, 'invoice.paid', null, { number: invoice.number, total: invoice.total });
  const pack = packBoughtBy(invoice);
  if (pack !== null) adoptBiggerPack(turn, pack);
  const owesMore = turn.facts.liveInvoices.some((other) => other.status === 'open');
  if (!owesMore) activate(turn);
}

/** SBI-11: only what was not paid for is taken back; the invoice is void, paid seats keep working. A bigger pack has not come yet (CRE-16). */
function takeBack(turn: Turn, invoice: Invoice): void {
  const unpaid = new Set(invoice.seatNumbers);
  endSeats(
    turn,
    turn.facts.seats.filter((seat) => unpaid.has(seat.seatNumber)).map((seat) => seat.seatNumber),
    'no_seat',
  );
  replaceInvoice(turn, { ...invoice, status: 'void', attempts: invoice.attempts + 1, nextAttemptAt: null });
  recordAudit(turn, 'invoice.void', { number: invoice.number, status: 'open' }, { status: 'void' });
  carryAgain(turn, invoice);
  noticeOfPayment(turn, invoice.purpose === 'seats' ? 'seat_payment_failed' : 'pack_payment_failed', invoice, null);
}

function retryLater(turn: Turn, invoice: Invoice): void {
  const attempts = invoice.attempts + 1;
  const nextAttemptAt = nextRetryAt(invoice, turn.at);
  replaceInvoice(turn, { ...invoice, attempts, nextAttemptAt });
  noticeOfPayment(turn, 'payment_failed', invoice, nextAttemptAt);
  const { phase } = turn.facts.account;
  if (phase === 'active') moveTo(turn, 'past_due');
  if (phase === 'blocked') moveTo(turn, 'blocked', 'payment_failed');
  if (nextAttemptAt === null) giveUp(turn, invoice.invoiceId);
}

/** INV-5: 1, 3, 5 and 7 days after the invoice; a try out of turn (a new card) leaves the rest of them as they are. */
function nextRetryAt(invoice: Invoice, at: Instant): Instant | null {
  const days = RETRY_DAYS.find((candidate) => addDays(invoice.issuedAt, candidate) > at);
  return days === undefined ? null : addDays(invoice.issuedAt, days);
}

/**
 * After the last try. The subscription waits, suspended, to the end of its cycle for somebody to pay (INV-6); without a
 * subscription there is nothing to wait for.
 */
function giveUp(turn: Turn, invoiceId: string): void {
  const invoice = turn.facts.liveInvoices.find((candidate) => candidate.invoiceId === invoiceId);
  if (turn.facts.subscription === null) {
    if (invoice === undefined) return;
    replaceInvoice(turn, { ...invoice, status: 'uncollectible' });
    recordAudit(turn, 'invoice.uncollectible', { number: invoice.number, status: 'open' }, { status: 'uncollectible' });
    return;
  }
  // What is paid in advance goes on to its end when only arrears are not paid: a year of seats is not lost over a month's overage.
  if (invoice?.lines.some((line) => line.kind === 'base' || line.kind === 'seats') !== true) return;
  const { state } = turn.facts.subscription;
  if (state !== 'suspended') recordAudit(turn, 'subscription.suspended', { state }, { state: 'suspended' });
  changeSubscription(turn, { state: 'suspended' });
  leavePaidPhase(turn);
}
