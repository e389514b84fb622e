import { type AccountState, catalogOf, copyOf, type Subscription, tell } from './account-state.ts';
import { DAY, MINUTE, monthOf, type Second } from './calendar.ts';
import { finishDraft, isCharge, makeInvoice, waitingAt } from './invoices.ts';
import { monthsOf } from './offers.ts';
import { tryAsPlanned } from './payments.ts';
import { fitToFreePlan, fitToSeats, removeLeaving } from './seats.ts';
import {
  advanceOf,
  advanceThing,
  beginFree,
  continueTerms,
  cycleOf,
  dueDaysOf,
  endSubscription,
  joined,
  makeStartInvoice,
  moveToSuccessor,
  startTerms,
} from './subscription-life.ts';
import { beginTerms, refreshBalances, spanAt } from './terms-in-force.ts';

/**
 * What falls due, in the order in which it is worked off at one instant (CAL-3): a trial's notice, its end, a draft's end of
 * grace, the cycle's boundary, then payments.
 */
interface Due {
  readonly at: Second;
  readonly order: number;
  work(): void;
}

export const TRIAL_NOTICES: readonly (readonly [number, string])[] = [
  [7, 'trial_ends_in_7_days'],
  [3, 'trial_ends_in_3_days'],
  [1, 'trial_ends_in_1_day'],
];

/** Works off what is due up to an instant, each at its own, and stands at that instant then. */
export function moveTo(state: AccountState, to: Second): void {
  for (;;) {
    const due = nextDue(state);
    if (due === null || due.at > to) break;
    state.now = Math.max(state.now, due.at);
    due.work();
  }
  state.now = to;
}

export function nextDue(state: AccountState): Due | null {
  let first: Due | null = null;
  const consider = (at: Second, order: number, work: () => void): void => {
    if (first === null || at < first.at || (at === first.at && order < first.order)) first = { at, order, work };
  };
  const span = spanAt(state, state.now);
  if (span?.kind === 'trial') {
    const end = span.to!;
    for (const [days, kind] of TRIAL_NOTICES) {
      const at = end - days * DAY;
      const told = `${kind} ${end}`;
      if (at <= span.from || at < state.now || state.toldOfTrial.includes(told)) continue;
      consider(at, 0, () => {
        state.toldOfTrial.push(told);
        tell(state, at, kind);
      });
    }
  }
  const ending = trialEndDue(state);
  if (ending !== null)
    consider(ending, 1, () => {
      trialEnds(state, ending);
    });
  for (const invoice of state.invoices) {
    const { draftUntil, nextTryAt } = invoice;
    if (draftUntil !== null)
      consider(draftUntil, 2, () => {
        finishDraft(state, invoice, draftUntil);
      });
    if (nextTryAt !== null && state.isPaymentUnknown !== true)
      consider(nextTryAt, 4, () => {
        tryAsPlanned(state, invoice, nextTryAt);
      });
  }
  const { subscription } = state;
  if (subscription?.state === 'active' || subscription?.state === 'suspended') {
    const at = monthOf(subscription.anchor, subscription.month + 1);
    consider(at, 3, () => {
      boundary(state, subscription, at);
    });
  }
  const until = subscription?.until ?? null;
  if (until !== null)
    consider(until, 5, () => {
      endSubscription(state, until, { how: 'given_up' });
    });
  return first;
}

/** A trial that has not been ended by anything else. */
function trialEndDue(state: AccountState): Second | null {
  const last = state.spans.at(-1);
  return last?.kind === 'trial' ? last.to : null;
}

function trialEnds(state: AccountState, at: Second): void {
  const { subscription } = state;
  tell(state, at, 'trial_ended');
  if (subscription?.state === 'scheduled') {
    subscription.state = 'active';
    subscription.anchor = at;
    beginTerms(state, at, { kind: 'none', reason: 'payment_failed' });
    fitToSeats(state, at);
    makeStartInvoice(state, subscription, at);
    // In force at once, as long as its payment has not failed.
    if (state.isPaymentUnknown === true) startTerms(state, subscription, at);
    return;
  }
  if (state.successor !== null && subscription === null) moveToSuccessor(state, at, null);
  if (catalogOf(state).afterTrial === 'free') {
    beginFree(state, at);
    fitToFreePlan(state, null);
  } else beginTerms(state, at, { kind: 'none', reason: subscription === null ? 'trial_ended' : 'payment_failed' });
}

