import { type Instant, latest } from '../calendar/instant.ts';
import { boundaryAt, type Period, periodAt } from '../calendar/period.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Facts, MeterCycle, Subscription } from '../facts/facts.ts';
import { meterTerms } from '../facts/terms.ts';

/**
 * The half-open cycle of metered use that an instant belongs to: the trial, a month of the subscription counted from its
 * anchor (also on yearly plans, BUD-3), or a month of the free plan counted from the signup.
 */
export function meterPeriodAt(facts: Pick<Facts, 'account' | 'subscription'>, at: Instant): Period {
  const { account } = facts;
  const { trialEndsAt } = account;
  // Also when the trial is over by now: its late events are the trial's all the same (TRI-2).
  if (trialEndsAt !== null && (at < trialEndsAt || account.phase === 'trialing'))
    return { start: account.signedUpAt, end: trialEndsAt };
  const { start, end } = periodAt(subscriptionInForce(facts, at)?.anchor ?? account.signedUpAt, 'month', at);
  return { start, end };
}

/** The subscription whose terms hold at an instant; one that is only scheduled, suspended, or unpaid so far, gives none. */
export function subscriptionInForce(
  { account, subscription }: Pick<Facts, 'account' | 'subscription'>,
  at: Instant,
): Subscription | null {
  if (subscription?.state !== 'running' || subscription.anchor > at) return null;
  return account.phase === 'active' || account.phase === 'past_due' ? subscription : null;
}

/**
 * A cycle as its first event finds it: the base restored, no overage (CRE-4, CRE-10). Where other terms held for a part of its period
 * (a free month in which a subscription ended), it begins after them: an instant belongs to one balance.
 */
export function openMeterCycle(
  facts: Pick<Facts, 'account' | 'subscription' | 'meterCycles'>,
  catalog: Catalog,
  meter: string,
  at: Instant,
): MeterCycle {
  const period = meterPeriodAt(facts, at);
  const endedBefore = facts.meterCycles.filter((cycle) => cycle.meter === meter && cycle.end <= at);
  const isTrial = period.end === facts.account.trialEndsAt;
  const terms = isTrial ? null : meterTerms(catalog, subscriptionInForce(facts, at), meter);
  return {
    meter,
    start: latest(period.start, ...endedBefore.map((cycle) => cycle.end)),
    end: period.end,
    includedUnits: terms?.includedUnits ?? 0,
    usedIncludedUnits: 0,
    overageUnits: 0,
    trialUnits: 0,
    heldUnits: 0,
    priceMinor: terms?.priceMinor ?? null,
    pricePerUnits: terms?.pricePerUnits ?? null,
    capMinor: facts.account.caps[meter] ?? null,
    billedOverageUnits: 0,
    closedAt: null,
    refusals: 0,
  };
}

/** The open cycle of a meter at an instant, if an event has opened it already. */
export function meterCycleAt(
  { meterCycles }: Pick<Facts, 'meterCycles'>,
  meter: string,
  at: Instant,
): MeterCycle | null {
  const found = meterCycles.find(
    (cycle) => cycle.meter === meter && cycle.closedAt === null && cycle.start <= at && at < cycle.end,
  );
  return found ?? null;
}

/** The end of the month of metered use that begins at a boundary of the anchor's months (CAL-2). */
export function nextMeterBoundary(anchor: Instant, at: Instant): Instant {
  return boundaryAt(anchor, 'month', periodAt(anchor, 'month', at).index + 1);
}
