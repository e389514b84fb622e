import type { Plan } from '../../billing/catalog/catalog.ts';
import {
  type AccountState,
  catalogOf,
  type Change,
  type Contract,
  type Interval,
  type Line,
  type Subscription,
  tell,
} from './account-state.ts';
import type { Second } from './calendar.ts';
import { fraction, roundedDown } from './fraction.ts';
import { isTaken, lineOf, prorated, soldThings, waitingAt } from './invoices.ts';
import { capTermsOf, metersOf, planOf, pricesOf } from './offers.ts';
import { assertPaid } from './paying-now.ts';
import { issueDrafts } from './payments.ts';
import { isPastDue } from './phase.ts';
import { no } from './refused.ts';
import { enabledOf, freeLimit, removeLeaving } from './seats.ts';
import {
  advanceOf,
  advanceThing,
  beginPaidTerms,
  cycleOf,
  endSubscription,
  incompatibility,
  makeStartInvoice,
  moveToSuccessor,
} from './subscription-life.ts';
import { addPiece, balanceAt, spanAt } from './terms-in-force.ts';
import { takeContractSeats } from './timeline.ts';
import { enlarge } from './use.ts';

export interface Subscribe {
  readonly plan: string;
  readonly interval?: Interval;
  readonly seats?: number;
  readonly pack?: string;
  readonly capCents?: number;
  readonly startNow?: boolean;
}

// ---- Choosing a plan (TRI-4, TRI-5, SBI-10) ----

export function subscribe(state: AccountState, at: Second, asked: Subscribe): void {
  const plan = sellable(state, asked.plan);
  if (state.subscription !== null) no('already_subscribed');
  const pack = packOf(plan, asked.pack);
  const interval = asked.interval ?? firstInterval(plan, pack);
  const choice = { plan: plan.name, interval, pack, contract: null };
  assertSold(state, plan, choice);
  const chosenCaps = chosenCapsOf(state, choice, asked.capCents);
  if (plan.seats === null && asked.seats !== undefined) no('plan_has_no_seats');
  const enabled = enabledOf(state).length;
  const quantity = asked.seats ?? Math.max(1, enabled);
  if (plan.seats !== null && quantity < enabled) no('not_enough_seats');
  if (state.card === null) no('payment_method_required');
  const seats = plan.seats === null ? null : { quantity, leavingFree: 0 };
  choose(state, at, { ...choice, chosenCaps, seats, startNow: asked.startNow === true });
}

interface Chosen extends Pick<Subscription, 'plan' | 'interval' | 'pack' | 'contract' | 'chosenCaps' | 'seats'> {
  readonly startNow: boolean;
}

function choose(state: AccountState, at: Second, { startNow, ...chosen }: Chosen): void {
  const span = spanAt(state, at);
  const isTrial = span?.kind === 'trial';
  state.serials += 1;
  const subscription: Subscription = {
    ...chosen,
    state: isTrial && !startNow ? 'scheduled' : 'waiting',
    serial: state.serials,
    anchor: at,
    month: 0,
    cycleMonth: 0,
    group: null,
    groupFrom: at,
    firstInvoice: null,
    isFirstPaid: false,
    ending: null,
    change: null,
    before: span?.kind === 'none' ? (span.reason ?? 'not_subscribed') : 'trial_ended',
    until: null,
  };
  state.subscription = subscription;
  if (subscription.state === 'scheduled') return;
  issueDrafts(state, at);
  makeStartInvoice(state, subscription, at);
}

function sellable(state: AccountState, name: string): Plan {
  const plan = planOf(catalogOf(state), name);
  if (plan === undefined) return no('unknown_plan');
  if (!plan.selfServe) no('plan_not_self_serve');
  return plan;
}

function packOf(plan: Plan, asked: string | undefined): string | null {
  const packs = plan.packs ?? {};
  if (asked !== undefined && !Object.hasOwn(packs, asked)) no('unknown_pack');
  return asked ?? Object.keys(packs)[0] ?? null;
}

function firstInterval(plan: Plan, pack: string | null): Interval {
  const prices = pack === null ? plan.seats?.prices : plan.packs?.[pack]?.prices;
  return prices?.month === undefined && prices?.year !== undefined ? 'year' : 'month';
}

/** CRE-17: an interval without a price is not sold. */
function assertSold(state: AccountState, plan: Plan, choice: Change): void {
  const { base, seat } = pricesOf(catalogOf(state), choice);
  if ((plan.packs === null ? seat : base) === null) no('interval_not_offered');
}

