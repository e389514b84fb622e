import type { RefusalCode } from '../../billing/refusal-codes.ts';
import {
  type AccountState,
  type Balance,
  catalogOf,
  type Interval,
  type Line,
  type Subscription,
} from './account-state.ts';
import { MINUTE, monthOf, type Second } from './calendar.ts';
import { giveUpWith } from './giving-up.ts';
import { isCharge, isWorthIssuing, lineOf, owedMinor, soldThings, makeInvoice, waitingAt } from './invoices.ts';
import { capTermsOf, freePlanOf, metersOf, monthsOf, planOf, pricesOf } from './offers.ts';
import { fitToFreePlan, fitToPaidSeats, fitWhileSuspended, seatAgain } from './seats.ts';
import { addPiece, beginTerms, spanAt } from './terms-in-force.ts';
import { keyOf } from './use.ts';

export interface Cycle {
  readonly from: Second;
  readonly to: Second;
}

type Counted = Pick<Subscription, 'anchor' | 'cycleMonth' | 'interval'>;

/** CAL-2: a year is twelve months of the anchor, from the boundary at which it begins. */
export function cycleOf({ anchor, cycleMonth, interval }: Counted): Cycle {
  return { from: monthOf(anchor, cycleMonth), to: monthOf(anchor, cycleMonth + monthsOf(interval)) };
}

/** What the advance of the running cycle is accounted under (INV-7). */
export function advanceThing({ serial, cycleMonth }: Pick<Subscription, 'serial' | 'cycleMonth'>): string {
  return `advance ${serial}/${cycleMonth}`;
}

/** SBI-1: base and seats of a cycle, in advance. */
export function advanceOf(state: AccountState, subscription: Subscription): Line[] {
  const { base, seat } = pricesOf(catalogOf(state), subscription);
  const { from, to } = cycleOf(subscription);
  const thing = advanceThing(subscription);
  state.advances[thing] ??= { from, to, unused: 0 };
  const quantity = subscription.seats?.quantity ?? 0;
  return [
    ...(base === null || base === 0 ? [] : [lineOf('base', base, from, to, thing)]),
    // Seats that cost nothing are no line (MON-6).
    ...(seat === null || seat === 0 ? [] : [{ ...lineOf('seats', seat * quantity, from, to, thing), quantity }]),
  ];
}

export function dueDaysOf(subscription: Subscription | null): number | null {
  return subscription?.contract?.invoiceDueDays ?? null;
}

/** The first invoice of a subscription, or of terms that begin now; whether it is settled says whether they begin. */
export function makeStartInvoice(state: AccountState, subscription: Subscription, at: Second): void {
  const { from, to } = cycleOf(subscription);
  const advance = advanceOf(state, subscription);
  const lines = joined(advance, waitingAt(state, at).any);
  if (lines.length === 0) {
    startTerms(state, subscription, at);
    return;
  }
  const thing = advanceThing(subscription);
  const invoice = makeInvoice(state, {
    purpose: 'start',
    at,
    from,
    to,
    lines,
    advance: thing,
    dueDays: dueDaysOf(subscription),
  });
  subscription.firstInvoice = invoice.index;
  if (invoice.status !== 'open' || invoice.dueAt !== null) startTerms(state, subscription, at);
}

/** MON-6: what waits joins a charge of any kind; where nothing is charged it goes on waiting. */
export function joined(charges: readonly Line[], waiting: readonly Line[]): Line[] {
  return isCharge(charges) ? [...waiting, ...charges] : [...charges];
}

/** TRI-5: paid terms begin with the first payment; where nothing was in force before, they reach back to the anchor. */
export function startTerms(state: AccountState, subscription: Subscription, at: Second): void {
  subscription.isFirstPaid = true;
  subscription.state = 'active';
  subscription.until = null;
  const inForceUntil = state.spans.findLast((span) => span.kind !== 'none')?.to ?? 0;
  const isNothingInForce = (spanAt(state, at)?.kind ?? 'none') === 'none';
  const from = isNothingInForce ? Math.max(subscription.anchor, inForceUntil) : at;
  if (spanAt(state, at)?.kind === 'trial') state.trialEndsAt = at;
  fitToPaidSeats(state, at);
  beginPaidTerms(state, subscription, from);
}

