import { addDays, earliest, type Instant, latest } from '../calendar/instant.ts';
import { type Period, periodAt } from '../calendar/period.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Account, Facts, NothingInForce, Subscription, UseTerms } from './facts.ts';
import { allMeterTerms } from './terms.ts';
import { changeAccount, type Turn } from './turn.ts';

/** The half-open period of one balance, and the terms that it is opened under. */
export interface BalancePeriod extends Period {
  readonly kind: UseTerms['kind'];
  readonly refusedWith: NothingInForce | null;
  /** When the terms that it is a month of ended, for another kind or another anchor; null: they go on. */
  readonly termsEndedAt: Instant | null;
  readonly meters: UseTerms['meters'];
  readonly caps: UseTerms['caps'];
  /** The instants for which this is the answer: terms that come in between, as while payments failed, have periods of their own. */
  readonly holds: Period;
}

type Head = Pick<Facts, 'account' | 'subscription'>;

/** Late events reach back 35 days, into a month that began up to 31 days before. */
const KEPT_DAYS = 100;

/** The terms that facts put in force at an instant which they are true for. */
function termsAt({ account, subscription }: Head, catalog: Catalog, at: Instant): Omit<UseTerms, 'from'> {
  const nothing = { anchor: account.signedUpAt, meters: {}, caps: {} };
  // In force at once at a trial's end, but not when its first payment has failed (TRI-4).
  if (account.phase === 'past_due' && subscription?.firstPaidAt === null)
    return { ...nothing, kind: 'none', refusedWith: 'payment_failed' };
  if (account.closedAt !== null) return { ...nothing, kind: 'none', refusedWith: 'subscription_ended' };
  if (account.phase === 'canceled')
    return { ...nothing, kind: 'none', refusedWith: account.blockedCode ?? 'subscription_ended' };
  if (account.phase === 'trialing') return { ...nothing, kind: 'trial', refusedWith: null };
  if (account.phase === 'blocked')
    return { ...nothing, kind: 'none', refusedWith: account.blockedCode ?? 'not_subscribed' };
  const paid = subscriptionInForce({ account, subscription }, at);
  const anchor = paid?.anchor ?? account.signedUpAt;
  const meters = allMeterTerms(catalog, paid);
  return { kind: paid === null ? 'free' : 'paid', refusedWith: null, anchor, meters, caps: account.caps };
}

/** The subscription whose terms hold at an instant; one that is only scheduled, suspended, or unpaid so far, gives none. */
export function subscriptionInForce({ account, subscription }: Head, at: Instant): Subscription | null {
  if (subscription?.state !== 'running' || subscription.anchor > at) return null;
  return account.phase === 'active' || account.phase === 'past_due' ? subscription : null;
}

/**
 * Writes down what is in force from the turn's instant on, if that is something else than before. Paid terms that come after nothing reach back to
 * their anchor, because the cycle is the one that began when the plan was chosen (TRI-5); those of a month that was cut short when payments failed
 * go on as if it had not been (INV-6).
 */
export function noteUseTerms(turn: Turn): void {
  const { account } = turn.facts;
  const next = termsAt(turn.facts, turn.catalog, turn.at);
  const known = account.useTerms.filter(({ from }) => from < turn.at);
  const before = next.kind === 'paid' ? withoutGapBefore(known, next.anchor) : known;
  const last = before.at(-1);
  const gap = known[before.length];
  const reachesBack = next.kind === 'paid' && (last === undefined || last.kind === 'none');
  const from = gap?.from ?? (reachesBack ? earliest(next.anchor, turn.at) : turn.at);
  const after = last !== undefined && areSame(last, next) ? before : [...before, { from, ...next }];
  const kept = withoutOld(after, addDays(latest(turn.at, account.settledThrough), -KEPT_DAYS));
  const isUnchanged =
    kept.length === account.useTerms.length &&
    kept.every((terms, index) => {
      const other = account.useTerms[index];
      return other === terms || (other?.from === terms.from && areSame(other, terms));
    });
  if (!isUnchanged) changeAccount(turn, { useTerms: kept });
}

/** Extending a trial that has ended makes it go on as if it had not (TRI-8). */
export function reopenTrialTerms(turn: Turn): void {
  const { useTerms } = turn.facts.account;
  const ended = useTerms.findIndex(({ kind }) => kind !== 'trial');
  if (ended > 0) changeAccount(turn, { useTerms: useTerms.slice(0, ended) });
}

