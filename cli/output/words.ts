import { type Instant, secondsBetween } from '../../billing/calendar/instant.ts';

/** `2027-01-31 09:30:00 UTC`: every date has its zone. */
export function at(instant: Instant): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
}

/** `in 4 days`, `in 5 hours`, `3 days ago`; rounded down. */
export function fromNow(now: Instant, instant: Instant): string {
  const seconds = secondsBetween(now, instant);
  const length = duration(Math.abs(seconds));
  return seconds < 0 ? `${length} ago` : `in ${length}`;
}

function duration(seconds: number): string {
  if (seconds >= 2 * 86_400) return count(Math.floor(seconds / 86_400), 'day');
  if (seconds >= 2 * 3600) return count(Math.floor(seconds / 3600), 'hour');
  if (seconds >= 120) return count(Math.floor(seconds / 60), 'minute');
  return count(seconds, 'second');
}

/** `1 seat`, `2 seats`, `1,250 seats`. */
export function count(number: number, unit: string): string {
  return `${number.toLocaleString('en-US')} ${unit}${number === 1 ? '' : 's'}`;
}

/** A meter's name is the plural of its unit: `macro_minutes` → `macro minutes`. */
export function metered(quantity: number, meter: string): string {
  return `${quantity.toLocaleString('en-US')} ${meterName(meter)}`;
}

export function meterName(meter: string): string {
  return meter.replaceAll('_', ' ');
}

const GAUGE_WIDTH = 24;

/** How full something is; something of nothing is full. */
export function gauge(used: number, of: number): string {
  const share = of === 0 ? (used > 0 ? 1 : 0) : Math.min(1, used / of);
  // Neither empty nor full before it is.
  const raw = Math.round(share * GAUGE_WIDTH);
  const filled = share > 0 && share < 1 ? Math.min(GAUGE_WIDTH - 1, Math.max(1, raw)) : raw;
  return '█'.repeat(filled) + '░'.repeat(GAUGE_WIDTH - filled);
}
