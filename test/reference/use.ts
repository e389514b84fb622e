import type { RefusalCode } from '../../billing/refusal-codes.ts';
import {
  type AccountState,
  type Balance,
  catalogOf,
  type Entry,
  type Span,
  tell,
  type UseAnswer,
  type Work,
} from './account-state.ts';
import { DAY, FURTHEST_AHEAD, HOUR, MINUTE, OLDEST_EVENT, type Second } from './calendar.ts';
import { compared, type Fraction, fraction, larger, minus, plus, smaller, ZERO } from './fraction.ts';
import { isMeasured, stepsPerUnit } from './offers.ts';
import { isPastDue } from './phase.ts';
import { no, Refused } from './refused.ts';
import { balanceAt, spanAt } from './terms-in-force.ts';

/** CRE-6: the only trace of a refusal is its count on the meter's cycle. */
export class RefusedAtLimit extends Refused {
  readonly balance: Balance;

  constructor(code: RefusalCode, balance: Balance) {
    super(code);
    this.balance = balance;
  }
}

export interface Asked {
  readonly id: string;
  readonly meter: string;
  /** In the meter's smallest units. */
  readonly units: number;
  readonly occurredAt: Second;
  readonly isDated: boolean;
  /** What makes two events the same (CRE-11). */
  readonly content: string;
}

/** How the account looks at an instant ahead if nothing more happens; given by whoever works boundaries off. */
export type Foresee = (state: AccountState, at: Second) => AccountState;

// ---- What a balance comes to ----

export function usedOf(balance: Balance): number {
  return balance.entries.reduce((sum, entry) => sum + entry.base, 0);
}

export function overageOf(balance: Balance): number {
  return balance.entries.reduce((sum, entry) => sum + entry.overage, 0);
}

export function heldIn(state: AccountState, key: string): number {
  return Object.values(state.works).reduce(
    (sum, work) => (work.balance === key && isOpenHold(work, state.now) ? sum + work.units : sum),
    0,
  );
}

export function isOpenHold(work: Work, now: Second): boolean {
  return work.kind === 'hold' && work.state === 'open' && now < work.expiresAt;
}

export function keyOf(balance: Balance): string {
  return `${balance.group}/${balance.start}/${balance.meter}`;
}

/** CRE-5, BUD-1: what so much overage costs, exactly; measured work is rounded up to whole units once. */
export function costOf(state: AccountState, balance: Balance, overage: number): Fraction {
  if (balance.price === null) return ZERO;
  const perUnit = stepsPerUnit(catalogOf(state), balance.meter);
  return fraction(BigInt(Math.ceil(overage / perUnit)) * BigInt(balance.price.cents), balance.price.per);
}

/**
 * What is owed of a balance's overage (CRE-8, BUD-2): what was used under a budget stays owed, and what running work used
 * beyond the budget of its time is never owed.
 */
export function owedOf(state: AccountState, balance: Balance): Fraction {
  if (balance.price === null) return ZERO;
  if (!isMeasured(catalogOf(state), balance.meter)) return costOf(state, balance, overageOf(balance));
  let [owed, overage, before] = [ZERO, 0, ZERO];
  for (const entry of balance.entries) {
    overage += entry.overage;
    const cost = costOf(state, balance, overage);
    const wanted = plus(owed, minus(cost, before));
    const most = entry.capCents === null ? wanted : larger(owed, fraction(entry.capCents));
    owed = smaller(wanted, most);
    before = cost;
  }
  return owed;
}

/** CRE-9, CRE-12: the last cap that was set before the balance's end. */
export function capOf(state: AccountState, balance: Balance): number | null {
  if (balance.capAhead !== undefined && balance.start > state.now) return balance.capAhead;
  const set = state.caps[balance.group]?.[balance.meter] ?? [];
  return set.findLast((cap) => cap.at < balance.end)?.cents ?? null;
}

/** What nobody uses or holds of the base (CRE-13). */
function freeBase(state: AccountState, balance: Balance): number {
  return Math.max(0, balance.base - usedOf(balance) - heldIn(state, keyOf(balance)));
}

