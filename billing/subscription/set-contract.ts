import type { Instant } from '../calendar/instant.ts';
import { cycleFrom } from '../calendar/period.ts';
import { isFreePlan } from '../catalog/catalog.ts';
import { nextMeterBoundary } from '../usage/meter-cycle.ts';
import type { Contract, NewTerms, Subscription } from '../model/facts.ts';
import {
  assertNothingAwaited,
  changeAccount,
  changeSubscription,
  planNamed,
  recordAudit,
  scheduleSubscription,
  subscriptionOf,
  type Turn,
} from '../model/turn.ts';
import { countOf } from '../model/counts.ts';
import { chargeStepMinor, formatAmount } from '../money/currency.ts';
import { Refusal } from '../refusal.ts';
import { enabledMembers, hasMembers } from '../seats/seats.ts';
import { changeTermsNow } from './change-terms.ts';
import type { CommandBodies } from '../model/command.ts';
import { dropSubscription, startSubscription } from './cycle.ts';
import { endSuspended, leavePaidPhase } from './decide-due.ts';

type Agreed = CommandBodies['setContract'];
type Result = Readonly<Record<string, unknown>>;

/**
 * CRE-18: an operator writes down what was agreed with one customer. It is the same product on the same engine, on its own terms. A first
 * contract begins at once, in a trial at its end; one that follows another begins at the next boundary. `startNow` begins either at once, and
 * what is paid already is credited (SBI-9).
 */
export function setContract(turn: Turn, agreed: Agreed): Result {
  const terms = termsOf(turn, agreed);
  assertNothingAwaited(turn);
  assertSeats(turn, agreed);
  if (terms.contract?.invoiceDueDays === null && turn.facts.account.paymentMethod === null) {
    throw new Refusal({
      code: 'payment_method_required',
      message: 'The account has no card. Set invoiceDueDays, or add a card first.',
      field: 'invoiceDueDays',
    });
  }
  endUnpaid(turn);
  const { subscription } = turn.facts;
  if (subscription === null) return begin(turn, terms, agreed.startNow === true);
  if (subscription.contract !== null && agreed.startNow !== true) return scheduleContract(turn, terms);
  if (turn.facts.account.phase !== 'active') {
    throw new Refusal({ code: 'payment_failed', message: 'A contract can begin once the open invoice is paid.' });
  }
  const cycle = changeTermsNow(turn, terms);
  return { plan: terms.plan, interval: terms.interval, startsAt: turn.at, cycle };
}

function termsOf(
  turn: Turn,
  { plan, interval, priceCents, seats, meters, invoiceDueDays, attributes }: Agreed,
): NewTerms {
  assertContractPlan(turn, plan);
  assertChargeable(turn, priceCents, 'priceCents');
  assertChargeable(turn, seats?.priceCents ?? 0, 'seats.priceCents');
  const agreedMeters = Object.entries(meters ?? {});
  const caps: Record<string, number> = {};
  for (const [meter, { overage, capCents }] of agreedMeters) {
    assertMeter(turn, meter);
    if (capCents == null) continue;
    if (overage == null) {
      const message = `${meter}: there is no overage price, so there is nothing to cap.`;
      throw new Refusal({ code: 'cap_not_offered', message, field: `meters.${meter}.capCents` });
    }
    caps[meter] = capCents;
  }
  const contract: Contract = {
    priceMinor: priceCents,
    seatPriceMinor: seats?.priceCents ?? null,
    meters: Object.fromEntries(
      agreedMeters.map(([meter, { includedPerMonth, overage }]) => [
        meter,
        { includedPerMonth, overage: overage ?? null },
      ]),
    ),
    invoiceDueDays: invoiceDueDays ?? null,
    attributes: attributes ?? {},
  };
  return { plan, interval, pack: null, contract, seats: seats?.count ?? null, caps };
}

/** A plan that customers take themselves has its terms in the catalog, for everybody. */
function assertContractPlan(turn: Turn, name: string): void {
  const plan = planNamed(turn.catalog, name);
  if (!plan.selfServe && !isFreePlan(plan)) return;
  throw new Refusal({
    code: 'invalid_request',
    message: `plan: ${plan.title} is sold on the terms of the catalog; a contract needs a plan with selfServe: false.`,
    field: 'plan',
  });
}

