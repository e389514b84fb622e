import { cycleFrom, type Interval } from '../calendar/period.ts';
import { isFreePlan, type Plan } from '../catalog/catalog.ts';
import { nextMeterBoundary } from '../usage/meter-cycle.ts';
import { packOf, planOf, priceMinorOf } from '../model/terms.ts';
import { changeAccount, planNamed, recordAudit, scheduleSubscription, type Turn } from '../model/turn.ts';
import { countOf } from '../model/counts.ts';
import { Refusal } from '../refusal.ts';
import { enabledMembers } from '../seats/seats.ts';
import type { CommandBodies } from '../model/command.ts';
import { startSubscription } from './cycle.ts';

type Wanted = CommandBodies['subscribe'];

/** TRI-4, TRI-5, SBI-10, CRE-7: chooses a paid plan; it begins at the trial's end, or now. */
export function subscribe(turn: Turn, wanted: Wanted): Readonly<Record<string, unknown>> {
  const { account, subscription } = turn.facts;
  if (subscription !== null) {
    throw new Refusal({
      code: 'already_subscribed',
      message: `The account ${account.accountId} already has a subscription to ${subscription.plan}. Change its plan instead.`,
    });
  }
  const plan = assertSelfServe(turn, wanted.plan);
  const pack = plan.packs === null ? null : packOf(plan, wanted.pack ?? Object.keys(plan.packs)[0] ?? null).name;
  const interval = wanted.interval ?? defaultInterval(plan, pack);
  priceMinorOf(plan, pack, interval);
  const seats = seatsToStartWith(turn, plan, wanted.seats);
  const caps = startingCaps(plan, wanted.capCents);
  if (account.paymentMethod === null) {
    throw new Refusal({
      code: 'payment_method_required',
      message: `The plan ${wanted.plan} is paid by card, and the account has no card yet.`,
    });
  }
  const startsAtTrialEnd = account.phase === 'trialing' && wanted.startNow !== true;
  const anchor = startsAtTrialEnd && account.trialEndsAt !== null ? account.trialEndsAt : turn.at;
  scheduleSubscription(turn, {
    plan: plan.name,
    interval,
    pack,
    anchor,
    cycle: cycleFrom(anchor, interval, anchor),
    meterBoundaryAt: nextMeterBoundary(anchor, anchor),
    seatsAtStart: seats,
    firstPaidAt: null,
    blockedBefore: account.blockedCode,
    recoveryEndsAt: null,
    change: null,
    ending: null,
    contract: null,
    awaitedTerms: null,
  });
  changeAccount(turn, { caps });
  recordAudit(turn, 'subscription.chosen', null, { plan: plan.name, interval, pack, seats, caps, startsAt: anchor });
  if (!startsAtTrialEnd) startSubscription(turn);
  return { plan: plan.name, interval, pack, startsAt: anchor, ...(seats === 0 ? {} : { seats }) };
}

/** A plan that customers may take themselves. */
export function assertSelfServe(turn: Turn, name: string): Plan {
  const plan = planNamed(turn.catalog, name);
  if (!plan.selfServe) {
    throw new Refusal({
      code: 'plan_not_self_serve',
      message: `${plan.title} is set up by our sales team.`,
      field: 'plan',
    });
  }
  if (isFreePlan(plan)) {
    throw new Refusal({
      code: 'no_change',
      message: `${plan.title} is free and needs no subscription.`,
      field: 'plan',
    });
  }
  return plan;
}

/** A month where a month is sold; CRE-17: what is not sold is refused, not replaced. */
export function defaultInterval(plan: Plan, pack: string | null): Interval {
  const prices = plan.packs === null ? plan.seats?.prices : packOf(plan, pack).prices;
  return prices?.month === undefined && prices?.year !== undefined ? 'year' : 'month';
}

/** SBI-10: as many seats as there are enabled members, at least one, or more where more are asked for. */
function seatsToStartWith(turn: Turn, plan: Plan, wanted: number | undefined): number {
  if (plan.seats === null) {
    if (wanted === undefined) return 0;
    throw new Refusal({ code: 'plan_has_no_seats', message: `${plan.title} is not sold by the seat.`, field: 'seats' });
  }
  const enabled = enabledMembers(turn.facts).length;
  if (wanted !== undefined && wanted < enabled) {
    throw new Refusal({
      code: 'not_enough_seats',
      message: `${countOf(wanted, 'seat')} cannot cover ${countOf(enabled, 'enabled member')}.`,
      field: 'seats',
    });
  }
  return wanted ?? Math.max(1, enabled);
}

/** CRE-7: the cap that was asked for, else the catalog's default. Budgets start without one (BUD-1). */
function startingCaps(plan: Plan, capCents: number | undefined): Readonly<Record<string, number>> {
  const caps: Record<string, number> = {};
  for (const [meter, terms] of Object.entries(plan.caps)) {
    const cents = capCents ?? terms.defaultCents;
    if (cents !== null) caps[meter] = cents;
    else if (terms.required) {
      throw new Refusal({
        code: 'cap_required',
        message: `${plan.title} requires a spending cap for ${meter}.`,
        field: 'capCents',
      });
    }
  }
  if (capCents !== undefined && Object.keys(plan.caps).length === 0) {
    throw new Refusal({
      code: 'cap_not_offered',
      message: `${plan.title} has nothing to set a spending cap on.`,
      field: 'capCents',
    });
  }
  return caps;
}

/** Whether seats can be added and removed now. */
export function assertSeatsForSale(turn: Turn): void {
  const { account, subscription } = turn.facts;
  if (subscription === null) {
    throw new Refusal({
      code: 'not_subscribed',
      message: `The account ${account.accountId} is not on a paid plan, so it has no seats to change.`,
    });
  }
  if (planOf(turn.catalog, subscription).seats === null) {
    throw new Refusal({ code: 'plan_has_no_seats', message: `The plan ${subscription.plan} is not sold by the seat.` });
  }
  if (account.phase !== 'active') {
    throw new Refusal({ code: 'payment_failed', message: 'Seats can be changed again once the open invoice is paid.' });
  }
}
