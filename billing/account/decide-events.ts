import { earliest, type Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { UsageParts } from '../credits/charge-usage.ts';
import { shareNotices, type ShareNotice } from '../credits/share-notices.ts';
import type { Facts, MeterCycle } from '../facts/facts.ts';
import { unitsPerUnit } from '../facts/terms.ts';
import { Refusal } from '../refusal.ts';
import { type BalanceChange, BalanceSheet, withCycles } from './balance-sheet.ts';
import { assertTimely, assertUsable, type PricedUsage, priceUsage } from './decide-usage.ts';

/** One event as its sender says it, well-formed. */
export interface UsageEvent {
  readonly eventId: string;
  readonly feature: string;
  readonly quantity: number | null;
  readonly credits: number | null;
  readonly memberId: string | null;
  readonly model: string | null;
  /** Null: when it arrived. */
  readonly occurredAt: Instant | null;
  /** Of everything above but the date, as it was sent: the same id with another digest is another event (CRE-11). */
  readonly digest: string;
  /** Set where the product does not price it by a feature: metered runs. */
  readonly metered: PricedUsage | null;
}

/** An event of the ledger. `digest` is null for those from before bodies were compared by it. */
export interface RecordedEvent extends UsageParts {
  readonly eventId: string;
  readonly digest: string | null;
  readonly feature: string;
  readonly meter: string;
  readonly units: number;
  readonly memberId: string | null;
  readonly model: string | null;
  readonly occurredAt: Instant;
}

/** How an event was taken, in the meter's units; the parts add up to it (CRE-3). */
export interface UsageAnswer {
  readonly meter: string;
  readonly included: number;
  readonly overage: number;
  readonly trial: number;
}

export type EventOutcome =
  | ({ readonly status: 'accepted' | 'duplicate' } & UsageAnswer)
  | { readonly status: 'refused'; readonly refusal: Refusal };

export interface LedgerEntry extends RecordedEvent {
  readonly recordedAt: Instant;
  readonly cycleStart: Instant;
}

/** Events that arrived together. */
export interface Arrival {
  readonly now: Instant;
  readonly events: readonly UsageEvent[];
}

export interface EventsDecision {
  /** For each arrival, for each of its events. */
  readonly outcomes: readonly (readonly EventOutcome[])[];
  readonly balances: readonly BalanceChange[];
  readonly entries: readonly LedgerEntry[];
  readonly notices: readonly ShareNotice[];
}

/** What the events of one account are decided on. */
export interface UsageGround {
  readonly catalog: Catalog;
  /** Projected to the last arrival's instant (see `projectTo`). */
  readonly facts: Pick<Facts, 'account' | 'subscription'>;
  /** The balances as they are stored. */
  readonly meterCycles: readonly MeterCycle[];
  /** Those of the arrivals' events that the ledger has already. */
  readonly recorded: ReadonlyMap<string, RecordedEvent>;
}

/**
 * Decides events of one account one after the other, each on what the ones before it left. Each has its own outcome: one that is refused
 * leaves nothing but a count, and hurts no other.
 */
export function decideEvents(ground: UsageGround, arrivals: readonly Arrival[]): EventsDecision {
  const sheet = new BalanceSheet(ground.catalog, ground.meterCycles);
  const entries = new Map<string, LedgerEntry>();
  const outcomes = arrivals.map(({ events, now }) =>
    events.map((event) => outcomeOf(() => decideEvent(ground, sheet, entries, event, now))),
  );
  const now = arrivals.at(-1)?.now;
  const balances = sheet.changes();
  const notices = now === undefined ? [] : balances.flatMap((each) => shareNotices(ground.catalog, each, now));
  return { outcomes, balances, entries: [...entries.values()], notices };
}

function outcomeOf(decide: () => EventOutcome): EventOutcome {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Refusal) return { status: 'refused', refusal: error };
    throw error;
  }
}

function decideEvent(
  ground: UsageGround,
  sheet: BalanceSheet,
  entries: Map<string, LedgerEntry>,
  event: UsageEvent,
  now: Instant,
): EventOutcome {
  const { catalog, facts } = ground;
  const { eventId, feature, memberId, model, digest } = event;
  const known = ground.recorded.get(eventId) ?? entries.get(eventId);
  if (known !== undefined) {
    assertSame(catalog, event, known);
    return { status: 'duplicate', ...answerOf(catalog, known.meter, known) };
  }
  const occurredAt = event.occurredAt ?? now;
  const priced = event.metered ?? priceEvent(catalog, event, occurredAt);
  assertTimely(occurredAt, facts.account.signedUpAt, now);
  assertUsable(withCycles(facts, []), catalog, priced, now);
  // A sender's clock may run ahead (CRE-12): the cycle that is to come has not begun, and its terms are not known.
  const { parts, cycleStart } = sheet.charge(facts, priced, earliest(occurredAt, now), now);
  entries.set(eventId, {
    ...{ eventId, digest, feature, meter: priced.meter, units: priced.units },
    ...parts,
    ...{ memberId, model, occurredAt, recordedAt: now, cycleStart },
  });
  return { status: 'accepted', ...answerOf(catalog, priced.meter, parts) };
}

/** CRE-11. A date counts as part of the body where both times are known: what was left out says nothing. */
function assertSame(catalog: Catalog, event: UsageEvent, known: RecordedEvent): void {
  const isSameDate = event.occurredAt === null || event.occurredAt === known.occurredAt;
  if (isSameDate && (known.digest === null ? recordsSame(catalog, event, known) : known.digest === event.digest))
    return;
  throw new Refusal({
    code: 'idempotency_conflict',
    message: `The event id "${event.eventId}" was used for another event before.`,
    field: 'id',
  });
}

function recordsSame(catalog: Catalog, event: UsageEvent, known: RecordedEvent): boolean {
  const { meter, units } = event.metered ?? priceEvent(catalog, event, known.occurredAt);
  const { feature, memberId, model } = event;
  const isSameUse = meter === known.meter && units === known.units && feature === known.feature;
  return isSameUse && memberId === known.memberId && model === known.model;
}

function priceEvent(catalog: Catalog, event: UsageEvent, occurredAt: Instant): PricedUsage {
  const { feature, quantity, credits, model } = event;
  return priceUsage(catalog, {
    ...{ feature, occurredAt },
    ...(quantity === null ? {} : { quantity }),
    ...(credits === null ? {} : { credits }),
    ...(model === null ? {} : { model }),
  });
}

function answerOf(catalog: Catalog, meterName: string, parts: UsageParts): UsageAnswer {
  const meter = catalog.meters[meterName];
  const scale = meter === undefined ? 1 : unitsPerUnit(meter);
  const { includedUnits, overageUnits, trialUnits } = parts;
  return {
    meter: meterName,
    included: includedUnits / scale,
    overage: overageUnits / scale,
    trial: trialUnits / scale,
  };
}
