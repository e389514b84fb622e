import type { Interval } from '../calendar/period.ts';
import { isFreePlan, type Plan } from '../catalog/catalog.ts';
import type { ScheduledChange, ScheduledEnd, Subscription } from '../model/facts.ts';
import { packOf, priceMinorOf } from '../model/terms.ts';
import {
  assertNothingAwaited,
  changeSubscription,
  planNamed,
  recordAudit,
  subscriptionOf,
  type Turn,
} from '../model/turn.ts';
import { countOf } from '../model/counts.ts';
import { Refusal } from '../refusal.ts';
import { memberOf } from '../seats/seats.ts';
import { buyBiggerPack, isPackUp } from './change-pack.ts';
import { changeTermsNow } from './change-terms.ts';
import type { CommandBodies } from '../model/command.ts';
import { dropSubscription, restartCycle } from './cycle.ts';
import { endSuspended, leavePaidPhase } from './decide-due.ts';
import { assertSelfServe } from './subscribe.ts';

type Result = Readonly<Record<string, unknown>>;

/** SBI-9, SBI-10, CRE-16: changes that cost more begin now, those that cost less at the end of what is paid. */
export function changePlan(turn: Turn, wanted: CommandBodies['changePlan']): Result {
  const subscription = subscriptionOf(turn);
  assertNothingAwaited(turn);
  const planName = wanted.plan ?? subscription.plan;
  if (planName !== subscription.plan) return changeToOther(turn, planName, wanted.keepMemberIds ?? []);
  if (subscription.contract !== null) assertSelfServe(turn, planName);
  const plan = planNamed(turn.catalog, planName);
  const pack = wanted.pack ?? subscription.pack;
  const interval = wanted.interval ?? subscription.interval;
  if (wanted.pack !== undefined) packOf(plan, wanted.pack);
  priceMinorOf(plan, pack, interval);
  if (interval === subscription.interval && pack === subscription.pack) return keepTerms(turn, subscription);
  if (subscription.state === 'scheduled') return changeBeforeStart(turn, interval, pack);
  assertPaid(turn);
  if (interval === 'year' && subscription.interval === 'month') return monthToYear(turn);
  if (pack !== null && pack !== subscription.pack && isPackUp(turn, pack)) return buyBiggerPack(turn, pack);
  return schedule(turn, { kind: 'terms', interval, pack });
}

function changeToOther(turn: Turn, planName: string, keepMemberIds: readonly string[]): Result {
  const plan = planNamed(turn.catalog, planName);
  if (isFreePlan(plan)) {
    assertMayStay(turn, plan, keepMemberIds);
    return leave(turn, { kind: 'free', plan: plan.name, keepMemberIds });
  }
  assertSelfServe(turn, planName);
  // CRE-18: what was agreed is not a customer's to change.
  if (subscriptionOf(turn).contract !== null) assertSelfServe(turn, subscriptionOf(turn).plan);
  throw new Refusal({
    code: 'no_change',
    message: `Changing from ${subscriptionOf(turn).plan} to ${planName} is not offered.`,
  });
}

/** SBI-10: whom an admin chooses has to be somebody who can stay, and there is room for so many only. */
function assertMayStay(turn: Turn, plan: Plan, memberIds: readonly string[]): void {
  const chosen = [...new Set(memberIds)];
  const unknown = chosen.find((memberId) => memberOf(turn.facts, memberId) === null);
  if (unknown !== undefined) {
    throw new Refusal({ code: 'unknown_member', message: `There is no member "${unknown}".`, field: 'keepMemberIds' });
  }
  const limit = plan.seats?.limit ?? null;
  if (limit !== null && chosen.length > limit) {
    const message = `keepMemberIds: ${plan.title} includes ${countOf(limit, 'user')}, found ${String(chosen.length)}.`;
    throw new Refusal({ code: 'invalid_request', message, field: 'keepMemberIds' });
  }
  const disabled = chosen.find((memberId) => memberOf(turn.facts, memberId)?.state === 'disabled');
  if (disabled === undefined) return;
  const message = `keepMemberIds: ${disabled} is disabled. Enable them first, or choose another member.`;
  throw new Refusal({ code: 'invalid_request', message, field: 'keepMemberIds' });
}