/** CRE-7: the cap of the pack's credits; 0 means no overage. */
function chosenCapsOf(state: AccountState, choice: Change, capCents: number | undefined): Record<string, number> {
  const pack = choice.pack === null ? null : planOf(catalogOf(state), choice.plan)!.packs![choice.pack]!;
  const [meter] = Object.keys(pack?.included ?? {});
  const offered = meter === undefined ? null : capTermsOf(catalogOf(state), choice, meter);
  if (capCents !== undefined) {
    if (meter === undefined || offered === null) return no('cap_not_offered');
    return { [meter]: capCents };
  }
  for (const name of Object.keys(metersOf(catalogOf(state), choice))) {
    const terms = capTermsOf(catalogOf(state), choice, name);
    if (terms?.required === true && terms.defaultCents === null) no('cap_required');
  }
  return {};
}

// ---- Ending, and taking that back (CRE-19) ----

export function cancel(state: AccountState, at: Second): void {
  const { subscription } = state;
  if (subscription === null) return no('not_subscribed');
  if (subscription.state !== 'active' || !subscription.isFirstPaid) {
    endSubscription(state, at, { how: 'cancelled' });
    return;
  }
  // Who has been chosen to stay on Free stays (SBI-10).
  subscription.ending ??= { keep: null };
}

export function resumeSubscription(state: AccountState): void {
  if (state.subscription === null) return no('not_subscribed');
  const { subscription } = state;
  if (subscription.ending !== null) {
    subscription.ending = null;
    return;
  }
  // Where nothing ends, it is a scheduled change that is taken back.
  if (subscription.change === null) no('no_change');
  subscription.change = null;
}

// ---- Changing what is bought ----

export interface ChangePlan {
  readonly plan?: string;
  readonly interval?: Interval;
  readonly pack?: string;
  readonly keep?: readonly string[];
}

export function changePlan(state: AccountState, at: Second, asked: ChangePlan): void {
  const { subscription } = state;
  if (subscription === null) return no('not_subscribed');
  if (asked.plan !== undefined && asked.plan === catalogOf(state).defaultPlan) {
    scheduleFree(state, at, subscription, asked.keep);
    return;
  }
  // A customer may leave a contract, but not change it (CRE-18).
  if (subscription.contract !== null) no('plan_not_self_serve');
  const plan = sellable(state, asked.plan ?? subscription.plan);
  const isSamePlan = plan.name === subscription.plan;
  const pack = isSamePlan && asked.pack === undefined ? subscription.pack : packOf(plan, asked.pack);
  const choice = { plan: plan.name, interval: asked.interval ?? subscription.interval, pack, contract: null };
  assertSold(state, plan, choice);
  if (choice.plan === subscription.plan && choice.interval === subscription.interval && pack === subscription.pack) {
    if (subscription.change === null) no('no_change');
    subscription.change = null;
    return;
  }
  if (subscription.state === 'scheduled') {
    Object.assign(subscription, choice);
    return;
  }
  if (subscription.state !== 'active' || !subscription.isFirstPaid || isPastDue(state)) no('payment_failed');
  const isYearNow = choice.interval === 'year' && subscription.interval === 'month';
  const isPackUp = pack !== null && isSamePlan && priceOf(state, choice) > priceOf(state, subscription);
  if (isYearNow || isPackUp) {
    issueDrafts(state, at);
    if (isYearNow) changeToYear(state, subscription, at, choice.interval);
    else enlargePack(state, subscription, at, pack!);
    return;
  }
  subscription.change = choice;
}

function priceOf(state: AccountState, choice: Change): number {
  return pricesOf(catalogOf(state), choice).base ?? 0;
}

/** SBI-10: at the cycle's end; whom an admin chooses must be enabled, and no more than there is room for. */
function scheduleFree(
  state: AccountState,
  at: Second,
  subscription: Subscription,
  asked: readonly string[] | undefined,
): void {
  // Nobody chosen: who stays is found as if none had been asked for.
  const keep = asked === undefined || asked.length === 0 ? null : [...asked];
  const enabled = enabledOf(state).map((member) => member.id);
  if (keep?.some((id) => state.members.every((member) => member.id !== id)) === true) no('unknown_member');
  if (keep?.some((id) => !enabled.includes(id)) === true) no('invalid_request');
  if (keep !== null && keep.length > (freeLimit(state) ?? Infinity)) no('invalid_request');
  if (subscription.state !== 'active' || !subscription.isFirstPaid) {
    endSubscription(state, at, { how: 'cancelled', keep });
    return;
  }
  subscription.ending = { keep };
}

