/**
 * Billing's instants are UTC, and are shown so: the same moment for everybody who talks about a bill, written as the lines of bills have it
 * (`formatDate` of billing/calendar).
 */
const DAY = new Intl.DateTimeFormat('en-US', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const SHORT_DAY = new Intl.DateTimeFormat('en-US', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const MONTH = new Intl.DateTimeFormat('en-US', { month: 'short', year: 'numeric', timeZone: 'UTC' });
const MOMENT = new Intl.DateTimeFormat('en-US', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
});
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** `Nov 27, 2026 UTC` */
export function day(instant: string): string {
  return `${DAY.format(new Date(instant))} UTC`;
}

/** `Nov 27`, where the zone stands elsewhere: on an axis, in a column whose head says UTC. */
export function shortDay(instant: string): string {
  return SHORT_DAY.format(new Date(instant));
}

/** `Nov 27, 2026`, where the zone stands elsewhere, and the year matters. */
export function plainDay(instant: string): string {
  return DAY.format(new Date(instant));
}

/** `Nov 27, 2026, 09:30 UTC` */
export function moment(instant: string): string {
  return `${MOMENT.format(new Date(instant))} UTC`;
}

/** `Nov 2026`, where the zone stands elsewhere. */
export function month(instant: string): string {
  return MONTH.format(new Date(instant));
}

/** `Nov 27, 2026, 09:30`, where the zone stands elsewhere: in a column whose head says UTC. */
export function shortMoment(instant: string): string {
  return MOMENT.format(new Date(instant));
}

/** `Nov 1, 2026 – Dec 1, 2026 UTC`; the end does not belong to it. */
export function period({ start, end }: { readonly start: string; readonly end: string }): string {
  return `${DAY.format(new Date(start))} – ${day(end)}`;
}

/** `4 days`, `1 day`, `3 hours`: how long from one instant to a later one. */
export function between(now: string, then: string): string {
  const ms = new Date(then).getTime() - new Date(now).getTime();
  if (ms <= 0) return 'now';
  if (ms >= DAY_MS) return counted(Math.floor(ms / DAY_MS), 'day');
  if (ms >= HOUR_MS) return counted(Math.floor(ms / HOUR_MS), 'hour');
  return counted(Math.max(1, Math.round(ms / 60_000)), 'minute');
}

/** The date of an instant, in UTC: `2026-11-27`. */
export function dateOf(instant: string): string {
  return instant.slice(0, 10);
}

/** The last date that a half-open period has a part of, in UTC: of one that ends at midnight, the day before (CAL-1). */
export function lastDateOf(end: string): string {
  return new Date(new Date(end).getTime() - 1000).toISOString().slice(0, 10);
}

/** A date some days later, or earlier: `2026-11-27`. */
export function dateAfter(date: string, days: number): string {
  return new Date(new Date(`${date}T00:00:00Z`).getTime() + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many days there are from one date to another, both included. */
export function daysIn({ from, to }: { readonly from: string; readonly to: string }): number {
  return Math.round((new Date(to).getTime() - new Date(from).getTime()) / DAY_MS) + 1;
}

function counted(count: number, unit: string): string {
  return `${String(count)} ${unit}${count === 1 ? '' : 's'}`;
}
