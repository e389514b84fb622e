import { addDays, addSeconds, epochMs, type Instant } from '../../billing/calendar/instant.ts';
import type { EventOfUse } from '../../client/usage/record-events.ts';

interface Weighted {
  /** How often it is chosen, beside the others. */
  readonly weight: number;
}

export interface Work extends Weighted {
  readonly feature: string;
  readonly model?: string;
  /** Uses of the feature; 1 when left out. */
  readonly quantity?: number;
  /** What it takes of the meter, to plan with; what it does take is the catalog's to say. */
  readonly units: number;
}

/** `member: null`: nobody in particular, like a nightly job. */
export interface Worker extends Weighted {
  readonly member: string | null;
}

export interface UsePlan {
  /** Begins each event's id. */
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
  /** About how many units in all. */
  readonly units: number;
  readonly works: readonly Work[];
  readonly workers: readonly Worker[];
}

export type MadeUpEvent = EventOfUse & { readonly id: string; readonly occurredAt: Instant };

const BY_WEEKDAY = [0.15, 1, 1.2, 1.15, 1.1, 0.85, 0.2] as const;
const MORNING_SECONDS = 7 * 3600;
const WORKDAY_SECONDS = 11 * 3600;
const DAY_SECONDS = 86_400;

/**
 * Use as a team makes it: little on weekends, some days busier than others, some people too. The same plan gives the same events, so that
 * repeating it is no new use.
 */
export function madeUpUse({ name, from, to, units, works, workers }: UsePlan): readonly MadeUpEvent[] {
  const chance = chancesFrom(name);
  const days: Instant[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) days.push(day);
  const weights = days.map((day) => (BY_WEEKDAY[new Date(epochMs(day)).getUTCDay()] ?? 1) * (0.6 + 0.8 * chance()));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const events: MadeUpEvent[] = [];
  let planned = 0;
  let used = 0;
  for (const [index, day] of days.entries()) {
    planned += (units * (weights[index] ?? 0)) / whole;
    while (used < planned) {
      const { feature, model, quantity, units: each } = oneOf(works, chance());
      const { member } = oneOf(workers, chance());
      const occurredAt = workingHour(day, chance());
      used += each;
      if (occurredAt >= to) continue;
      events.push({
        ...{ id: `${name} ${String(events.length)}`, feature, occurredAt },
        ...(model === undefined ? {} : { model }),
        ...(quantity === undefined ? {} : { quantity }),
        ...(member === null ? {} : { member }),
      });
    }
  }
  return events;
}

function oneOf<Item extends Weighted>(items: readonly Item[], chance: number): Item {
  let left = chance * items.reduce((sum, { weight }) => sum + weight, 0);
  const found = items.find(({ weight }) => (left -= weight) < 0) ?? items.at(-1);
  if (found === undefined) throw new Error('there is nothing to choose from');
  return found;
}

/** In the 24 hours from `day` on, at a time when people in Europe work. */
function workingHour(day: Instant, chance: number): Instant {
  const start = Math.floor(epochMs(day) / 1000) % DAY_SECONDS;
  const wanted = MORNING_SECONDS + Math.floor(chance * WORKDAY_SECONDS);
  return addSeconds(day, (wanted - start + DAY_SECONDS) % DAY_SECONDS);
}

/** Numbers from 0 to 1 that look random and are the same each time: a linear congruential generator, which is enough for a picture. */
function chancesFrom(seed: string): () => number {
  let state = Array.from(seed).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 2_147_483_648, 7);
  return () => {
    state = (state * 1_103_515 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
