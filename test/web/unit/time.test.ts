import { describe, expect, it } from 'vitest';

import { formatDate, parseInstant } from '../../../billing/calendar/instant.ts';
import { percent, quantity } from '../../../web/format/quantity.ts';
import { between, day, moment, period, plainDay } from '../../../web/format/time.ts';

describe('dates and quantities as the pages show them', () => {
  it('given instants, then each is in UTC and says so', () => {
    expect(day('2027-01-31T23:59:59Z')).toBe('Jan 31, 2027 UTC');
    expect(moment('2027-01-31T23:59:59Z')).toBe('Jan 31, 2027, 23:59 UTC');
    expect(period({ start: '2027-01-31T00:00:00Z', end: '2027-02-28T00:00:00Z' })).toBe(
      'Jan 31, 2027 – Feb 28, 2027 UTC',
    );
  });

  it('given a date on a page, then it is written as on the line of a bill', () => {
    const written = parseInstant('2027-09-05T16:40:00Z');
    expect(plainDay(written)).toBe(formatDate(written));
    expect(plainDay(written)).toBe('Sep 5, 2027');
  });

  it('given two instants, then the time between them is in the largest unit that is full', () => {
    expect(between('2027-01-01T00:00:00Z', '2027-01-05T12:00:00Z')).toBe('4 days');
    expect(between('2027-01-01T00:00:00Z', '2027-01-01T23:00:00Z')).toBe('23 hours');
    expect(between('2027-01-01T00:00:00Z', '2027-01-01T00:00:10Z')).toBe('1 minute');
    expect(between('2027-01-02T00:00:00Z', '2027-01-01T00:00:00Z')).toBe('now');
  });

  it('given a quantity, then it has its unit, in the right number', () => {
    expect(quantity(1, 'credit')).toBe('1 credit');
    expect(quantity(1250, 'credit')).toBe('1,250 credits');
    expect(quantity(0, 'minute')).toBe('0 minutes');
  });

  it('CRE-15 given a share, then it is 100 only when all is used', () => {
    expect(percent(2499, 2500)).toBe(99);
    expect(percent(2500, 2500)).toBe(100);
    expect(percent(1, 0)).toBe(100);
    expect(percent(0, 0)).toBe(0);
  });
});