/** A month of the anchor ends, and perhaps the cycle with it (CRE-10, BUD-3, INV-2). */
function boundary(state: AccountState, subscription: Subscription, at: Second): void {
  const month = subscription.month + 1;
  if (month < subscription.cycleMonth + monthsOf(subscription.interval)) {
    // While it is suspended nothing is billed until somebody pays, or it ends.
    if (subscription.state === 'active') monthEnds(state, subscription, at);
    subscription.month = month;
    refreshMonth(state, at);
    return;
  }
  const { ending } = subscription;
  // SBI-10: who was chosen stays, although their seat awaits removal.
  for (const member of state.members) if (ending?.keep?.includes(member.id) === true) member.leaving = false;
  if (subscription.state === 'suspended') {
    endSubscription(state, at, { how: 'given_up' });
    return;
  }
  removeLeaving(state);
  if (ending !== null) {
    endSubscription(state, at, { how: 'cycle_end', keep: ending.keep });
    return;
  }
  const isContractNew = subscription.change?.contract != null;
  applyChange(state, subscription);
  if (state.successor !== null) moveToSuccessor(state, at, subscription);
  subscription.month = month;
  subscription.cycleMonth = month;
  continueTerms(state, subscription, at, isContractNew);
  const { from, to } = cycleOf(subscription);
  const { any, boundary: owed } = waitingAt(state, at);
  const grace = catalogOf(state).graceMinutes * MINUTE;
  const lines = joined([...owed, ...advanceOf(state, subscription)], any);
  if (isCharge(lines) || grace > 0) {
    makeInvoice(state, {
      purpose: 'cycle',
      at,
      from,
      to,
      lines,
      advance: advanceThing(subscription),
      dueDays: dueDaysOf(subscription),
      draftUntil: grace === 0 ? null : at + grace,
    });
  }
  refreshMonth(state, at);
}

/** BUD-3: within a year, overage is billed monthly. An invoice needs a charge. */
function monthEnds(state: AccountState, subscription: Subscription, at: Second): void {
  const { any, boundary: owed } = waitingAt(state, at);
  if (!isCharge(owed)) return;
  const grace = catalogOf(state).graceMinutes * MINUTE;
  makeInvoice(state, {
    purpose: 'cycle',
    at,
    from: at,
    to: monthOf(subscription.anchor, subscription.month + 2),
    lines: [...owed, ...any],
    dueDays: dueDaysOf(subscription),
    draftUntil: grace === 0 ? null : at + grace,
  });
}

function refreshMonth(state: AccountState, at: Second): void {
  const span = spanAt(state, at);
  if (span?.kind === 'paid') refreshBalances(state, span, at);
}

function applyChange(state: AccountState, subscription: Subscription): void {
  const { change } = subscription;
  if (change === null) return;
  subscription.plan = change.plan;
  subscription.interval = change.interval;
  subscription.pack = change.pack;
  if (change.contract !== null) {
    subscription.contract = change.contract;
    takeContractSeats(state, subscription);
  }
  subscription.change = null;
}

/** CRE-18: a contract with fewer seats than are taken keeps those; one without has no limit. */
export function takeContractSeats(state: AccountState, subscription: Subscription): void {
  const agreed = subscription.contract!.seats;
  const enabled = state.members.filter((member) => member.state === 'enabled').length;
  subscription.seats = agreed === null ? null : { quantity: Math.max(agreed.count, enabled), leavingFree: 0 };
}

/** The account as it will be at an instant if nothing more happens. */
export function foresee(state: AccountState, at: Second): AccountState {
  const copy = copyOf(state);
  copy.isPaymentUnknown = true;
  moveTo(copy, at);
  return copy;
}
