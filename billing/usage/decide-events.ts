import { type Instant, latest } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { UsageParts } from './charge-usage.ts';
import { shareNotices, type ShareNotice } from './share-notices.ts';
import type { Facts, MeterCycle } from '../model/facts.ts';
import { scaleOf } from '../model/terms.ts';
import { changesOf } from '../model/use-bill.ts';
import { Refusal } from '../refusal.ts';
import { type BalanceChange, BalanceSheet } from './balance-sheet.ts';
import { assertTimely, type PricedUsage, priceUsage, type TimelyWindow } from './decide-usage.ts';

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

/** What an id names already: an event of the ledger, or a hold that was not captured (CRE-13). */
export type KnownWork = RecordedEvent | 'hold';

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
  /** How many changes of its terms the balance had seen by then: bigger packs (CRE-16) or budgets (CRE-8). */
  readonly termsChanges: number;
}

/** Events that arrived together. */
export interface Arrival {
  readonly now: Instant;
  readonly window: TimelyWindow;
  readonly events: readonly UsageEvent[];
}

export interface EventsDecision {
  /** For each arrival, for each of its events. */
  readonly outcomes: readonly (readonly EventOutcome[])[];
  readonly balances: readonly BalanceChange[];
  readonly entries: readonly LedgerEntry[];
  readonly notices: readonly ShareNotice[];
}

type Head = Pick<Facts, 'account' | 'subscription'>;

/** What the events of one account are decided on. */
export interface UsageGround {
  readonly catalog: Catalog;
  /** Projected to the last arrival's instant (see `projectTo`). */
  readonly facts: Head;
  /** What will hold from an instant on, if nothing more happens, for events whose date is ahead of the clock; null where none needs it. */
  readonly ahead: { readonly from: Instant; readonly facts: Head; readonly catalog: Catalog } | null;
  /** The balances as they are stored. */
  readonly meterCycles: readonly MeterCycle[];
  /** What the ids of the arrivals' events name already. */
  readonly recorded: ReadonlyMap<string, KnownWork>;
}

/**
 * Decides events of one account one after the other, each on what the ones before it left. Each has its own outcome: one that is refused
 * leaves nothing but a count, and hurts no other.
 */
export function decideEvents(ground: UsageGround, arrivals: readonly Arrival[]): EventsDecision {
  const page = new LedgerPage(ground);
  const outcomes = arrivals.map((arrival) => arrival.events.map((event) => page.outcomeOf(event, arrival)));
  const now = arrivals.at(-1)?.now;
  const balances = page.sheet.changes();
  const notices = now === undefined ? [] : balances.flatMap((each) => shareNotices(ground.catalog, each, now));
  return { outcomes, balances, entries: [...page.entries.values()], notices };
}

/** What is decided so far. This is the hot path: objects are written out, because spreading them is what would cost most. */
class LedgerPage {
  readonly sheet: BalanceSheet;
  readonly entries = new Map<string, LedgerEntry>();
  readonly #ground: UsageGround;

  constructor(ground: UsageGround) {
    this.#ground = ground;
    this.sheet = new BalanceSheet(ground.meterCycles);
  }

  outcomeOf(event: UsageEvent, arrival: Arrival): EventOutcome {
    try {
      const known = this.#ground.recorded.get(event.eventId) ?? this.entries.get(event.eventId);
      if (known === 'hold') throw heldBefore(event);
      if (known !== undefined) return repeatedOutcome(this.#ground.catalog, event, known);
      return this.#record(event, arrival);
    } catch (error) {
      if (error instanceof Refusal) return { status: 'refused', refusal: error };
      throw error;
    }
  }

  #record(event: UsageEvent, { now, window }: Arrival): EventOutcome {
    const { catalog, ahead } = this.#ground;
    const occurredAt = event.occurredAt ?? now;
    const priced = event.metered ?? priceUsage(catalog, event);
    assertTimely(occurredAt, this.#ground.facts.account.signedUpAt, now, window);
    // A sender's clock may run ahead (CRE-12): such an event is of its own date's cycle (CAL-1), and of what holds then if nothing more happens.
    const { parts, cycle } = this.sheet.charge(
      priced,
      { at: occurredAt, now: latest(occurredAt, now) },
      ahead !== null && occurredAt >= ahead.from ? ahead : this.#ground,
    );
    this.entries.set(event.eventId, {
      eventId: event.eventId,
      digest: event.digest,
      feature: event.feature,
      meter: priced.meter,
      units: priced.units,
      includedUnits: parts.includedUnits,
      overageUnits: parts.overageUnits,
      trialUnits: parts.trialUnits,
      memberId: event.memberId,
      model: event.model,
      occurredAt,
      recordedAt: now,
      cycleStart: cycle.start,
      termsChanges: changesOf(cycle.bill),
    });
    return answerOf('accepted', catalog, priced.meter, parts);
  }
}

function repeatedOutcome(catalog: Catalog, event: UsageEvent, known: RecordedEvent): EventOutcome {
  assertSame(catalog, event, known);
  return answerOf('duplicate', catalog, known.meter, known);
}

/** CRE-11. A date counts as part of the body where both times are known: what was left out says nothing. */
function assertSame(catalog: Catalog, event: UsageEvent, known: RecordedEvent): void {
  const isSameDate = event.occurredAt === null || event.occurredAt === known.occurredAt;
  if (isSameDate && (known.digest === null ? recordsSame(catalog, event, known) : known.digest === event.digest))
    return;
  throw new Refusal({
    code: 'idempotency_conflict',
    message: `The event id "${event.eventId}" was already used for a different event.`,
    field: 'id',
  });
}

function heldBefore({ eventId }: UsageEvent): Refusal {
  return new Refusal({
    code: 'idempotency_conflict',
    message: `The id "${eventId}" belongs to a hold. Capture the hold, or give the event its own id.`,
    field: 'id',
  });
}

function recordsSame(catalog: Catalog, event: UsageEvent, known: RecordedEvent): boolean {
  const { meter, units } = event.metered ?? priceUsage(catalog, event);
  const { feature, memberId, model } = event;
  const isSameUse = meter === known.meter && units === known.units && feature === known.feature;
  return isSameUse && memberId === known.memberId && model === known.model;
}

function answerOf(
  status: 'accepted' | 'duplicate',
  catalog: Catalog,
  meterName: string,
  { includedUnits, overageUnits, trialUnits }: UsageParts,
): EventOutcome {
  const scale = scaleOf(catalog, meterName);
  return {
    status,
    meter: meterName,
    included: includedUnits / scale,
    overage: overageUnits / scale,
    trial: trialUnits / scale,
  };
}
