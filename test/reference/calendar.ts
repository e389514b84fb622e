import type { Instant } from '../../billing/calendar/instant.ts';

/** An instant as whole seconds since 1970 (CAL-1): differences of two are what prorations divide. */
export type Second = number;

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** CRE-12: how old an event may be, and how far ahead of the clock. */
export const OLDEST_EVENT = 35 * DAY;
export const FURTHEST_AHEAD = 5 * MINUTE;

export function secondOf(instant: Instant): Second {
  return Date.parse(instant) / 1000;
}

export function instantOf(second: Second): Instant {
  return new Date(second * 1000).toISOString().replace('.000Z', 'Z') as Instant;
}

/** CAL-2: the n-th month of an anchor, clamped to a short month's last day, always counted from the anchor. */
export function monthOf(anchor: Second, n: number): Second {
  const date = new Date(anchor * 1000);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + n, 1));
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  const midnight = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), day) / 1000;
  return midnight + (anchor % DAY);
}

/** Which month of the anchor an instant lies in: the last one that has begun (CAL-1: periods are half-open). */
export function monthAt(anchor: Second, at: Second): number {
  const [from, to] = [new Date(anchor * 1000), new Date(at * 1000)];
  const guess = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return monthOf(anchor, guess) <= at ? guess : guess - 1;
}