/** What is held beyond the base: it counts against the cap as if it were used (CRE-6). */
function heldOverage(state: AccountState, balance: Balance): number {
  return Math.max(0, heldIn(state, keyOf(balance)) - Math.max(0, balance.base - usedOf(balance)));
}

// ---- Whether work may begin ----

/** The balance of an event's date, under the terms of its date (CRE-12). */
function balanceFor(state: AccountState, meter: string, at: Second, foresee: Foresee): Balance {
  const then = at > state.now ? foresee(state, at) : state;
  const span = spanAt(then, at);
  if (span === undefined) return no('event_too_old');
  refuseWhereNothingHolds(state, meter, span);
  const found = balanceAt(then, meter, span, at);
  if (found === null) throw new Refused('not_subscribed', limitOf(state, meter));
  if (then === state) return found;
  // A cycle that has not begun yet: opened ahead, as it will be if nothing more happens (CAL-1).
  const known = (state.balances[keyOf(found)] ??= found);
  known.capAhead = capOf({ ...then, now: at }, found);
  return known;
}

function limitOf(state: AccountState, meter: string): RefusalCode {
  return isMeasured(catalogOf(state), meter) ? 'budget_reached' : 'spending_cap_reached';
}

function refuseWhereNothingHolds(state: AccountState, meter: string, span: Span): void {
  if (span.kind === 'none') throw new Refused(reasonOf(span), limitOf(state, meter));
  const today = spanAt(state, state.now);
  if (span.kind !== 'paid' || today?.kind !== 'none') return;
  // Late use of paid terms that have ended, while nothing is in force.
  const ended = state.spans.findLast(({ kind }) => kind === 'paid')!.to!;
  const isInGrace = state.now < ended + catalogOf(state).graceMinutes * MINUTE;
  if (today.reason === 'subscription_ended' && state.subscription === null && isInGrace) return;
  throw new Refused(reasonOf(today), limitOf(state, meter));
}

function reasonOf(span: Span): RefusalCode {
  return span.reason ?? 'not_subscribed';
}

/** CRE-6, BUD-2: what is counted, or held, must fit whole; what is measured may begin as long as something is left. */
function assertRoom(state: AccountState, balance: Balance, units: number, isHold = false): void {
  if (balance.kind === 'trial') return;
  const catalog = catalogOf(state);
  const base = freeBase(state, balance);
  const overage = Math.max(0, units - base);
  const mayOverrun = isMeasured(catalog, balance.meter) && !isHold;
  if (overage === 0 && !mayOverrun) return;
  const limit = limitOf(state, balance.meter);
  if (mayOverrun) {
    if (base > 0) return;
    if (isPastDue(state)) no('payment_failed');
    if (balance.price === null) throw new RefusedAtLimit(limit, balance);
    const cap = capOf(state, balance);
    if (cap === null) return;
    const held = heldOverage(state, balance);
    const ahead = minus(costOf(state, balance, overageOf(balance) + held), costOf(state, balance, overageOf(balance)));
    if (compared(plus(owedOf(state, balance), ahead), fraction(cap)) >= 0) throw new RefusedAtLimit(limit, balance);
    return;
  }
  if (isPastDue(state)) no('payment_failed');
  if (balance.price === null) throw new RefusedAtLimit(limit, balance);
  const cap = capOf(state, balance);
  const used = overageOf(balance);
  const ahead = costOf(state, balance, used + heldOverage(state, balance) + overage);
  const cost = plus(owedOf(state, balance), minus(ahead, costOf(state, balance, used)));
  if (cap !== null && compared(cost, fraction(cap)) > 0) throw new RefusedAtLimit(limit, balance);
}

// ---- Events ----