export function beginPaidTerms(state: AccountState, subscription: Subscription, from: Second): void {
  const meters = metersOf(catalogOf(state), subscription);
  const span = beginTerms(state, from, { kind: 'paid', anchor: subscription.anchor, meters });
  subscription.group = span.group;
  subscription.groupFrom = span.groupFrom;
  state.hasLastInvoice = false;
  const caps: AccountState['caps'][string] = {};
  for (const meter of Object.keys(meters)) {
    const terms = capTermsOf(catalogOf(state), subscription, meter);
    if (terms === null) continue;
    caps[meter] = [
      { at: from, cents: meter in subscription.chosenCaps ? subscription.chosenCaps[meter]! : terms.defaultCents },
    ];
  }
  state.caps[span.group] = caps;
}

/** The terms of the next cycle, from a boundary on, in the place of those before (CRE-4, CAT-2). */
export function continueTerms(
  state: AccountState,
  subscription: Subscription,
  at: Second,
  isContractNew: boolean,
): void {
  const span = state.spans.at(-1)!;
  const meters = metersOf(catalogOf(state), subscription);
  addPiece(span, at, meters);
  const caps = (state.caps[span.group] ??= {});
  for (const meter of new Set([...Object.keys(meters), ...Object.keys(caps)])) {
    const terms = capTermsOf(catalogOf(state), subscription, meter);
    if (caps[meter] === undefined ? terms !== null : isContractNew || terms === null)
      (caps[meter] ??= []).push({ at, cents: terms?.defaultCents ?? null });
  }
}

/** INV-5: Free rules where there is a free plan, else blocked; what is paid late goes on in its own cycle. */
export function suspend(state: AccountState, subscription: Subscription, at: Second, until: Second): void {
  subscription.state = 'suspended';
  subscription.until = until;
  beginUnpaid(state, at, 'payment_failed');
  if (spanAt(state, at)?.kind === 'free') fitWhileSuspended(state);
}

export function resume(state: AccountState, subscription: Subscription, at: Second): void {
  subscription.state = 'active';
  subscription.until = null;
  const wasFree = spanAt(state, at)?.kind === 'free';
  if (wasFree) seatAgain(state, at);
  const group = subscription.group!;
  beginTerms(state, at, {
    kind: 'paid',
    anchor: subscription.anchor,
    meters: metersOf(catalogOf(state), subscription),
    resumed: { group, groupFrom: subscription.groupFrom },
  });
  // The month goes on as if it had not been cut short: what is dated meanwhile belongs to it.
  const [gap, resumed] = state.spans.slice(-2);
  if (gap?.kind !== 'none' || resumed === undefined) return;
  resumed.from = gap.from;
  resumed.pieces[0]!.from = gap.from;
  state.spans.splice(-2, 1);
}

/** The free plan's terms, or nothing. */
export function beginUnpaid(state: AccountState, at: Second, reason: RefusalCode): void {
  if (freePlanOf(state) === null) beginTerms(state, at, { kind: 'none', reason });
  else beginFree(state, at);
}

export function beginFree(state: AccountState, at: Second): void {
  const plan = freePlanOf(state)!;
  const choice = { plan: plan.name, interval: 'month' as Interval, pack: null, contract: null };
  beginTerms(state, at, { kind: 'free', anchor: state.signedUpAt, meters: metersOf(catalogOf(state), choice) });
}

export interface Ending {
  readonly how: 'cycle_end' | 'given_up' | 'cancelled';
  readonly keep?: readonly string[] | null;
}

/** A subscription is over: what was used is on a last invoice, and the account is free, blocked or canceled. */
export function endSubscription(state: AccountState, at: Second, { how, keep = null }: Ending): void {
  const subscription = state.subscription!;
  giveUpWith(state, subscription, how === 'cycle_end');
  state.subscription = null;
  for (const member of state.members) Object.assign(member, { isSeatKept: false, leaving: false });
  if (state.successor !== null) moveToSuccessor(state, at, null);
  // What was in force beside a subscription that never began goes on.
  const inForce = spanAt(state, at)?.kind;
  if (inForce !== 'trial' && inForce !== 'free') {
    const isUnpaid = how === 'given_up' || subscription.state === 'suspended';
    const reason = isUnpaid ? 'payment_failed' : 'subscription_ended';
    beginUnpaid(state, at, subscription.isFirstPaid ? reason : subscription.before);
    if (spanAt(state, at)?.kind === 'free') fitToFreePlan(state, keep);
  }
  if (subscription.isFirstPaid) makeLastInvoice(state, subscription, at, how === 'cycle_end');
  else billAfterTheEnd(state, at);
}

