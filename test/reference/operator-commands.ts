import { type AccountState, catalogOf, type Card, type Invoice, type Line, tell } from './account-state.ts';
import { DAY, type Second } from './calendar.ts';
import { isExhausted, uncollectible, voided } from './giving-up.ts';
import {
  creditable,
  creditedParts,
  finishDraft,
  isWorthIssuing,
  lineOf,
  makeInvoice,
  totalOf,
  waitingAt,
} from './invoices.ts';
import { issueDrafts, paid, tryWithNewCard } from './payments.ts';
import { no } from './refused.ts';
import { cycleOf, dueDaysOf } from './subscription-life.ts';
import { beginTerms, spanAt } from './terms-in-force.ts';
import { TRIAL_NOTICES } from './timeline.ts';

// ---- Paying ----

export function setPaymentMethod(state: AccountState, at: Second, card: Card | 'declined'): void {
  if (card === 'declined') return no('card_declined');
  state.card = card;
  tryWithNewCard(state, at);
}

/** CRE-18, INV-6: it was paid by another way, also after it was given up; that brings no subscription back. */
export function recordPayment(state: AccountState, at: Second, number: string): void {
  const invoice = invoiceOf(state, number);
  const wasGivenUp = invoice.status === 'uncollectible';
  if (invoice.status !== 'open' && !wasGivenUp) no('unknown_invoice');
  paid(state, invoice, at);
}

function invoiceOf(state: AccountState, number: string): Invoice {
  return state.invoices.find((invoice) => invoice.number === number) ?? no('unknown_invoice');
}

// ---- Giving back (INV-7) ----

export function creditInvoice(
  state: AccountState,
  at: Second,
  asked: { number: string; line: number; amountCents: number; to?: 'card' | 'balance' },
): { number: string } {
  const invoice = invoiceOf(state, asked.number);
  const to = asked.to ?? 'card';
  if (invoice.status !== 'paid') no('invoice_not_paid');
  const line = invoice.lines[asked.line - 1];
  if (state.closedAt !== null && to === 'balance') no('account_closed');
  if (line === undefined) return no('invalid_request');
  if (line.amount <= 0) no('credit_exceeds_paid');
  if (asked.amountCents > creditable(state, invoice, line, asked.line)) no('credit_exceeds_paid');
  const number = `${state.id}-CN-${String(state.creditNotes.length + 1).padStart(4, '0')}`;
  state.creditNotes.push({
    number,
    invoice: asked.number,
    at,
    line: asked.line,
    amount: asked.amountCents,
    parts: creditedParts(state, invoice, asked.line, asked.amountCents),
    period: { from: invoice.periodStart, to: invoice.periodEnd },
    to,
  });
  tell(state, at, 'credit_note_issued');
  return { number };
}

/** What is owed to a customer who has no subscription is paid out by another way, on an invoice that sums to 0. */
export function payOut(state: AccountState, at: Second): { amountCents: number } {
  if (state.subscription !== null) no('no_change');
  issueDrafts(state, at);
  const { any, boundary } = waitingAt(state, at);
  const lines = [...boundary, ...any];
  const total = totalOf(lines);
  if (total >= 0) no('no_change');
  const from = Math.min(...lines.map((line) => line.from));
  const paidOut: Line = lineOf('adjustment', -total, from, at, null);
  makeInvoice(state, { purpose: 'final', at, from, to: at, lines: [...lines, paidOut] });
  return { amountCents: -total };
}

// ---- The trial (TRI-8) ----

export function extendTrial(state: AccountState, at: Second, days: number): { trialEndsAt: Second } {
  if (state.trialEndsAt === null || catalogOf(state).trial === null) return no('trial_over');
  const { subscription } = state;
  if (subscription !== null && subscription.state !== 'scheduled' && subscription.isFirstPaid) no('trial_over');
  if (subscription?.state === 'active') no('trial_over');
  if (state.spans.some((span) => span.kind === 'paid') || spanAt(state, at)?.kind === 'free') no('trial_over');
  const span = spanAt(state, at);
  const end = (span?.kind === 'trial' ? span.to! : at) + days * DAY;
  // One trial, from signup to its end, as if it had not ended in between.
  const [trial] = state.spans;
  state.spans.splice(1);
  trial!.to = end;
  for (const balance of Object.values(state.balances)) if (balance.group === trial!.group) balance.end = end;
  for (const [days, kind] of TRIAL_NOTICES) if (end - days * DAY <= at) state.toldOfTrial.push(`${kind} ${end}`);
  state.trialEndsAt = end;
  return { trialEndsAt: end };
}

// ---- Closing (TRI-6) ----

export function closeAccount(state: AccountState, at: Second): void {
  const { subscription } = state;
  if (subscription !== null && !subscription.isFirstPaid && subscription.firstInvoice !== null) {
    const first = state.invoices.find((invoice) => invoice.index === subscription.firstInvoice);
    if (first?.status === 'open') voided(first);
  }
  for (const draft of state.invoices.filter((invoice) => invoice.status === 'draft')) finishDraft(state, draft, at);
  for (const invoice of state.invoices) if (isExhausted(invoice)) uncollectible(invoice);
  beginTerms(state, at, { kind: 'none', reason: 'account_closed' });
  const { any, boundary } = waitingAt(state, at);
  const lines = [...boundary, ...any];
  if (isWorthIssuing(lines)) {
    // Of the running cycle; where there is none, from what is the oldest on it.
    const hasCycle = subscription !== null && subscription.state !== 'scheduled';
    const from = hasCycle ? cycleOf(subscription).from : Math.min(...lines.map((line) => line.from));
    // Nothing comes after it.
    state.hasLastInvoice = false;
    makeInvoice(state, { purpose: 'final', at, from, to: at, lines, dueDays: dueDaysOf(subscription) });
  }
  state.subscription = null;
  state.successor = null;
  state.closedAt = at;
  tell(state, at, 'account_closed');
}