/** CRE-16: the price's and the credits' difference for what is left of the cycle, credits rounded down. */
function enlargePack(state: AccountState, subscription: Subscription, at: Second, pack: string): void {
  const catalog = catalogOf(state);
  const cycle = cycleOf(subscription);
  const next = { plan: subscription.plan, interval: subscription.interval, pack, contract: null };
  const more = priceOf(state, next) - priceOf(state, subscription);
  const thing = advanceThing(subscription);
  const price = prorated(state, fraction(more), at, cycle);
  const line = lineOf('proration', price, at, cycle.to, thing);
  const lines = [...waitingAt(state, at).any, line];
  assertPaid(
    state,
    at,
    { purpose: 'plan-change', from: at, to: cycle.to, lines, failure: 'pack_payment_failed' },
    () => {
      const span = spanAt(state, at)!;
      const before = metersOf(catalog, subscription);
      const after = metersOf(catalog, next);
      for (const [meter, terms] of Object.entries(after)) {
        const balance = balanceAt(state, meter, span, at)!;
        const difference = terms.included - (before[meter]?.included ?? 0);
        if (difference === 0 && terms.price === before[meter]?.price) continue;
        const share = { n: BigInt(difference) * BigInt(cycle.to - at), d: BigInt(cycle.to - cycle.from) };
        enlarge(state, balance, roundedDown(share), terms.price);
      }
      subscription.pack = pack;
      if (subscription.change?.plan === subscription.plan) subscription.change = null;
      addPiece(span, at, after);
    },
  );
}

/** SBI-9: now, as one invoice: what waits, the unused part of the month, and the year from a new anchor. */
function changeToYear(state: AccountState, subscription: Subscription, at: Second, interval: Interval): void {
  replaceNow(state, at, { ...subscription, interval, change: null, ending: null, serial: state.serials + 1 });
}

/** Terms that begin now in the place of paid ones: the unused part of what was paid is credited (SBI-9, CRE-18). */
function replaceNow(state: AccountState, at: Second, next: Subscription): void {
  const before = state.subscription!;
  const leaving = (before.seats?.leavingFree ?? 0) + enabledOf(state).filter((member) => member.leaving).length;
  const unused = unusedPart(state, before, at);
  const seats =
    next.contract === null && before.seats !== null
      ? { quantity: before.seats.quantity - leaving, leavingFree: 0 }
      : next.seats;
  const after: Subscription = { ...next, seats, anchor: at, month: 0, cycleMonth: 0 };
  const span = spanAt(state, at);
  // The month that ends now is closed for this invoice; where it is not paid, it goes on.
  const ends = Object.values(state.balances).filter(
    ({ group, start, end }) => group === before.group && start < at && end > at,
  );
  const endsBefore = ends.map((balance) => balance.end);
  for (const balance of ends) balance.end = at;
  const { any, boundary } = waitingAt(state, at);
  const { from, to } = cycleOf(after);
  const advance = advanceThing(after);
  const lines = [...boundary, ...any, ...unused, ...advanceOf(state, after)];
  try {
    assertPaid(
      state,
      at,
      {
        purpose: 'plan-change',
        from,
        to,
        lines,
        advance,
        dueDays: after.contract?.invoiceDueDays ?? null,
        failure: 'plan_payment_failed',
      },
      () => {
        removeLeaving(state);
        const credited = -unused.reduce((sum, line) => sum + line.amount, 0);
        const sold = state.advances[advanceThing(before)];
        if (sold !== undefined) sold.unused += credited;
        state.serials += 1;
        // What of it was not paid is still owed under what follows.
        for (const invoice of state.invoices) {
          if (invoice.failedUnder === before.serial) invoice.failedUnder = after.serial;
        }
        state.subscription = after;
        after.chosenCaps = currentCaps(state, before, after);
        beginPaidTerms(state, after, at);
      },
    );
  } finally {
    if (state.subscription === before) {
      for (const [index, balance] of ends.entries()) balance.end = endsBefore[index]!;
    }
  }
  if (span === undefined) throw new Error('paid terms end, but none were in force');
}

/** A change of interval keeps the caps; a contract brings its own. */
function currentCaps(state: AccountState, before: Subscription, after: Subscription): Record<string, number | null> {
  if (after.contract !== null) return {};
  const caps = Object.entries(state.caps[before.group ?? ''] ?? {});
  return Object.fromEntries(caps.map(([meter, set]) => [meter, set.at(-1)?.cents ?? null]));
}

/** Up to what the credit notes left of the cycle's price (INV-7). */
function unusedPart(state: AccountState, before: Subscription, at: Second): readonly Line[] {
  const cycle = cycleOf(before);
  const { base, seat } = pricesOf(catalogOf(state), before);
  const thing = advanceThing(before);
  // What waits for the same invoice is still to be paid.
  const waiting = state.prorations.filter(({ id, line }) => line.thing === thing && !isTaken(state, id));
  const pending = waiting.reduce((sum, { line }) => sum + line.amount, 0);
  let left = Math.max(0, (soldThings(state).get(thing)?.left ?? 0) + pending);
  const parts: [number, number][] = [
    [1, base ?? 0],
    [before.seats?.quantity ?? 0, seat ?? 0],
  ];
  return parts.flatMap(([quantity, price]) => {
    const part = Math.min(left, prorated(state, fraction(BigInt(price) * BigInt(quantity)), at, cycle));
    left -= part;
    return part === 0 ? [] : [{ ...lineOf('credit', -part, at, cycle.to, thing), quantity }];
  });
}