/** Asking for the terms one has takes a scheduled change back, and no cancellation. */
function keepTerms(turn: Turn, { change }: Subscription): Result {
  if (change === null) throw new Refusal({ code: 'no_change', message: 'The account already has these terms.' });
  return takeChangeBack(turn, change);
}

function changeBeforeStart(turn: Turn, interval: Interval, pack: string | null): Result {
  const before = subscriptionOf(turn);
  changeSubscription(turn, { interval, pack });
  restartCycleAt(turn, before);
  recordAudit(turn, 'subscription.changed', { interval: before.interval, pack: before.pack }, { interval, pack });
  return { interval, pack, effective: 'start' };
}

function restartCycleAt(turn: Turn, before: Subscription): void {
  const at = { ...turn, at: before.anchor };
  restartCycle(at);
  turn.facts = at.facts;
}

function assertPaid(turn: Turn): void {
  if (turn.facts.account.phase === 'active') return;
  throw new Refusal({
    code: 'payment_failed',
    message: 'The plan can be changed again once the open invoice is paid.',
  });
}

/** SBI-9: the year begins now, with its payment; until that the month that is paid goes on. */
function monthToYear(turn: Turn): Result {
  const { plan, pack, contract } = subscriptionOf(turn);
  const cycle = changeTermsNow(turn, { plan, pack, contract, interval: 'year', seats: null, caps: null });
  return { interval: 'year', cycle };
}

function schedule(turn: Turn, change: ScheduledChange): Result {
  const { cycle, change: before } = subscriptionOf(turn);
  changeSubscription(turn, { change });
  recordAudit(turn, 'subscription.change_scheduled', before, { at: cycle.end, ...change });
  return { effective: 'cycle_end', at: cycle.end };
}

/** CRE-19: runs to the end of what is paid. Where the catalog has a free plan, that is what comes after. */
export function cancel(turn: Turn): Result {
  const { defaultPlan } = turn.catalog;
  const { ending } = subscriptionOf(turn);
  assertNothingAwaited(turn);
  if (defaultPlan === null) return leave(turn, { kind: 'cancel' });
  // Who has been chosen to stay already, stays (SBI-10).
  const keepMemberIds = ending?.kind === 'free' && ending.plan === defaultPlan ? ending.keepMemberIds : [];
  return leave(turn, { kind: 'free', plan: defaultPlan, keepMemberIds });
}

function leave(turn: Turn, ending: ScheduledEnd): Result {
  const { state, firstPaidAt, cycle, ending: before } = subscriptionOf(turn);
  if (state === 'suspended' || (state === 'running' && firstPaidAt === null)) {
    leavePaidPhase(turn);
    endSuspended(turn);
    return { effective: 'now' };
  }
  if (state === 'scheduled') {
    dropSubscription(turn);
    return { effective: 'now' };
  }
  changeSubscription(turn, { ending });
  recordAudit(turn, 'subscription.change_scheduled', before, { at: cycle.end, ...ending });
  return { effective: 'cycle_end', at: cycle.end };
}

/** CRE-19: before the end, a cancellation is taken back, and nothing else changes; where there is none, another scheduled change. */
export function resume(turn: Turn): Result {
  const { ending, change } = subscriptionOf(turn);
  if (ending === null && change !== null) return takeChangeBack(turn, change);
  if (ending === null) {
    throw new Refusal({ code: 'no_change', message: 'No cancellation or scheduled change to undo.' });
  }
  changeSubscription(turn, { ending: null });
  recordAudit(turn, 'subscription.resumed', ending, null);
  return { resumed: ending.kind };
}

function takeChangeBack(turn: Turn, change: ScheduledChange): Result {
  changeSubscription(turn, { change: null });
  recordAudit(turn, 'subscription.resumed', change, null);
  return { resumed: change.kind };
}
