import { v7 as uuid } from 'uuid';

import { assertId } from '../../billing/commands/command-shape.ts';
import type { EventOutcome, UsageAnswer, UsageEvent } from '../../billing/usage/decide-events.ts';
import { assertCount, type PricedUsage } from '../../billing/usage/decide-usage.ts';
import { type Instant, isInstant, parseInstant } from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { RefusalCode } from '../../billing/refusal-codes.ts';
import { sweepExpiredHolds } from '../../db/usage/held-use.ts';
import { usageEvents } from '../../telemetry/metrics.ts';
import { billAfterEnd } from '../commands/bill-after-end.ts';
import type { Border } from '../context/border.ts';
import { digestOf } from '../context/digest.ts';
import { formatCount } from '../../billing/model/counts.ts';

/** One event of use. Give an `id` of your own, so that a repeat is one event (CRE-11). */
export interface EventOfUse {
  readonly id?: string;
  readonly feature: string;
  /** Uses of the feature; 1 when neither this nor `credits` is given. */
  readonly quantity?: number;
  /** Units of the meter, for a feature whose cost is known only afterwards. */
  readonly credits?: number;
  readonly member?: string;
  readonly model?: string;
  /** When it arrives, if left out. */
  readonly occurredAt?: Instant;
}

export type AccountEvent = EventOfUse & { readonly account: string; readonly id: string };

export type EventResult =
  | ({ readonly id: string; readonly status: 'accepted' | 'duplicate' } & UsageAnswer)
  | {
      readonly id: string;
      readonly status: 'refused';
      readonly code: RefusalCode;
      readonly message: string;
      readonly solve: string | null;
      /** The limit that was met, where `code` says why it was so low: nothing was included when the event is dated. */
      readonly limit?: RefusalCode;
      readonly field: string | null;
    };

const LARGEST_BATCH = 1_000;

/** @throws Refusal `invalid_request` for the list itself; each event has its own answer. */
export async function recordEvents(border: Border, events: readonly AccountEvent[]): Promise<readonly EventResult[]> {
  const isList: boolean = Array.isArray(events);
  if (!isList || events.length > LARGEST_BATCH) {
    const message = `events: expected a list of at most ${formatCount(LARGEST_BATCH)} events.`;
    throw new Refusal({ code: 'invalid_request', message, field: 'events' });
  }
  const wallMs = Date.now();
  const results = new Array<EventResult>(events.length);
  const parcels = new Map<string, { readonly index: number; readonly event: UsageEvent }[]>();
  for (const [index, event] of events.entries()) {
    try {
      const read = readAccountEvent(event);
      const parcel = parcels.get(event.account);
      if (parcel === undefined) parcels.set(event.account, [{ index, event: read }]);
      else parcel.push({ index, event: read });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      results[index] = resultOf(idOf(event), { status: 'refused', refusal: error });
    }
  }
  const recording = [...parcels].map(async ([accountId, parcel]) => {
    const outcomes = await recordWithRoom(
      border,
      accountId,
      parcel.map(({ event }) => event),
      wallMs,
    );
    for (const [place, { index, event }] of parcel.entries()) {
      const outcome = outcomes[place];
      if (outcome !== undefined) results[index] = resultOf(event.eventId, outcome);
    }
  });
  await Promise.all(recording);
  countResults(results);
  return results;
}

