import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { textsForPeople, textsIn } from './texts-for-people.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Banned {
  readonly not: string;
  readonly but: string;
}

const BANNED = parse(readFileSync(new URL('banned-phrases.yaml', import.meta.url), 'utf8')) as readonly Banned[];
const PATTERNS = BANNED.map(({ not, but }) => ({ pattern: new RegExp(not, 'i'), but }));

/** What is wrong with a text, as `at once → immediately`. */
function wrongWith(text: string): readonly string[] {
  return PATTERNS.flatMap(({ pattern, but }) => {
    const found = pattern.exec(text)?.[0];
    return found === undefined ? [] : [`${found.trim()} → ${but}`];
  });
}

const wrongIn = (source: string): readonly string[] =>
  textsIn('page.tsx', source).flatMap(({ text }) => wrongWith(text));

describe('what customers read', () => {
  it('is native product English: no page, mail, PDF or invoice line has a banned phrase', () => {
    const texts = textsForPeople(ROOT);
    expect(texts.length).toBeGreaterThan(700);
    const wrong = texts.flatMap(({ where, text }) => wrongWith(text).map((why) => `${where}: "${text}": ${why}`));
    expect(wrong).toEqual([]);
  });

  it.each([
    ["const text = 'Seats are there at once.';", 'at once → immediately'],
    ['const text = `${share} % of the cap used`;', '{} % → 75%'],
    ["const text = '75 % used';", '5 % → 75%'],
    ["const text = 'Loading …';", '… → Loading…'],
    [
      "const text = 'Charged for the rest of the term (SBI-3)';",
      'SBI-3 → the rule in words; its number is a field of the JSON',
    ],
    ['const text = `Invoice ${number} over ${amount} is open.`;', 'invoice {} over → for $30.00'],
    ['const page = <Text>Nobody is here</Text>;', 'Nobody → no one, or the passive'],
    ["const page = <Button label='Whoever comes next' />;", 'Whoever → a sentence with its subject first'],
    [
      "const text = 'The rule is in docs/rules.md of the installation.';",
      'docs/ → the thing itself, not the file it is in',
    ],
  ])('finds it in %s', (source, found) => {
    expect(wrongIn(source).map((wrong) => wrong.toLowerCase())).toContain(found.toLowerCase());
  });

  it.each([
    "import { nobody } from './at-once.ts';",
    "const words = { nobody: 'No members yet', 'INV-2': 'Packs are charged in advance.' };",
    "if (explanation.rule === 'SBI-3') save(somebody);",
    "const share = atOnce['in all'] % 100;",
    "const text = 'Save';",
    "const text = 'Show 3 more';",
    '// Nobody is told at once (CRE-15), 75 % …',
  ])('raises no alarm over %s', (source) => {
    expect(wrongIn(source)).toEqual([]);
  });
});
