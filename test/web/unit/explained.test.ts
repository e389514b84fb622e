import { expect, it } from 'vitest';

import { explained } from '../../../web/format/explained.ts';

it('MON-5 given what an amount was computed from, then amounts have their currency, counts are counts, and instants stay exact', () => {
  expect(explained('priceCents', 24_000, 'usd')).toEqual({ name: 'Price', value: '$240.00' });
  expect(explained('minimumCharge', 50, 'usd')).toEqual({ name: 'Minimum charge', value: '$0.50' });
  expect(explained('creditsPerPrice', 20_000, 'usd')).toEqual({ name: 'Credits per price', value: '20,000' });
  expect(explained('cycleStart', '2027-01-15T14:00:01Z', 'usd')).toEqual({
    ...{ name: 'Cycle start', value: '2027-01-15T14:00:01Z' },
  });
});
