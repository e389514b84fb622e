import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { addSeconds, instantFromEpochMs, parseInstant, secondsBetween } from '../../../billing/calendar/instant.ts';
import { boundaryAt, contains, type Interval, periodAt } from '../../../billing/calendar/period.ts';

const at = (text: string) => parseInstant(text);
const anyInstant = fc.integer({ min: 0, max: Date.parse('2200-01-01T00:00:00Z') }).map((ms) => instantFromEpochMs(ms));
const lateInMonth = fc
  .tuple(fc.integer({ min: 1970, max: 2100 }), fc.integer({ min: 0, max: 11 }), fc.integer({ min: 28, max: 31 }))
  .map(([year, month, day]) => instantFromEpochMs(Date.UTC(year, month, day, 12)));
const anyAnchor = fc.oneof(anyInstant, lateInMonth);
const anyInterval = fc.constantFrom<Interval>('month', 'year');
const anyIndex = fc.integer({ min: 0, max: 600 });

/** CAL-2 said once more, without a date library: the anchor's day, or the month's last. */
function expectedBoundary(anchor: string, interval: Interval, n: number): string {
  const months = Number(anchor.slice(5, 7)) - 1 + n * (interval === 'year' ? 12 : 1);
  const year = Number(anchor.slice(0, 4)) + Math.floor(months / 12);
  const month = months % 12;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(Number(anchor.slice(8, 10)), lastDay);
  return `${String(year).padStart(4, '0')}-${pad(month + 1)}-${pad(day)}${anchor.slice(10)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

describe('CAL-1 periods are half-open', () => {
  const june = { start: at('2027-06-01T00:00:00Z'), end: at('2027-07-01T00:00:00Z') };

  it('CAL-1 given a period, when an event is at its start, then it is inside', () => {
    expect(contains(june, june.start)).toBe(true);
  });

  it('CAL-1 given a period, when an event is at exactly its end, then it belongs to the next', () => {
    expect(contains(june, addSeconds(june.end, -1))).toBe(true);
    expect(contains(june, june.end)).toBe(false);
    expect(periodAt(june.start, 'month', june.end).start).toBe(june.end);
  });

  it('CAL-1 given any instant after an anchor, when its period is asked for, then it is the one that contains it', () => {
    fc.assert(
      fc.property(
        anyAnchor,
        anyInterval,
        fc.integer({ min: 0, max: 100 * 365 * 86_400 }),
        (anchor, interval, seconds) => {
          const instant = addSeconds(anchor, seconds);
          const period = periodAt(anchor, interval, instant);
          expect(contains(period, instant)).toBe(true);
          expect(period.start).toBe(boundaryAt(anchor, interval, period.index));
          expect(period.end).toBe(boundaryAt(anchor, interval, period.index + 1));
        },
      ),
    );
  });

  it('CAL-1 given a boundary, when the periods around it are asked for, then they meet without gap or overlap', () => {
    fc.assert(
      fc.property(anyAnchor, anyInterval, anyIndex, (anchor, interval, n) => {
        const boundary = boundaryAt(anchor, interval, n + 1);
        expect(periodAt(anchor, interval, boundary).index).toBe(n + 1);
        expect(periodAt(anchor, interval, addSeconds(boundary, -1))).toMatchObject({ index: n, end: boundary });
      }),
    );
  });
});

describe('CAL-2 boundaries are counted from the anchor', () => {
  it('CAL-2 given an anchor on Jan 31, when months pass, then short months clamp and long ones return to the 31st', () => {
    const anchor = at('2027-01-31T10:00:00Z');
    const days = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((n) => boundaryAt(anchor, 'month', n).slice(0, 10));
    expect(days).toEqual([
      ...['2027-02-28', '2027-03-31', '2027-04-30', '2027-05-31', '2027-06-30', '2027-07-31', '2027-08-31'],
      ...['2027-09-30', '2027-10-31', '2027-11-30', '2027-12-31', '2028-01-31', '2028-02-29'],
    ]);
  });

  it('CAL-2 given an anchor on Feb 29, when years pass, then Feb 28, and Feb 29 again in a leap year', () => {
    const anchor = at('2028-02-29T00:00:00Z');
    const days = [0, 1, 2, 3, 4].map((n) => boundaryAt(anchor, 'year', n).slice(0, 10));
    expect(days).toEqual(['2028-02-29', '2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29']);
  });

  it('CAL-2 given a century that is no leap year, when the boundary falls there, then Feb 28', () => {
    expect(boundaryAt(at('2096-02-29T00:00:00Z'), 'year', 4)).toBe('2100-02-28T00:00:00Z');
  });

  it('CAL-2 given an anchor with a time of day, when a boundary is clamped, then the time stays to the second', () => {
    expect(boundaryAt(at('2027-01-31T23:59:59Z'), 'month', 1)).toBe('2027-02-28T23:59:59Z');
    expect(periodAt(at('2027-01-31T23:59:59Z'), 'month', at('2027-02-28T23:59:58Z')).index).toBe(0);
  });

  it('CAL-2 given a machine in a zone with daylight saving, when it changes there, then nothing moves', () => {
    const zone = process.env['TZ'];
    try {
      process.env['TZ'] = 'America/New_York';
      expect(new Date('2027-07-01T00:00:00Z').getTimezoneOffset()).toBe(240);
      expect(boundaryAt(at('2027-02-14T02:30:00Z'), 'month', 1)).toBe('2027-03-14T02:30:00Z');
      expect(boundaryAt(at('2027-01-31T02:30:00Z'), 'month', 9)).toBe('2027-10-31T02:30:00Z');
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('CAL-2 given any anchor, when its n-th boundary is asked for, then it is anchor + n, clamped, never drifting', () => {
    fc.assert(
      fc.property(anyAnchor, anyInterval, anyIndex, (anchor, interval, n) => {
        expect(boundaryAt(anchor, interval, n)).toBe(expectedBoundary(anchor, interval, n));
      }),
    );
  });

  it('CAL-2 given any anchor, when months and years are compared, then every twelfth month is a year', () => {
    fc.assert(
      fc.property(anyAnchor, anyIndex, (anchor, n) => {
        expect(boundaryAt(anchor, 'month', 12 * n)).toBe(boundaryAt(anchor, 'year', n));
        const seconds = secondsBetween(boundaryAt(anchor, 'month', n), boundaryAt(anchor, 'month', n + 1));
        expect(seconds).toBeGreaterThanOrEqual(28 * 86_400);
        expect(seconds).toBeLessThanOrEqual(31 * 86_400);
      }),
    );
  });

  it('CAL-2 given an impossible count or an instant before the anchor, when asked, then it is a bug', () => {
    const anchor = at('2027-01-31T00:00:00Z');
    expect(() => boundaryAt(anchor, 'month', -1)).toThrow(RangeError);
    expect(() => boundaryAt(anchor, 'month', 1.5)).toThrow(RangeError);
    expect(() => periodAt(anchor, 'month', at('2027-01-30T23:59:59Z'))).toThrow(RangeError);
  });

  it('CAL-2 given a boundary beyond the year 9999, when asked, then refused by code', () => {
    expect(() => boundaryAt(at('9999-12-31T00:00:00Z'), 'month', 1)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });
});
