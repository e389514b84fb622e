import { Refusal } from '../refusal.ts';

declare const instantBrand: unique symbol;

/**
 * A point in time: UTC, whole seconds, written `YYYY-MM-DDTHH:mm:ssZ` (CAL-1). All instants have the same width, so
 * comparing them as strings (`a < b`) compares them in time.
 */
export type Instant = string & { readonly [instantBrand]: true };

const CANONICAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const ISO_8601 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(Z|[+-]\d{2}:?\d{2})$/;

const MS_PER_SECOND = 1000;
const SECONDS_PER_DAY = 86_400;
const FIRST_MS = 0;
/** 9999-12-31T23:59:59Z: from the year 10000 on, instants would no longer compare as strings. */
const LAST_MS = 253_402_300_799_000;

/**
 * Reads an ISO 8601 date and time with `Z` or an offset.
 * @param field names the value in the refusal, as the caller knows it.
 * @throws Refusal `invalid_request` when it is anything else, has a fraction of a second, or lies outside 1970–9999.
 */
export function parseInstant(text: unknown, field = 'instant'): Instant {
  const match = typeof text === 'string' ? ISO_8601.exec(text) : null;
  if (match === null) throw notAnInstant(text, field, 'expected a date and time like 2027-01-31T09:30:00Z');
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = 'Z'] = match;
  if (/[1-9]/.test(fraction)) throw notAnInstant(text, field, 'expected whole seconds');
  const local = `${String(year)}-${String(month)}-${String(day)}T${String(hour)}:${String(minute)}:${second}Z`;
  const localMs = Date.parse(local);
  // Date.parse turns Feb 30 into Mar 2; the round trip finds it out.
  if (Number.isNaN(localMs) || localMs !== epochMsExact(local, localMs)) {
    throw notAnInstant(text, field, 'expected a date and time that exist');
  }
  const ms = localMs - offsetMs(zone);
  if (Number.isNaN(ms)) throw notAnInstant(text, field, 'expected an offset between -23:59 and +23:59');
  if (ms < FIRST_MS || ms > LAST_MS) throw notAnInstant(text, field, 'expected a year from 1970 to 9999');
  return toInstant(ms);
}

/** Whether a text is an instant exactly as this house writes it. */
export function isInstant(text: unknown): text is Instant {
  if (typeof text !== 'string' || !CANONICAL.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && ms >= FIRST_MS && ms <= LAST_MS && toInstant(ms) === text;
}

/**
 * The instant at or before a number of milliseconds since 1970; the part of a second is dropped.
 * @throws Refusal `invalid_request` outside 1970–9999.
 */
export function instantFromEpochMs(ms: number): Instant {
  if (!(ms >= FIRST_MS && ms < LAST_MS + MS_PER_SECOND)) {
    throw new Refusal({
      code: 'invalid_request',
      message: 'The date is outside the years 1970 to 9999.',
      field: 'instant',
    });
  }
  return toInstant(Math.floor(ms / MS_PER_SECOND) * MS_PER_SECOND);
}

export function epochMs(instant: Instant): number {
  return Date.parse(instant);
}

export function addSeconds(instant: Instant, seconds: number): Instant {
  if (!Number.isSafeInteger(seconds)) throw new RangeError(`Seconds are whole numbers, not ${String(seconds)}.`);
  return instantFromEpochMs(epochMs(instant) + seconds * MS_PER_SECOND);
}

/** Days of exactly 24 hours: UTC has no other. */
export function addDays(instant: Instant, days: number): Instant {
  return addSeconds(instant, days * SECONDS_PER_DAY);
}

/** Whole seconds from `from` to `to`; negative when `to` is earlier. */
export function secondsBetween(from: Instant, to: Instant): number {
  return (epochMs(to) - epochMs(from)) / MS_PER_SECOND;
}

export function earliest(first: Instant, ...others: readonly Instant[]): Instant {
  return others.reduce((best, other) => (other < best ? other : best), first);
}

export function latest(first: Instant, ...others: readonly Instant[]): Instant {
  return others.reduce((best, other) => (other > best ? other : best), first);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The UTC date for people: `Jul 2, 2026`. Written by hand so that it is the same under every locale and ICU. */
export function formatDate(instant: Instant): string {
  const month = MONTHS[Number(instant.slice(5, 7)) - 1] ?? '';
  return `${month} ${String(Number(instant.slice(8, 10)))}, ${instant.slice(0, 4)}`;
}

/** Date and time for people, with the zone: `Feb 1, 2027, 00:00 UTC`; with seconds where there are some. */
export function formatInstant(instant: Instant): string {
  const seconds = instant.slice(17, 19);
  return `${formatDate(instant)}, ${instant.slice(11, 16)}${seconds === '00' ? '' : `:${seconds}`} UTC`;
}

function toInstant(wholeSecondMs: number): Instant {
  return new Date(wholeSecondMs).toISOString().replace('.000Z', 'Z') as Instant;
}

/** The milliseconds that write themselves as `text`, or NaN where they write themselves differently. */
function epochMsExact(text: string, ms: number): number {
  return new Date(ms).toISOString().replace('.000Z', 'Z') === text ? ms : Number.NaN;
}

function offsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60 * MS_PER_SECOND;
}

function notAnInstant(text: unknown, field: string, expected: string): Refusal {
  const found = typeof text === 'string' ? `"${text.slice(0, 60)}"` : describeType(text);
  return new Refusal({ code: 'invalid_request', message: `${field}: ${expected}, found ${found}.`, field });
}

function describeType(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  return typeof value === 'number' ? `the number ${String(value)}` : `a value of type ${typeof value}`;
}
