import { readFileSync, readdirSync } from 'node:fs';

import { expect, it } from 'vitest';

import { explained } from '../../../web/words/explained.ts';
import * as onPaper from '../../../server/pdf/explanation-in-words.ts';
import { CREDIT_SENTENCES, INPUT_NAMES, RULE_SENTENCES, ruleSentence } from '../../../web/words/explanations.ts';

it('MON-5 given what an amount was computed from, then amounts have their currency, counts are counts, and instants stay exact', () => {
  expect(explained('priceCents', 24_000, 'usd')).toEqual({ name: 'Price', value: '$240.00' });
  expect(explained('minimumCharge', 50, 'usd')).toEqual({ name: 'Minimum charge', value: '$0.50' });
  expect(explained('creditsPerPrice', 20_000, 'usd')).toEqual({ name: 'Credits per price', value: '20,000' });
  expect(explained('takenBackCents', 500, 'usd')).toEqual({ name: 'Reversed credit', value: '$5.00' });
  expect(explained('cycleStart', '2027-01-15T14:00:01Z', 'usd')).toEqual({
    ...{ name: 'Cycle start', value: '2027-01-15T14:00:01Z' },
  });
});

/** Every rule that a line of an invoice can name as its reason. */
function rulesOfLines(): readonly string[] {
  const billing = new URL('../../../billing/', import.meta.url);
  const sources = readdirSync(billing, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const reasons = sources.flatMap((name) => [
    ...readFileSync(new URL(name, billing), 'utf8').matchAll(/\brule: (.*)/g),
  ]);
  return [...new Set(reasons.flatMap(([, reason = '']) => reason.match(/\b[A-Z]{3}-\d+\b/g) ?? []))].sort();
}

it('given every rule that an invoice’s line can name, then pages and PDFs have the same sentence for it', () => {
  expect(Object.keys(RULE_SENTENCES).sort()).toEqual(rulesOfLines());
  expect(onPaper).toMatchObject({ RULE_SENTENCES, CREDIT_SENTENCES, INPUT_NAMES });
});

it('given lines of one rule that credit, reverse a credit and restore one, then each has a sentence of its own', () => {
  const sentences = [{}, { givenBackCents: 5 }, { takenBackCents: 5 }].map((inputs) => ruleSentence('SBI-9', inputs));
  expect(new Set(sentences).size).toBe(3);
  expect(ruleSentence('a rule of later', {})).toBeNull();
});