/** One by one, a thousand of a kind would be counted a thousand times. */
function countResults(results: readonly EventResult[]): void {
  const counts = new Map<string, number>();
  for (const result of results) {
    const answer = result.status === 'refused' ? result.code : result.status;
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  for (const [answer, count] of counts) usageEvents.inc({ answer }, count);
}

/**
 * CRE-13: what did not fit beside holds that have expired meanwhile, fits. Nothing else depends on them, so they are only looked for here.
 */
async function recordWithRoom(
  border: Border,
  accountId: string,
  events: readonly UsageEvent[],
  wallMs: number,
): Promise<readonly EventOutcome[]> {
  const outcomes = await recordAndBill(border, accountId, events, wallMs);
  const refused = events.filter((_, index) => isTurnedAway(outcomes[index]));
  if (refused.length === 0) return outcomes;
  if ((await sweepExpiredHolds(border.db, { accountId, now: await border.now(accountId) })) === 0) return outcomes;
  const again = await recordAndBill(border, accountId, refused, wallMs);
  const better = new Map(refused.map((event, index) => [event, again[index]]));
  return outcomes.map((outcome, index) => {
    const event = events[index];
    return (event === undefined ? undefined : better.get(event)) ?? outcome;
  });
}

async function recordAndBill(
  border: Border,
  accountId: string,
  events: readonly UsageEvent[],
  wallMs: number,
): Promise<readonly EventOutcome[]> {
  const { outcomes, isAfterEnd } = await border.usage.record(accountId, events, wallMs);
  if (isAfterEnd) await billAfterEnd(border, accountId, `use ${events.map(({ eventId }) => eventId).join(' ')}`);
  return outcomes;
}

function isTurnedAway(outcome: EventOutcome | undefined): boolean {
  if (outcome?.status !== 'refused') return false;
  const { code } = outcome.refusal;
  return code === 'spending_cap_reached' || code === 'budget_reached' || code === 'payment_failed';
}

function readAccountEvent(event: unknown): UsageEvent {
  if (typeof event !== 'object' || event === null) {
    throw new Refusal({
      code: 'invalid_request',
      message: 'An event is an object with an account, an id and a feature.',
    });
  }
  const { account, id } = event as Partial<AccountEvent>;
  assertId('account', account);
  assertId('id', id);
  return readEvent(event as AccountEvent);
}

/** What a malformed event calls itself, as far as it can be told. */
function idOf(event: unknown): string {
  const id = typeof event === 'object' && event !== null ? (event as { id?: unknown }).id : undefined;
  return typeof id === 'string' ? id : '';
}

function resultOf(id: string, outcome: EventOutcome): EventResult {
  if (outcome.status !== 'refused') return { id, ...outcome };
  const { code, message, solve, limit, field } = outcome.refusal;
  return { id, status: 'refused', code, message, solve, ...(limit === null ? {} : { limit }), field };
}

/** @throws Refusal `spending_cap_reached`, `trial_ended`, `unknown_feature`, `idempotency_conflict`, … */
export async function recordEvent(border: Border, accountId: string, event: EventOfUse): Promise<UsageAnswer> {
  return recordOne(border, accountId, readEvent(event));
}

/** Records what is measured, not priced by a feature (BUD-1). @throws Refusal `budget_reached`, … */
export async function recordMeasured(
  border: Border,
  accountId: string,
  event: { readonly eventId: string; readonly memberId: string | null; readonly metered: PricedUsage },
): Promise<UsageAnswer> {
  const { eventId, memberId, metered } = event;
  return recordOne(border, accountId, {
    ...{ eventId, memberId, metered, feature: metered.meter },
    ...{ quantity: null, credits: null, model: null, occurredAt: null },
    digest: digestOf([metered.meter, metered.units, memberId]),
  });
}

async function recordOne(border: Border, accountId: string, event: UsageEvent): Promise<UsageAnswer> {
  assertId('account', accountId);
  const [outcome] = await recordWithRoom(border, accountId, [event], Date.now());
  if (outcome === undefined) throw new Error(`event ${event.eventId} of ${accountId} has no outcome`);
  if (outcome.status === 'refused') throw outcome.refusal;
  const { status: _status, ...answer } = outcome;
  return answer;
}

function readEvent(event: EventOfUse): UsageEvent {
  const { id, feature, quantity, credits, member, model, occurredAt } = event;
  assertId('feature', feature);
  if (id !== undefined) assertId('id', id);
  if (member !== undefined) assertId('member', member);
  if (model !== undefined) assertId('model', model);
  assertCount(quantity, 'quantity');
  assertCount(credits, 'credits');
  const isDated = occurredAt !== undefined && !isInstant(occurredAt);
  return {
    eventId: id ?? uuid(),
    feature,
    quantity: quantity ?? null,
    credits: credits ?? null,
    memberId: member ?? null,
    model: model ?? null,
    occurredAt: isDated ? parseInstant(occurredAt, 'occurredAt') : (occurredAt ?? null),
    // One use is what is meant where no count is given.
    digest: digestOf([
      feature,
      quantity ?? (credits === undefined ? 1 : null),
      credits ?? null,
      member ?? null,
      model ?? null,
    ]),
    metered: null,
  };
}
