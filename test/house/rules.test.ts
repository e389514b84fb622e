import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { listedRules, provedRules, withTests } from './rule-map.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENT = `${ROOT}docs/rules.md`;

describe('docs/rules.md', () => {
  const proved = provedRules(ROOT);
  if (process.env['PERENNIAL_WRITE_RULES'] === '1') {
    writeFileSync(DOCUMENT, withTests(readFileSync(DOCUMENT, 'utf8'), proved));
  }
  const document = readFileSync(DOCUMENT, 'utf8');
  const listed = listedRules(document);

  it('lists every rule once', () => {
    expect(listed).toHaveLength(new Set(listed).size);
    const perArea = new Map<string, number[]>();
    for (const rule of listed) {
      const [area = '', number] = rule.split('-');
      perArea.set(area, [...(perArea.get(area) ?? []), Number(number)]);
    }
    const expected = { CAL: 4, MON: 7, CAT: 3, TRI: 8, CRE: 20, SEA: 17, SBI: 13, BUD: 3, INV: 7, AUD: 3 };
    for (const [area, count] of Object.entries(expected)) {
      expect(perArea.get(area), area).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    }
  });

  it('has a test for every rule', () => {
    const numbers = new Set(proved.map(({ rule }) => rule));
    expect(listed.filter((rule) => !numbers.has(rule))).toEqual([]);
  });

  it('knows every rule that a test names', () => {
    const known = new Set(listed);
    expect(proved.filter(({ rule }) => !known.has(rule))).toEqual([]);
  });

  it('names the tests as they are (npm run rules writes them)', () => {
    expect(document).toBe(withTests(document, proved));
  });
});
