import type { Catalog } from '../catalog/catalog.ts';
import type { Facts, Invoice, Subscription } from '../model/facts.ts';
import { beginTurn, changeAccount, giveNotice, moveTo, planNamed, subscriptionOf, type Turn } from '../model/turn.ts';
import { closeMeterCycles, endRunningCycles } from '../invoicing/arrears.ts';
import { isFirstInvoice, isOverdue } from '../schedule/collection.ts';
import {
  finishDraft,
  giveUpExhausted,
  issueInvoice,
  takePendingLines,
  voidInvoice,
} from '../invoicing/issue-invoice.ts';
import { shrinkToFree } from '../seats/members.ts';
import { nextTrialNotice, trialNoticeKind } from '../schedule/trial.ts';
import { billAfterEnd } from '../invoicing/bill-after-end.ts';
import { giveUpAwaitedTerms } from './change-terms.ts';
import { dropSubscription, startSubscription, takeOverMeters, turnCycle } from './cycle.ts';
import { type Decision, endTurn } from '../schedule/decision.ts';
import type { Due } from '../schedule/dues.ts';

/** What an instant brings by itself. Uses the due's own instant, however late it is worked off (CAL-3). */
export function decideDue(facts: Facts, catalog: Catalog, due: Due): Decision {
  const ofDraft = due.kind === 'grace' ? { act: `grace of ${due.invoiceId ?? ''}` } : {};
  const turn = beginTurn(facts, catalog, { at: due.at, actor: 'perennial', commandId: null, ...ofDraft });
  if (due.kind === 'trialNotice') giveTrialNotice(turn);
  else if (due.kind === 'trialEnd') endTrial(turn);
  else if (due.kind === 'grace') finishDraft(turn, due.invoiceId ?? '');
  else if (due.kind === 'cycle') reachBoundary(turn);
  else throw new Error('a payment is decided by its outcome, not by its instant');
  changeAccount(turn, { settledThrough: due.at });
  return endTurn(turn, facts);
}

function giveTrialNotice(turn: Turn): void {
  const notice = nextTrialNotice(turn.facts.account);
  if (notice === null) throw new Error(`no trial notice is due at ${turn.at}`);
  giveNotice(turn, notice.kind, { trialEndsAt: turn.facts.account.trialEndsAt });
  changeAccount(turn, { trialNoticesGiven: notice.index + 1 });
}

/** TRI-3, TRI-4: the paid cycle begins where the trial ends, else use stops or the free plan goes on. */
function endTrial(turn: Turn): void {
  const { account, subscription } = turn.facts;
  giveNotice(turn, trialNoticeKind(0), { trialEndsAt: account.trialEndsAt });
  closeMeterCycles(turn, turn.at);
  if (subscription?.state === 'scheduled') {
    // At once, not when the money is there: a customer who subscribed goes on working while no worker runs (design.md).
    moveTo(turn, 'active');
    startSubscription(turn);
    return;
  }
  if (turn.catalog.afterTrial === 'free') endTrialOnFree(turn);
  else moveTo(turn, 'blocked', subscription === null ? 'trial_ended' : 'payment_failed');
}

function endTrialOnFree(turn: Turn): void {
  moveTo(turn, 'free');
  shrinkToLimit(turn, 'freed');
}

function shrinkToLimit(turn: Turn, seats: 'freed' | 'kept'): void {
  const { defaultPlan } = turn.catalog;
  const limit = defaultPlan === null ? null : (planNamed(turn.catalog, defaultPlan).seats?.limit ?? null);
  if (limit !== null) shrinkToFree(turn, { limit, keepMemberIds: [], seats });
}

function reachBoundary(turn: Turn): void {
  if (subscriptionOf(turn).state === 'suspended') {
    endSuspended(turn);
    return;
  }
  giveUpAwaitedTerms(turn);
  turnCycle(turn);
}

/**
 * INV-5: nobody has paid for the cycle in time, and so the subscription is over. What it charged in advance alone was not delivered, and is void; what was
 * used, or was agreed to be due later (CRE-18), is given up, visibly. An invoice that is not due yet, or is still to be tried, goes its own way.
 */
export function endSuspended(turn: Turn): void {
  const before = subscriptionOf(turn);
  const { firstPaidAt } = before;
  for (const { status, invoiceId } of turn.facts.liveInvoices) if (status === 'draft') finishDraft(turn, invoiceId);
  const isVoid = (invoice: Invoice): boolean =>
    isFirstInvoice(before, invoice) ||
    (isOverdue(invoice) && invoice.nextAttemptAt === null && isOfAdvanceAlone(invoice));
  const undelivered = turn.facts.liveInvoices.filter(isVoid);
  // Those first: a credit that stands on one of them has paid for nothing.
  giveUpExhausted(turn, undelivered);
  for (const invoice of undelivered) voidInvoice(turn, invoice);
  if (firstPaidAt !== null) issueLastInvoice(turn);
  dropSubscription(turn);
  // Nothing was ever paid, so nothing is owed: the account stands where it stood before it subscribed, and its trial can be reopened (TRI-8).
  if (firstPaidAt !== null) return;
  leaveAsBefore(turn, before.blockedBefore);
  // What came for terms of before meanwhile was to go on its first boundary's invoice (CRE-12).
  billAfterEnd(turn);
}

/** The reason of before a subscription that never began is the reason again (TRI-4). */
function leaveAsBefore(turn: Turn, reason: Subscription['blockedBefore']): void {
  const { phase } = turn.facts.account;
  if (phase === 'canceled') moveTo(turn, 'canceled');
  if (phase === 'blocked') moveTo(turn, 'blocked', reason ?? 'trial_ended');
}

/** What was used and not billed, and what waits for the customer, has no next invoice to go on. */
function issueLastInvoice(turn: Turn): void {
  const lines = [...takePendingLines(turn), ...closeMeterCycles(turn, turn.at)];
  issueInvoice(turn, { purpose: 'final', period: { start: subscriptionOf(turn).cycle.start, end: turn.at }, lines });
}

function isOfAdvanceAlone({ dueAt, lines }: Invoice): boolean {
  return (
    dueAt === null && lines.every(({ kind, amount }) => ['base', 'seats', 'carried'].includes(kind) || amount <= 0)
  );
}

/** Free rules where the catalog has a free plan, else nothing works until somebody pays (INV-5). */
export function leavePaidPhase(turn: Turn): void {
  const { phase } = turn.facts.account;
  if (phase !== 'active' && phase !== 'past_due') return;
  if (phase === 'active') moveTo(turn, 'past_due');
  // What paid terms gave ends with them: free use, or use after a late payment, is not counted on their balance.
  endRunningCycles(turn);
  if (turn.catalog.defaultPlan === null) {
    moveTo(turn, 'blocked', 'payment_failed');
    return;
  }
  moveTo(turn, 'free');
  takeOverMeters(turn);
  // Seats stay theirs while the subscription is only suspended: who pays late finds everybody in place (INV-6).
  shrinkToLimit(turn, 'kept');
}
