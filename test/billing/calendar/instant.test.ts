import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  addDays,
  addSeconds,
  earliest,
  epochMs,
  formatDate,
  instantFromEpochMs,
  isInstant,
  latest,
  parseInstant,
  secondsBetween,
} from '../../../billing/calendar/instant.ts';

const LAST_MS = Date.parse('9999-12-31T23:59:59Z');
const anyMs = fc.integer({ min: 0, max: LAST_MS });

describe('CAL-1 instants are UTC whole seconds', () => {
  it.each([
    ['2027-01-31T09:30:00Z', '2027-01-31T09:30:00Z'],
    ['2027-01-31T09:30Z', '2027-01-31T09:30:00Z'],
    ['2027-01-31T09:30:00.000Z', '2027-01-31T09:30:00Z'],
    ['2027-01-01T00:30:00+01:00', '2026-12-31T23:30:00Z'],
    ['2027-01-01T00:30:00-0530', '2027-01-01T06:00:00Z'],
    ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  ])('CAL-1 given %s, when it is read, then it is %s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  it.each([
    ['2027-01-31T09:30:00.500Z', 'whole seconds'],
    ['2027-02-30T00:00:00Z', 'that exist'],
    ['2027-02-29T00:00:00Z', 'that exist'],
    ['2027-13-01T00:00:00Z', 'that exist'],
    ['2027-01-01T24:00:00Z', 'that exist'],
    ['2027-01-01T23:59:60Z', 'that exist'],
    ['2027-01-31T09:30:00+24:00', 'offset'],
    ['1969-12-31T23:59:59Z', 'from 1970 to 9999'],
    ['9999-12-31T23:59:59-00:01', 'from 1970 to 9999'],
    ['2027-01-31', 'like 2027-01-31T09:30:00Z'],
    ['2027-01-31T09:30:00', 'like 2027-01-31T09:30:00Z'],
    ['tomorrow', 'like 2027-01-31T09:30:00Z'],
    ['', 'like 2027-01-31T09:30:00Z'],
    [1_800_000_000, 'found the number 1800000000'],
    [null, 'found nothing'],
    [undefined, 'found nothing'],
    [{}, 'of type object'],
  ])('CAL-1 given %s, when it is read, then it is refused by code, naming the field', (text, expected) => {
    expect(() => parseInstant(text, 'steps[2].at')).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        field: 'steps[2].at',
        message: expect.stringContaining(expected) as unknown,
      }),
    );
  });

  it('CAL-1 given any millisecond, when made an instant, then its second is kept', () => {
    fc.assert(
      fc.property(anyMs, (ms) => {
        const instant = instantFromEpochMs(ms);
        expect(isInstant(instant)).toBe(true);
        expect(epochMs(instant)).toBe(ms - (ms % 1000));
        expect(parseInstant(instant)).toBe(instant);
      }),
    );
  });

  it('CAL-1 given two instants, when compared as text, then as in time', () => {
    fc.assert(
      fc.property(anyMs, anyMs, (a, b) => {
        const [first, second] = [instantFromEpochMs(a), instantFromEpochMs(b)];
        expect(first < second).toBe(epochMs(first) < epochMs(second));
        expect(earliest(first, second)).toBe(first < second ? first : second);
        expect(latest(first, second)).toBe(first < second ? second : first);
        expect(addSeconds(first, secondsBetween(first, second))).toBe(second);
      }),
    );
  });

  it('CAL-1 given milliseconds outside 1970–9999, when made an instant, then refused', () => {
    for (const ms of [-1, LAST_MS + 1000, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => instantFromEpochMs(ms)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    }
    expect(() => addDays(parseInstant('9999-12-31T00:00:00Z'), 1)).toThrow('outside the years');
  });

  it('CAL-1 given seconds that are not whole, when added, then it is a bug', () => {
    expect(() => addSeconds(parseInstant('2027-01-01T00:00:00Z'), 0.5)).toThrow(RangeError);
  });

  it.each([
    '2027-01-31T09:30:00.000Z',
    '2027-02-30T00:00:00Z',
    '2027-01-31t09:30:00z',
    '1969-12-31T23:59:59Z',
    7,
    null,
  ])('CAL-1 given %s, when asked whether it is an instant, then no', (value) => {
    expect(isInstant(value)).toBe(false);
  });

  it('CAL-1 given a change to daylight saving somewhere, when days are added, then each has 24 hours', () => {
    expect(addDays(parseInstant('2027-03-27T12:00:00Z'), 2)).toBe('2027-03-29T12:00:00Z');
    expect(addDays(parseInstant('2027-03-01T00:00:00Z'), -1)).toBe('2027-02-28T00:00:00Z');
  });

  it('CAL-1 given an instant, when shown to people, then it is its UTC date', () => {
    expect(formatDate(parseInstant('2026-07-02T23:59:59Z'))).toBe('Jul 2, 2026');
    expect(formatDate(parseInstant('2026-12-31T23:30:00-01:00'))).toBe('Jan 1, 2027');
  });
});
