import { expect, it } from 'vitest';

import { rangeOf, rangeOfCycle, readSearch } from '../../../web/format/range.ts';

const view = {
  now: '2026-11-27T14:00:00Z',
  cycle: { start: '2026-11-02T14:36:58Z' },
};

it('CRE-10 CRE-20 given a cycle that began within a day, then its use is asked for from that instant on, and days of other ranges are whole', () => {
  const days = { from: '2026-11-02', to: '2026-11-27' };
  expect(rangeOf('cycle', {}, view)).toEqual({ ...days, cyclesFrom: '2026-11-02T14:36:58Z' });
  expect(rangeOf('custom', days, view)).toEqual(days);
});

it('CRE-20 MON-5 given the cycle of a line that began and ended within a day, then the address asks for its use and no other', () => {
  const range = rangeOfCycle({ start: '2026-11-02T14:36:58Z', end: '2026-12-02T14:36:58Z' });
  expect(range).toMatchObject({ from: '2026-11-02', to: '2026-12-02' });
  expect(rangeOf('custom', readSearch({ ...range }), view)).toEqual(range);
  expect(readSearch({ ...range, cyclesFrom: 'ever', cyclesUntil: '2026-12-32T00:00:00Z' })).toEqual({
    ...{ from: '2026-11-02', to: '2026-12-02' },
  });
});