/** MON-1: some currencies cannot be charged to the last minor unit. */
function assertChargeable(turn: Turn, amountMinor: number, field: string): void {
  const { currency } = turn.catalog;
  const step = chargeStepMinor(currency);
  if (amountMinor % step === 0) return;
  const message = `${field}: expected a multiple of ${formatAmount(step, currency)}, the smallest amount that can be charged, found ${formatAmount(amountMinor, currency)}.`;
  throw new Refusal({ code: 'invalid_request', message, field });
}

function assertMeter(turn: Turn, meter: string): void {
  if (Object.hasOwn(turn.catalog.meters, meter)) return;
  const known = Object.keys(turn.catalog.meters).join(', ');
  throw new Refusal({
    code: 'unknown_meter',
    message: `There is no meter "${meter}"; the meters are ${known}.`,
    field: `meters.${meter}`,
  });
}

function assertSeats(turn: Turn, { seats }: Agreed): void {
  if (seats === undefined) return;
  if (!hasMembers(turn.catalog)) {
    throw new Refusal({
      code: 'plan_has_no_seats',
      message: `The catalog ${turn.catalog.name} sells no seats, so a contract on it cannot have any.`,
      field: 'seats',
    });
  }
  const enabled = enabledMembers(turn.facts).length;
  if (seats.count >= enabled) return;
  throw new Refusal({
    code: 'not_enough_seats',
    message: `${countOf(seats.count, 'seat')} cannot cover ${countOf(enabled, 'enabled member')}.`,
    field: 'seats.count',
  });
}

/** What was chosen and has not begun, or was never or is no longer paid, ends for the contract as if it were cancelled. */
function endUnpaid(turn: Turn): void {
  const { subscription } = turn.facts;
  if (subscription === null) return;
  if (subscription.state === 'scheduled') {
    dropSubscription(turn);
  } else if (subscription.state === 'suspended' || subscription.firstPaidAt === null) {
    leavePaidPhase(turn);
    endSuspended(turn);
  }
}

function begin(turn: Turn, terms: NewTerms, startNow: boolean): Result {
  const { account } = turn.facts;
  const startsAtTrialEnd = account.phase === 'trialing' && !startNow && account.trialEndsAt !== null;
  const anchor = startsAtTrialEnd ? account.trialEndsAt : turn.at;
  scheduleSubscription(turn, scheduled(terms, anchor, account.blockedCode));
  changeAccount(turn, { caps: terms.caps ?? {} });
  const { plan, interval, contract, seats, caps } = terms;
  recordAudit(turn, 'subscription.chosen', null, { plan, interval, contract, seats, caps, startsAt: anchor });
  if (!startsAtTrialEnd) startSubscription(turn);
  return { plan, interval, startsAt: anchor };
}

function scheduled(
  { plan, interval, pack, contract, seats }: NewTerms,
  anchor: Instant,
  blockedBefore: Subscription['blockedBefore'],
): Omit<Subscription, 'state'> {
  return {
    ...{ plan, interval, pack, contract, anchor },
    cycle: cycleFrom(anchor, interval, anchor),
    meterBoundaryAt: nextMeterBoundary(anchor, anchor),
    seatsAtStart: seats ?? 0,
    firstPaidAt: null,
    blockedBefore,
    recoveryEndsAt: null,
    change: null,
    ending: null,
    awaitedTerms: null,
  };
}

function scheduleContract(turn: Turn, terms: NewTerms): Result {
  const { cycle, change: before } = subscriptionOf(turn);
  const change = { kind: 'contract', terms } as const;
  // It was agreed that the customer stays: a cancellation of before is taken back with it.
  changeSubscription(turn, { change, ending: null });
  recordAudit(turn, 'subscription.change_scheduled', before, { at: cycle.end, ...change });
  return { plan: terms.plan, interval: terms.interval, startsAt: cycle.end };
}
