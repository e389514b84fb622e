import fc from 'fast-check';
import { expect, test } from 'vitest';

import { compareLife } from './compare.ts';
import { lives } from './random-lives.ts';

/** Others than these are played by `npm run simulate:lives -- COUNT SEED`, which also writes a scenario of what differs. */
const COUNT = 2000;
const SEED = 20_270_101;

test('INV-3 AUD-3 random lives are the same by the rules and by the engine', { timeout: 900_000 }, () => {
  const property = fc.property(lives(), (life) => {
    const { difference, steps } = compareLife(life);
    expect(difference === null ? null : { difference, steps }).toBeNull();
  });
  fc.assert(property, { numRuns: COUNT, seed: SEED });
});