export function recordUse(state: AccountState, asked: Asked, foresee: Foresee): UseAnswer {
  const known = state.works[asked.id];
  // CRE-11, CRE-13: one id names one piece of work, also that of a hold that is over.
  if (known !== undefined) return repeated(known, asked, 'event');
  if (asked.occurredAt > state.now + FURTHEST_AHEAD) no('event_in_future');
  if (asked.occurredAt < state.now - OLDEST_EVENT || asked.occurredAt < state.signedUpAt) no('event_too_old');
  if (state.closedAt !== null) no('account_closed');
  const balance = balanceFor(state, asked.meter, asked.occurredAt, foresee);
  assertRoom(state, balance, asked.units);
  const base = balance.kind === 'trial' ? 0 : Math.min(asked.units, Math.max(0, balance.base - usedOf(balance)));
  const answer = enter(state, balance, asked.id, asked.units, base);
  state.works[asked.id] = {
    ...workOf(asked, balance, answer),
    kind: 'event',
    state: 'recorded',
    expiresAt: 0,
  };
  return answer;
}

/** Whether measured work may begin; it counts nothing. */
export function assertMayBegin(state: AccountState, { meter, occurredAt }: Asked, foresee: Foresee): void {
  assertRoom(state, balanceFor(state, meter, occurredAt, foresee), 1);
}

function repeated(known: Work, asked: Asked, kind: Work['kind']): UseAnswer {
  const isSame = known.kind === kind && known.asked === asked.content;
  if (!isSame || (asked.isDated && asked.occurredAt !== known.occurredAt)) no('idempotency_conflict');
  return known.answer;
}

function workOf(asked: Asked, balance: Balance, answer: UseAnswer): Omit<Work, 'kind' | 'state' | 'expiresAt'> {
  const { content, occurredAt, units } = asked;
  return {
    asked: content,
    occurredAt,
    balance: keyOf(balance),
    units,
    answer,
    capturedAs: null,
    outcome: null,
    givenBack: null,
  };
}

/** Writes use down, and tells of the shares that it passes (CRE-15). */
function enter(state: AccountState, balance: Balance, id: string, units: number, base: number): UseAnswer {
  const before = sharesOf(state, balance);
  const entry: Entry = { id, base, overage: units - base, era: balance.era, capCents: capOf(state, balance) };
  balance.entries.push(entry);
  const perUnit = stepsPerUnit(catalogOf(state), balance.meter);
  if (balance.kind === 'trial') return { included: 0, overage: 0, trial: units / perUnit };
  if (balance.end > state.now) tellOfShares(state, balance, before);
  return { included: base / perUnit, overage: entry.overage / perUnit };
}

interface Share {
  readonly of: string;
  readonly key: string;
  readonly part: Fraction;
  readonly whole: Fraction;
}

function sharesOf(state: AccountState, balance: Balance): readonly Share[] {
  if (balance.kind === 'trial') return [];
  const cap = capOf(state, balance);
  const ofCap = isMeasured(catalogOf(state), balance.meter) ? 'budget' : 'cap';
  return [
    { of: balance.meter, key: balance.meter, part: fraction(usedOf(balance)), whole: fraction(balance.base) },
    ...(cap === null || balance.price === null
      ? []
      : [{ of: ofCap, key: `${ofCap} ${cap}`, part: owedOf(state, balance), whole: fraction(cap) }]),
  ];
}

function tellOfShares(state: AccountState, balance: Balance, before: readonly Share[]): void {
  for (const [index, { of, key, part, whole }] of sharesOf(state, balance).entries()) {
    if (whole.n === 0n) continue;
    for (const share of [50, 75, 90, 100]) {
      const mark = { n: whole.n * BigInt(share), d: whole.d * 100n };
      const isPassedNow = compared(before[index]!.part, mark) < 0 && compared(part, mark) >= 0;
      if (!isPassedNow || balance.told.includes(`${key} ${share}`)) continue;
      balance.told.push(`${key} ${share}`);
      tell(state, state.now, `${of}_${share}`);
    }
  }
}

// ---- Holds (CRE-13) ----

export function placeHold(state: AccountState, asked: Asked, expiresAt: Second, foresee: Foresee): Second {
  const known = state.works[asked.id];
  if (known !== undefined) {
    repeated(known, asked, 'hold');
    return known.expiresAt;
  }
  const balance = balanceFor(state, asked.meter, state.now, foresee);
  assertRoom(state, balance, asked.units, true);
  const answer = { included: 0, overage: 0 };
  state.works[asked.id] = { ...workOf(asked, balance, answer), kind: 'hold', state: 'open', expiresAt };
  return expiresAt;
}

