import { expect, it } from 'vitest';

import { rangeOf } from '../../web/usage/range.ts';

const view = {
  now: '2026-11-27T14:00:00Z',
  cycle: { start: '2026-11-02T14:36:58Z' },
};

it('CRE-10 CRE-20 given a cycle that began within a day, then its use is asked for from that instant on, and days of other ranges are whole', () => {
  const days = { from: '2026-11-02', to: '2026-11-27' };
  expect(rangeOf('cycle', {}, view)).toEqual({ ...days, cyclesFrom: '2026-11-02T14:36:58Z' });
  expect(rangeOf('custom', days, view)).toEqual(days);
});