function makeLastInvoice(state: AccountState, subscription: Subscription, at: Second, mayWait: boolean): void {
  const { any, boundary } = waitingAt(state, at);
  const lines = [...boundary, ...any];
  const grace = catalogOf(state).graceMinutes * MINUTE;
  const waits = mayWait && grace > 0;
  if (!isWorthIssuing(lines) && !waits) return;
  makeInvoice(state, {
    purpose: 'final',
    at,
    from: cycleOf(subscription).from,
    to: at,
    lines,
    dueDays: dueDaysOf(subscription),
    draftUntil: waits ? at + grace : null,
  });
}

/** What comes up after the last invoice is on a further one at once, dated when it came. */
export function billAfterTheEnd(state: AccountState, at: Second): void {
  if (state.subscription !== null || state.closedAt !== null) return;
  if (state.invoices.some((invoice) => invoice.status === 'draft')) return;
  const { any, boundary } = waitingAt(state, at);
  // A credit that is only taken back waits for a charge.
  const things = soldThings(state);
  const isUsed = (balance: Balance): boolean =>
    owedMinor(state, balance) !== (things.get(`use ${keyOf(balance)}`)?.billed ?? 0);
  const changed = new Set(
    Object.values(state.balances)
      .filter(isUsed)
      .map((balance) => `use ${keyOf(balance)}`),
  );
  const used = [...boundary, ...any].filter((line) => line.thing !== null && changed.has(line.thing));
  if (used.length === 0) return;
  const lines = [...boundary, ...any];
  // A further one is never the end's own, also where the end had nothing to bill: too little is carried.
  state.hasLastInvoice = true;
  const about = lines.filter(({ thing, isTakenBack }) => thing?.startsWith('use') === true && isTakenBack !== true);
  const from = Math.min(...about.map((line) => line.from));
  const to = Math.max(...about.map((line) => line.to));
  makeInvoice(state, { purpose: 'final', at, from, to, lines });
}

// ---- Moving to another version of the catalog (CAT-2) ----

/** Null where a version sells what the account has; else why not. */
export function incompatibility(state: AccountState, version: number, of: Subscription | null): RefusalCode | null {
  const [before, after] = [catalogOf(state), catalogOf(state, version)];
  if (after.currency !== before.currency) return 'currency_fixed';
  for (const [name, meter] of Object.entries(before.meters)) {
    const next = Object.hasOwn(after.meters, name) ? after.meters[name] : undefined;
    if (next?.unit !== meter.unit || next.granularitySeconds !== meter.granularitySeconds)
      return 'catalog_not_compatible';
  }
  if (before.defaultPlan !== null && after.defaultPlan === null) return 'catalog_not_compatible';
  if (of === null) return null;
  const choice = of.change ?? of;
  const plan = planOf(after, choice.plan);
  if (plan === undefined) return 'unknown_plan';
  if (choice.contract !== null) return null;
  if (choice.pack !== null && plan.packs?.[choice.pack] === undefined) return 'unknown_pack';
  const { base, seat } = pricesOf(after, choice);
  return (base ?? seat) === null && !isFree(state, choice.plan) ? 'interval_not_offered' : null;
}

function isFree(state: AccountState, plan: string): boolean {
  return freePlanOf(state)?.name === plan;
}

export function moveToSuccessor(state: AccountState, at: Second, of: Subscription | null): void {
  const version = state.successor!;
  state.successor = null;
  if (incompatibility(state, version, of) !== null) return;
  state.version = version;
  const span = spanAt(state, at);
  if (of === null && span?.kind === 'free') {
    const plan = freePlanOf(state);
    if (plan === null) return;
    addPiece(span, at, metersOf(catalogOf(state), { plan: plan.name, interval: 'month', pack: null, contract: null }));
  }
}