export const HOLD_LASTS = HOUR;
export const LONGEST_HOLD = 35 * DAY;

/** Who began in time finishes: taken whatever has become of the cap, the payment or the phase. */
export function captureHold(
  state: AccountState,
  id: string,
  units: number | null,
  content: string,
): Record<string, number> {
  const hold = state.works[id];
  if (hold?.kind !== 'hold') return no('unknown_hold');
  const taken = units ?? hold.units;
  if (hold.state === 'captured' || hold.state === 'reversed') {
    if (hold.capturedAs !== content) no('idempotency_conflict');
    return hold.outcome!;
  }
  if (!isOpenHold(hold, state.now)) no('hold_not_open');
  if (taken > hold.units) no('invalid_request');
  if (state.closedAt !== null) no('account_closed');
  const balance = state.balances[hold.balance]!;
  // The hold's own place: the base first, whatever others hold of it.
  const base = balance.kind === 'trial' ? 0 : Math.min(taken, Math.max(0, balance.base - usedOf(balance)));
  hold.state = 'captured';
  hold.capturedAs = content;
  const answer = enter(state, balance, id, taken, base);
  const perUnit = stepsPerUnit(catalogOf(state), balance.meter);
  hold.outcome = { ...answer, released: (hold.units - taken) / perUnit };
  return hold.outcome;
}

export function releaseHold(state: AccountState, id: string): Record<string, number> {
  const hold = state.works[id];
  if (hold?.kind !== 'hold') return no('unknown_hold');
  if (hold.state === 'released') return hold.outcome!;
  if (!isOpenHold(hold, state.now)) no('hold_not_open');
  hold.state = 'released';
  const perUnit = stepsPerUnit(catalogOf(state), state.balances[hold.balance]!.meter);
  hold.outcome = { released: hold.units / perUnit };
  return hold.outcome;
}

// ---- Reversals (CRE-14) ----

/**
 * As if the event had never been: its units come back to overage first, to what this event can have caused, which is what
 * accrued since the last bigger pack before it was recorded; the rest comes back to the base.
 */
export function reverseUse(state: AccountState, id: string): UseAnswer {
  const work = state.works[id];
  if (work?.givenBack != null) return work.givenBack;
  if (state.closedAt !== null) no('account_closed');
  if (work === undefined) return no('unknown_event');
  if (work.state !== 'recorded' && work.state !== 'captured') no('unknown_event');
  const balance = state.balances[work.balance]!;
  const entry = balance.entries.find((candidate) => candidate.id === id)!;
  const units = entry.base + entry.overage;
  balance.entries.splice(balance.entries.indexOf(entry), 1);
  const perUnit = stepsPerUnit(catalogOf(state), balance.meter);
  work.state = 'reversed';
  if (balance.kind === 'trial') return (work.givenBack = { included: 0, overage: 0, trial: units / perUnit });
  let left = entry.base;
  for (const other of balance.entries) {
    if (other.era < entry.era) continue;
    const moved = Math.min(left, other.overage);
    other.overage -= moved;
    other.base += moved;
    left -= moved;
  }
  return (work.givenBack = { included: left / perUnit, overage: (units - left) / perUnit });
}

/**
 * CRE-16: a bigger pack within a month. Accrued overage keeps its rate, and so does what follows; a credit that is only held
 * does not, unless held use reaches into overage even beside the new base and the new rate is dearer.
 */
export function enlarge(state: AccountState, balance: Balance, more: number, price: Balance['price']): void {
  balance.base += more * stepsPerUnit(catalogOf(state), balance.meter);
  balance.era += 1;
  const [old, next] = [costOf(state, balance, 1), costOf(state, { ...balance, price }, 1)];
  const keeps = overageOf(balance) > 0 || (heldOverage(state, balance) > 0 && compared(next, old) > 0);
  if (!keeps) balance.price = price;
}
