import { describe, expect, it } from 'vitest';

import { barSpans, daysOfBar } from '../../../web/usage/bar-spans.ts';

describe('the bars of a usage chart', () => {
  it('given 120 days, then each is of one', () => {
    const spans = barSpans({ from: '2027-01-01', to: '2027-04-30' });
    expect([spans.length, spans[0], spans[119]]).toEqual([
      120,
      { from: '2027-01-01', to: '2027-01-01' },
      { from: '2027-04-30', to: '2027-04-30' },
    ]);
  });

  it('given a year, then each is of a week from the first day on, and the last of what is left', () => {
    const year = { from: '2027-01-01', to: '2027-12-31' };
    const spans = barSpans(year);
    expect(daysOfBar(year)).toBe(7);
    expect([spans.length, spans[0], spans[1], spans[52]]).toEqual([
      53,
      { from: '2027-01-01', to: '2027-01-07' },
      { from: '2027-01-08', to: '2027-01-14' },
      { from: '2027-12-31', to: '2027-12-31' },
    ]);
  });
});
