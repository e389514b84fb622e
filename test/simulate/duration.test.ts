import { describe, expect, it } from 'vitest';

import { parseDurationSeconds } from '../../simulate/duration.ts';

describe('a time to advance by', () => {
  it.each([
    ['30d', 2_592_000],
    ['12h', 43_200],
    ['5m', 300],
    ['1s', 1],
    ['1d12h', 129_600],
    ['1d1h1m1s', 90_061],
  ])('given %s, then it has %i seconds', (text, seconds) => {
    expect(parseDurationSeconds(text)).toBe(seconds);
  });

  it.each(['', '0d', '-1d', '1.5d', '1w', '1h1d', ' 1d', 30, null, '9'.repeat(30) + 'd'])(
    'given %j, then it is none',
    (text) => {
      expect(parseDurationSeconds(text)).toBeNull();
    },
  );
});
