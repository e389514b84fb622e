import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { parseInstant } from '../../billing/calendar/instant.ts';
import { boundaryAt } from '../../billing/calendar/period.ts';
import { prorate, proratedAmount } from '../../billing/money/proration.ts';
import { multiply, rational, roundHalfAwayFromZero, subtract } from '../../billing/money/rational.ts';

/** Worked examples that other billing systems publish. The answers are read from the file, so that they cannot drift. */
const cases = z
  .array(z.object({ id: z.string(), source: z.string(), given: z.unknown(), expect: z.unknown() }))
  .parse(parse(readFileSync(new URL('golden.yaml', import.meta.url), 'utf8')));

function answerOf(id: string): unknown {
  const found = cases.find((example) => example.id === id);
  if (found === undefined) throw new Error(`golden.yaml has no case ${id}.`);
  return found.expect;
}

const at = (text: string) => parseInstant(text);

describe('golden: published worked examples', () => {
  it('MON-4 golden kb-price-change: 16/30 of the old price and 14/30 of the new', () => {
    const cycle = { start: at('2018-04-15T00:00:00Z'), end: at('2018-05-15T00:00:00Z') };
    const changedAt = at('2018-05-01T00:00:00Z');
    const usedOfOld = subtract(rational(4995), prorate(4995, cycle, changedAt));
    expect([roundHalfAwayFromZero(usedOfOld), proratedAmount(5995, cycle, changedAt, 'usd')]).toEqual(
      answerOf('kb-price-change'),
    );
  });

  it('CAL-2 golden anchor-31: Feb 28 or 29, then the 31st again', () => {
    const days = (anchor: string) => [1, 2, 3, 4].map((n) => boundaryAt(at(anchor), 'month', n).slice(5, 10));
    expect(days('2027-01-31T00:00:00Z')).toEqual(['02-28', '03-31', '04-30', '05-31']);
    expect(days('2028-01-31T00:00:00Z')).toEqual(['02-29', '03-31', '04-30', '05-31']);
    expect(answerOf('anchor-31')).toEqual(['Feb 28 or 29', 'Mar 31', 'Apr 30', 'May 31']);
  });

  it('CAL-2 golden leap-year: Feb 28 three times, then Feb 29', () => {
    const anchor = at('2024-02-29T00:00:00Z');
    expect([1, 2, 3, 4].map((n) => boundaryAt(anchor, 'year', n).slice(0, 10))).toEqual(answerOf('leap-year'));
  });

  it('MON-4 golden half-way-upgrade: credit half of the old, charge half of the new', () => {
    const cycle = { start: at('2027-06-01T00:00:00Z'), end: at('2027-07-01T00:00:00Z') };
    const halfWay = at('2027-06-16T00:00:00Z');
    const [credit, charge] = [
      proratedAmount(-1000, cycle, halfWay, 'usd'),
      proratedAmount(2000, cycle, halfWay, 'usd'),
    ];
    expect({ credit, charge, net: credit + charge }).toEqual(answerOf('half-way-upgrade'));
  });

  it('MON-3 golden tiny-rate: 0.05 cents × 30, rounded once', () => {
    expect(roundHalfAwayFromZero(multiply(rational(5, 100), rational(30)))).toBe(answerOf('tiny-rate'));
  });

  it('MON-2 golden half-up: exactly a half goes away from zero', () => {
    const minor = [rational(10_275, 10), rational(5, 10)].map(roundHalfAwayFromZero);
    expect(minor).toEqual(answerOf('half-up'));
  });
});
