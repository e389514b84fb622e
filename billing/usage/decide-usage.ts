import { addDays, addSeconds, formatDate, formatInstant, type Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import {
  assertBudgetOpen,
  assertRoom,
  chargePool,
  type ChargedUsage,
  takeUnits,
  type UsageMode,
} from './charge-usage.ts';
import { meterCycleAt } from './meter-cycle.ts';
import type { Facts, MeterCycle, NothingInForce } from '../model/facts.ts';
import { isPool, unitsPerUnit } from '../model/terms.ts';
import { type BalancePeriod, balancePeriodAt } from '../model/use-terms.ts';
import { Refusal } from '../refusal.ts';
import { accountClosed } from '../model/closed-account.ts';

type Head = Pick<Facts, 'account' | 'subscription'>;

/** What was used, before it is known what it costs. Exactly one of `quantity` (of the feature) and `credits` counts. */
export interface Usage {
  readonly feature: string;
  readonly quantity?: number | null;
  readonly credits?: number | null;
  readonly model?: string | null;
}

/** CRE-12: the oldest event that is taken, and how far a sender's clock may run ahead. */
const OLDEST_DAYS = 35;
const FUTURE_SECONDS = 300;

export interface PricedUsage {
  readonly meter: string;
  /** In the meter's smallest units. */
  readonly units: number;
}

/** CRE-2: what a feature's use consumes is catalog data; an event that states its credits itself may name any feature. */
export function priceUsage(catalog: Catalog, usage: Usage): PricedUsage {
  assertCount(usage.quantity, 'quantity');
  assertCount(usage.credits, 'credits');
  const feature = Object.hasOwn(catalog.features, usage.feature) ? catalog.features[usage.feature] : undefined;
  const meterName = feature?.meter ?? (usage.credits == null ? undefined : onlyPool(catalog));
  const meter = meterName === undefined ? undefined : catalog.meters[meterName];
  if (meterName === undefined || meter === undefined) {
    const known = Object.keys(catalog.features).join(', ');
    throw new Refusal({
      code: 'unknown_feature',
      message: `${catalog.name} has no feature "${usage.feature}"${known === '' ? '' : `; it has ${known}`}.`,
      field: 'feature',
    });
  }
  const each = usage.model == null ? feature?.quantity : (feature?.models?.[usage.model] ?? feature?.quantity);
  const units = usage.credits ?? (usage.quantity ?? 1) * (each ?? 1);
  const smallest = units * unitsPerUnit(meter);
  if (!Number.isSafeInteger(smallest)) throw notACount('quantity', smallest);
  return { meter: meterName, units: smallest };
}

function onlyPool(catalog: Catalog): string | undefined {
  return Object.keys(catalog.meters).find((name) => isPool(catalog, name));
}

/** @throws Refusal `invalid_request` unless it is left out, or a whole number from 1 on that is exact. */
export function assertCount(value: number | null | undefined, field: string): void {
  if (value != null && !(Number.isSafeInteger(value) && value > 0)) throw notACount(field, value);
}

function notACount(field: string, value: unknown): Refusal {
  return new Refusal({
    code: 'invalid_request',
    message: `${field}: expected a whole number from 1 to 2^53 − 1, found ${String(value)}.`,
    field,
  });
}

/** The oldest and the latest instant of an event that arrives now (CRE-12). */
export interface TimelyWindow {
  readonly from: Instant;
  readonly to: Instant;
}

export function timelyWindow(now: Instant): TimelyWindow {
  return { from: addDays(now, -OLDEST_DAYS), to: addSeconds(now, FUTURE_SECONDS) };
}

/** CRE-12. @throws Refusal `event_too_old` or `event_in_future`. */
export function assertTimely(
  occurredAt: Instant,
  signedUpAt: Instant,
  now: Instant,
  window: TimelyWindow = timelyWindow(now),
): void {
  if (occurredAt > window.to) {
    throw new Refusal({
      code: 'event_in_future',
      message: `${formatInstant(occurredAt)} is more than 5 minutes ahead of the current time, ${formatInstant(now)}.`,
      field: 'occurredAt',
    });
  }
  if (occurredAt < signedUpAt) {
    throw new Refusal({
      code: 'event_too_old',
      message: `${formatInstant(occurredAt)} is before the account signed up, on ${formatInstant(signedUpAt)}.`,
      field: 'occurredAt',
    });
  }
  if (occurredAt < window.from) {
    throw new Refusal({
      code: 'event_too_old',
      message: `${formatInstant(occurredAt)} is more than 35 days before the current time, ${formatInstant(now)}.`,
      field: 'occurredAt',
    });
  }
}

/**
 * Whether an account may use metered things now, and how that counts; facts are projected to now (see `projectTo`).
 * @throws Refusal naming why not: `account_closed`, `trial_ended`, `payment_failed`, `subscription_ended`, `not_subscribed`.
 */
export function usageModeOf(facts: Head, now: Instant): UsageMode {
  const { account, subscription } = facts;
  if (account.closedAt !== null) throw accountClosed(account.accountId);
  if (account.phase === 'trialing') return 'trial';
  if (account.phase === 'free' || account.phase === 'active') return 'paid';
  if (account.phase === 'past_due' && subscription !== null && subscription.firstPaidAt !== null)
    return 'included_only';
  if (account.phase === 'canceled' && account.blockedCode === null) {
    throw new Refusal({
      code: 'subscription_ended',
      message: `The subscription of ${account.accountId} has ended (as of ${formatInstant(now)}).`,
    });
  }
  const code = account.phase === 'past_due' ? 'payment_failed' : (account.blockedCode ?? 'not_subscribed');
  throw new Refusal({ code, message: BLOCKED[code] });
}

const BLOCKED: Readonly<Record<'trial_ended' | 'payment_failed' | 'not_subscribed', string>> = {
  trial_ended: 'Your trial has ended. Your data stays readable; subscribe to a plan to continue.',
  payment_failed: 'The last payment failed. An admin can pay the open invoice or change the card.',
  not_subscribed: 'The account has no active subscription.',
};

/**
 * How use counts that is dated within a period (CRE-12): a trial's is free whatever has become of the account (TRI-2); the running period's as the
 * account stands; late use of one that has ended as well, and that of a canceled account as long as its last invoice is a draft.
 * @throws Refusal naming why not: where nothing was in force with the reason of that time, and the limit that it met then.
 */
export function usageModeIn(
  facts: Head,
  catalog: Catalog,
  { period, meter, now }: { readonly period: BalancePeriod; readonly meter: string; readonly now: Instant },
): UsageMode {
  const { account } = facts;
  if (account.closedAt !== null) throw accountClosed(account.accountId);
  if (period.kind === 'trial') return 'trial';
  const isRunning = now < period.end && period.start <= now && now < period.holds.end;
  if (period.kind === 'none') {
    if (isRunning) usageModeOf(facts, now);
    throw nothingWasInForce(period, isPool(catalog, meter));
  }
  const mode = isLastDraftOpen(facts, catalog, now) ? 'paid' : usageModeOf(facts, now);
  if (period.meters[meter] !== undefined) return mode === 'trial' ? 'paid' : mode;
  throw new Refusal({ code: 'not_subscribed', message: `The plan does not include the meter ${meter}.` });
}

/** CRE-12: the end's own invoice waits for late use as any other does, of whatever terms there were before the end. */
function isLastDraftOpen({ account, subscription }: Head, catalog: Catalog, now: Instant): boolean {
  const ended = account.useTerms[account.useTerms.findLastIndex(({ kind }) => kind === 'paid') + 1];
  if (account.phase !== 'canceled' || subscription !== null || ended === undefined) return false;
  return now < addSeconds(ended.from, catalog.graceMinutes * 60);
}

const WAS_NOT_IN_FORCE: Readonly<Record<NothingInForce, string>> = {
  trial_ended: 'the trial had ended and there was no subscription yet',
  payment_failed: 'the account was suspended for a missed payment',
  subscription_ended: 'the subscription had ended',
  not_subscribed: 'there was no subscription yet',
};

/** Sent again after somebody subscribed, it is no use of what was paid since. */
function nothingWasInForce({ refusedWith, start }: BalancePeriod, isOfPool: boolean): Refusal {
  const code = refusedWith ?? 'not_subscribed';
  return new Refusal({
    code,
    limit: isOfPool ? 'spending_cap_reached' : 'budget_reached',
    message: `The event falls in a period without service: from ${formatDate(start)} (UTC) until the next subscription ${WAS_NOT_IN_FORCE[code]}.`,
    solve: 'Discard the event: usage without a plan is neither recorded nor charged.',
    field: 'occurredAt',
  });
}

/**
 * Whether metered work may begin now (BUD-2), as far as one balance tells: the running one of that meter.
 * @throws Refusal `budget_reached`, or why the account may use nothing at all.
 */
export function assertMeterOpen(
  facts: Head & Pick<Facts, 'meterCycles'>,
  catalog: Catalog,
  meter: string,
  now: Instant,
): void {
  const period = balancePeriodAt(facts.account, now);
  const mode = usageModeIn(facts, catalog, { period, meter, now });
  assertBudgetOpen(meterCycleAt(facts, meter, now), mode, catalog);
}

/** Whether a balance has place for one unit more now: of a pool, or of work that may begin (CRE-6, BUD-2). @throws Refusal naming why not. */
export function assertOneMore(facts: Head, catalog: Catalog, cycle: MeterCycle, now: Instant): void {
  const mode = usageModeOf(facts, now);
  if (isPool(catalog, cycle.meter)) assertRoom(cycle, 1, mode, catalog);
  else assertBudgetOpen(cycle, mode, catalog);
}

/** Charges one event to the balance that it belongs to (CRE-3 to CRE-6, BUD-1, BUD-2, TRI-2). */
export function chargeUsage(
  catalog: Catalog,
  { meter, units }: PricedUsage,
  cycle: MeterCycle,
  mode: UsageMode,
): ChargedUsage {
  if (isPool(catalog, meter)) return chargePool(cycle, units, mode, catalog);
  assertBudgetOpen(cycle, mode, catalog);
  // Taken whole: work that began in time may end beyond the budget (BUD-2).
  return takeUnits(cycle, units, mode);
}