// ---- Contracts (CRE-18) ----

export function setContract(
  state: AccountState,
  at: Second,
  { startNow, ...contract }: Contract & { startNow: boolean },
): { startsAt: Second } {
  const plan = planOf(catalogOf(state), contract.plan);
  if (plan === undefined) return no('unknown_plan');
  if (plan.selfServe) no('invalid_request');
  for (const meter of Object.keys(contract.meters)) {
    if (!Object.hasOwn(catalogOf(state).meters, meter)) no('unknown_meter');
  }
  // Fewer seats than there are enabled members are refused when a contract is made.
  if (contract.seats !== null && contract.seats.count < enabledOf(state).length) no('not_enough_seats');
  if (state.card === null && contract.invoiceDueDays === null) no('payment_method_required');
  let { subscription } = state;
  const isOver = subscription !== null && (subscription.state === 'suspended' || isNeverPaid(subscription));
  const beginsNow = subscription?.contract == null || startNow;
  if (!isOver && subscription?.state === 'active' && beginsNow && isPastDue(state)) no('payment_failed');
  if (subscription?.state === 'scheduled') {
    state.subscription = null;
    if (state.successor !== null) moveToSuccessor(state, at, null);
  } else if (isOver) endSubscription(state, at, { how: 'cancelled' });
  ({ subscription } = state);
  const terms = { plan: contract.plan, interval: contract.interval, pack: null, contract };
  if (subscription === null) {
    const chosen = { ...terms, chosenCaps: {}, seats: null, startNow };
    chooseContract(state, at, chosen);
    return { startsAt: startOf(state, at) };
  }
  if (subscription.contract !== null && !startNow) {
    subscription.change = terms;
    subscription.ending = null;
    return { startsAt: cycleOf(subscription).to };
  }
  const next = {
    ...subscription,
    ...terms,
    chosenCaps: {},
    serial: state.serials + 1,
    change: null,
    ending: null,
  };
  takeContractSeats(state, next);
  issueDrafts(state, at);
  replaceNow(state, at, next);
  return { startsAt: at };
}

function isNeverPaid(subscription: Subscription): boolean {
  return subscription.state !== 'scheduled' && !subscription.isFirstPaid;
}

function chooseContract(state: AccountState, at: Second, chosen: Chosen): void {
  const agreed = chosen.contract!.seats;
  const seats = agreed === null ? null : { quantity: Math.max(agreed.count, enabledOf(state).length), leavingFree: 0 };
  choose(state, at, { ...chosen, seats });
}

function startOf(state: AccountState, at: Second): Second {
  const span = spanAt(state, at);
  return state.subscription?.state === 'scheduled' && span?.kind === 'trial' ? span.to! : at;
}

// ---- Caps and budgets (CRE-8, BUD-1) ----

export function setCap(state: AccountState, at: Second, meter: string, cents: number | null): void {
  const { subscription } = state;
  if (subscription === null) return no('not_subscribed');
  if (!Object.hasOwn(catalogOf(state).meters, meter)) no('unknown_meter');
  const terms = capTermsOf(catalogOf(state), subscription, meter);
  if (terms === null) return no('cap_not_offered');
  if (cents === null && terms.required) no('cap_required');
  const set = subscription.group === null ? undefined : state.caps[subscription.group]?.[meter];
  if (set === undefined) subscription.chosenCaps[meter] = cents;
  else set.push({ at, cents });
}

// ---- Another version of the catalog (CAT-2) ----

export function migrateCatalog(
  state: AccountState,
  at: Second,
  asked: number | undefined,
): { version: number; effective: 'now' | 'cycle_end'; at?: Second } {
  const version = asked ?? state.catalogs.length;
  if (version > state.catalogs.length) no('unknown_catalog_version');
  if (version === state.version) {
    if (state.successor === null) no('no_change');
    state.successor = null;
    return { version, effective: 'now' };
  }
  if (version === state.successor) no('no_change');
  const { subscription } = state;
  const reason = incompatibility(state, version, subscription);
  if (reason !== null) no(reason);
  state.successor = version;
  if (subscription === null) {
    moveToSuccessor(state, at, null);
    return { version, effective: 'now' };
  }
  tell(state, at, 'catalog_migration_scheduled');
  const span = spanAt(state, at);
  const from = subscription.state === 'scheduled' ? span!.to! : null;
  const cycle = cycleOf(from === null ? subscription : { ...subscription, anchor: from });
  return { version, effective: 'cycle_end', at: cycle.to };
}
