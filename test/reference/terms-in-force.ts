import type { RefusalCode } from '../../billing/refusal-codes.ts';
import { type AccountState, type Balance, catalogOf, type MeterTerms, type Span } from './account-state.ts';
import { monthAt, monthOf, type Second } from './calendar.ts';
import { stepsPerUnit } from './offers.ts';

export interface NewTerms {
  readonly kind: Span['kind'];
  readonly anchor?: Second;
  readonly reason?: RefusalCode;
  readonly meters?: Record<string, MeterTerms>;
  /** A group that goes on after it was suspended. */
  readonly resumed?: { readonly group: string; readonly groupFrom: Second };
}

/** Writes down which terms hold from an instant on; what held until then ends there. */
export function beginTerms(state: AccountState, from: Second, terms: NewTerms): Span {
  const before = spanAt(state, from);
  for (let last = state.spans.at(-1); last !== undefined && last.from >= from; last = state.spans.at(-1)) {
    endTerms(state, last, from);
    state.spans.pop();
  }
  const last = state.spans.at(-1);
  if (last !== undefined) endTerms(state, last, from);
  const span: Span = {
    kind: terms.kind,
    from,
    to: null,
    group: terms.resumed?.group ?? `${terms.kind}@${from}`,
    groupFrom: terms.resumed?.groupFrom ?? from,
    anchor: terms.anchor ?? from,
    reason: terms.reason ?? null,
    pieces: [{ from, meters: terms.meters ?? {} }],
  };
  state.spans.push(span);
  if (before !== undefined && terms.kind !== 'none') takeOver(state, before, span, from);
  refreshBalances(state, span, from);
  return span;
}

/** CRE-4: a balance that began in that very second goes on under the new terms. A trial's never does (TRI-2). */
function takeOver(state: AccountState, before: Span, span: Span, at: Second): void {
  if (before.group === span.group || before.kind === 'trial') return;
  for (const [key, balance] of Object.entries(state.balances)) {
    if (balance.group !== before.group || balance.start !== at) continue;
    move(state, key, span.group);
  }
}

function move(state: AccountState, key: string, group: string): void {
  const balance = state.balances[key]!;
  const moved = balanceKey(group, balance.start, balance.meter);
  state.balances[moved] ??= { ...balance, group };
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record by key is plain data, which a Map would not be
  delete state.balances[key];
  for (const work of Object.values(state.works)) if (work.balance === key) work.balance = moved;
}

function endTerms(state: AccountState, span: Span, at: Second): void {
  span.to = at;
  for (const balance of Object.values(state.balances)) {
    if (balance.group === span.group && balance.end > at) balance.end = Math.max(at, balance.start);
  }
}

/** The terms that hold at an instant, by what is known now. */
export function spanAt(state: AccountState, at: Second): Span | undefined {
  return state.spans.findLast((span) => span.from <= at && (span.to === null || at < span.to));
}

/** A renewal, a smaller pack, another price list: terms that follow at a boundary cut nothing. */
export function addPiece(span: Span, from: Second, meters: Record<string, MeterTerms>): void {
  if (span.pieces.at(-1)?.from === from) span.pieces.pop();
  span.pieces.push({ from, meters });
}

/** When a month of use begins and ends: a month of the anchor, or what of it these terms hold for. */
export function monthWithin(state: AccountState, span: Span, at: Second): { start: Second; end: Second } {
  // A subscription's months go on where they were after it was suspended (INV-6).
  const { to } = state.spans.findLast(({ group }) => group === span.group) ?? span;
  if (span.kind === 'trial') return { start: span.groupFrom, end: to ?? Infinity };
  const month = monthAt(span.anchor, at);
  const end = monthOf(span.anchor, month + 1);
  return {
    start: Math.max(monthOf(span.anchor, month), span.groupFrom),
    end: to === null ? end : Math.min(end, to),
  };
}

/** What is included and what more costs in a month of use: the terms in force at its first instant. */
function metersFrom(state: AccountState, group: string, start: Second): Record<string, MeterTerms> {
  const pieces = state.spans.filter((span) => span.group === group).flatMap((span) => span.pieces);
  return (pieces.findLast((piece) => piece.from <= start) ?? pieces[0])?.meters ?? {};
}

/** The balance that an instant belongs to; null where the terms say nothing of the meter. */
export function balanceAt(state: AccountState, meter: string, span: Span, at: Second): Balance | null {
  const { start, end } = monthWithin(state, span, at);
  const key = balanceKey(span.group, start, meter);
  const known = state.balances[key];
  if (known !== undefined) return known;
  const terms = metersFrom(state, span.group, start)[meter];
  if (terms === undefined && span.kind !== 'trial') return null;
  const balance: Balance = {
    meter,
    group: span.group,
    start,
    end,
    kind: span.kind,
    base: (terms?.included ?? 0) * stepsPerUnit(catalogOf(state), meter),
    price: terms?.price ?? null,
    entries: [],
    era: 0,
    refusals: 0,
    told: [],
  };
  state.balances[key] = balance;
  return balance;
}

export function balanceKey(group: string, start: Second, meter: string): string {
  return `${group}/${start}/${meter}`;
}

/** Balances that were opened before their terms were known for sure: ahead of their month, or in the second of a change. */
export function refreshBalances(state: AccountState, span: Span, at: Second): void {
  const { start, end } = monthWithin(state, span, at);
  // What was foreseen to begin here under terms that did not come is of these.
  const groups = new Set(state.spans.map(({ group }) => group));
  for (const [key, balance] of Object.entries(state.balances))
    if (start === at && balance.start === at && balance.kind !== 'trial' && !groups.has(balance.group))
      move(state, key, span.group);
  for (const balance of Object.values(state.balances)) {
    if (balance.group !== span.group || balance.start !== start) continue;
    balance.end = end;
    if (start !== at) continue;
    const terms = metersFrom(state, span.group, start)[balance.meter];
    balance.kind = span.kind;
    balance.price = terms?.price ?? null;
    // What was taken of a base before stays of it.
    const used = balance.entries.reduce((sum, entry) => sum + entry.base, 0);
    balance.base = Math.max(used, (terms?.included ?? 0) * stepsPerUnit(catalogOf(state), balance.meter));
  }
}
