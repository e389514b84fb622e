import { v7 as uuid } from 'uuid';

import { assertId } from '../billing/account/command-shape.ts';
import { priceUsage } from '../billing/account/decide-usage.ts';
import { type Instant, parseInstant } from '../billing/calendar/instant.ts';
import { unitsPerUnit } from '../billing/facts/terms.ts';
import { recordUsage } from '../db/record-usage.ts';
import type { Border } from './border.ts';

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
  readonly occurredAt?: Instant;
}

/** How the event was taken, in the meter's units; the parts add up to it (CRE-3). */
export interface UsageAnswer {
  readonly meter: string;
  readonly included: number;
  readonly overage: number;
  readonly trial: number;
}

/** @throws Refusal `spending_cap_reached`, `trial_ended`, `unknown_feature`, `idempotency_conflict`, … */
export async function recordEvent(border: Border, accountId: string, event: EventOfUse): Promise<UsageAnswer> {
  assertId('feature', event.feature);
  for (const name of ['id', 'member', 'model'] as const) if (event[name] !== undefined) assertId(name, event[name]);
  const now = await border.now(accountId);
  const occurredAt = event.occurredAt === undefined ? now : parseInstant(event.occurredAt, 'occurredAt');
  let scale = 1;
  const recorded = await recordUsage(
    border.db,
    accountId,
    {
      eventId: event.id ?? uuid(),
      feature: event.feature,
      memberId: event.member ?? null,
      model: event.model ?? null,
      occurredAt,
    },
    ({ catalog }) => {
      const { feature, quantity, credits, model } = event;
      const priced = priceUsage(catalog, {
        ...{ feature, occurredAt },
        ...(quantity === undefined ? {} : { quantity }),
        ...(credits === undefined ? {} : { credits }),
        ...(model === undefined ? {} : { model }),
      });
      const meter = catalog.meters[priced.meter];
      scale = meter === undefined ? 1 : unitsPerUnit(meter);
      return priced;
    },
    now,
  );
  return {
    meter: recorded.meter,
    included: recorded.includedUnits / scale,
    overage: recorded.overageUnits / scale,
    trial: recorded.trialUnits / scale,
  };
}