function withoutGapBefore(known: readonly UseTerms[], anchor: Instant): readonly UseTerms[] {
  const isGap = ({ kind, from }: UseTerms): boolean => kind === 'none' && from >= anchor;
  const lastKept = known.findLastIndex((terms) => !isGap(terms));
  return lastKept === known.length - 1 ? known : known.slice(0, lastKept + 1);
}

function withoutOld(known: readonly UseTerms[], horizon: Instant): readonly UseTerms[] {
  const [trial, ...others] = known;
  // A trial can be extended as long as nothing came after it, and is one period then (TRI-8).
  if (trial?.kind === 'trial' && others.length > 0 && others.every(({ kind }) => kind === 'none'))
    return [trial, ...withoutOld(others, horizon)];
  const first = known.findIndex((_, index) => {
    const next = known[index + 1];
    return next === undefined || next.from > horizon;
  });
  return first <= 0 ? known : known.slice(first);
}

function areSame(a: Omit<UseTerms, 'from'>, b: Omit<UseTerms, 'from'>): boolean {
  const told = ({ kind, refusedWith, anchor, meters, caps }: Omit<UseTerms, 'from'>): string =>
    JSON.stringify([kind, refusedWith, anchor, sorted(meters), sorted(caps)]);
  return told(a) === told(b);
}

function sorted<Value>(record: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Asked for with every event, and the same for all events of a month. Keyed by the list, which is a new one whenever something changes. */
const periodsOf = new WeakMap<readonly UseTerms[], { trialEndsAt: Instant | null; periods: BalancePeriod[] }>();

/** The balance that an instant belongs to: exactly one, whichever event comes first (CRE-4, CRE-12). */
export function balancePeriodAt({ useTerms, trialEndsAt }: Account, at: Instant): BalancePeriod {
  let known = periodsOf.get(useTerms);
  if (known?.trialEndsAt !== trialEndsAt) {
    known = { trialEndsAt, periods: [] };
    periodsOf.set(useTerms, known);
  }
  for (const period of known.periods) if (period.holds.start <= at && at < period.holds.end) return period;
  const found = workOut(useTerms, trialEndsAt, at);
  known.periods.push(found);
  return found;
}

/**
 * Terms that follow each other and have the same months. A subscription has one anchor, and is one run whatever came in between while payments failed:
 * its month has one base (INV-6).
 */
function runAround(
  useTerms: readonly UseTerms[],
  index: number,
  { kind, anchor }: UseTerms,
): { run: readonly UseTerms[]; termsEndedAt: Instant | null } {
  const isAlike = (other: UseTerms | undefined): boolean => other?.kind === kind && other.anchor === anchor;
  let [first, last] = [index, index];
  if (kind === 'paid') {
    first = useTerms.findIndex(isAlike);
    last = useTerms.findLastIndex(isAlike);
  } else {
    while (isAlike(useTerms[first - 1])) first--;
    while (isAlike(useTerms[last + 1])) last++;
  }
  const run = useTerms.slice(first, last + 1).filter(isAlike);
  return { run, termsEndedAt: useTerms[last + 1]?.from ?? null };
}

const LAST_INSTANT = '9999-12-31T23:59:59Z' as Instant;

function workOut(useTerms: readonly UseTerms[], trialEndsAt: Instant | null, at: Instant): BalancePeriod {
  const index = Math.max(
    0,
    useTerms.findLastIndex(({ from }) => from <= at),
  );
  const terms = useTerms[index];
  if (terms === undefined) throw new Error('an account has terms from its signup on');
  const { run, termsEndedAt } = runAround(useTerms, index, terms);
  const next = useTerms[index + 1]?.from ?? LAST_INSTANT;
  const first = run[0]?.from ?? terms.from;
  const { kind, refusedWith } = terms;
  if (kind === 'none') {
    const end = termsEndedAt ?? LAST_INSTANT;
    const holds = { start: terms.from, end: next };
    return { ...{ start: terms.from, end, kind, refusedWith, termsEndedAt, holds }, meters: {}, caps: {} };
  }
  const month =
    kind === 'trial'
      ? { start: terms.anchor, end: termsEndedAt ?? trialEndsAt ?? LAST_INSTANT }
      : periodAt(terms.anchor, 'month', latest(at, terms.anchor));
  const start = latest(month.start, first);
  const end = earliest(month.end, termsEndedAt ?? LAST_INSTANT);
  return {
    start,
    end,
    kind,
    refusedWith,
    termsEndedAt,
    meters: (run.findLast(({ from }) => from <= start) ?? terms).meters,
    caps: (run.findLast(({ from }) => from < end) ?? terms).caps,
    holds: { start: latest(start, terms.from), end: earliest(end, next) },
  };
}
