import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { Refusal } from '../../billing/refusal.ts';
import { REFUSAL_CODES } from '../../billing/refusal-codes.ts';
import { compareLife } from '../reference/compare.ts';
import { EngineInMemory } from '../reference/engine-in-memory.ts';
import { lives } from '../reference/random-lives.ts';
import { instant } from './account-in-memory.ts';
import { refusalTexts, troubleIn, unformattedIn } from './refusal-texts.ts';

const COUNT = 120;
const SEED = 20_270_101;
/** The source of those who refuse outside of billing/, or where random lives do not go. */
const ROOMS = ['billing', 'client', 'server', 'cli', 'db', 'activities', 'workflows'];

afterEach(() => {
  vi.restoreAllMocks();
});

describe('AUD-1: what a refusal says', () => {
  it('AUD-1 given random lives, when anything is refused, then its sentences have amounts, quantities and dates as people write them', () => {
    const played = vi.spyOn(EngineInMemory.prototype, 'play');
    for (const life of fc.sample(lives(), { numRuns: COUNT, seed: SEED })) compareLife(life);
    const thrown = played.mock.results.flatMap(({ type, value }) => (type === 'throw' ? [value as unknown] : []));
    const refusals = thrown.filter((error) => error instanceof Refusal);
    const said = new Map(refusals.flatMap((refusal) => textsOf(refusal).map((text) => [text, refusal.code] as const)));

    // Enough of them to mean something: money, units and dates are in these.
    expect(new Set(said.values()).size).toBeGreaterThan(25);
    expect([...said.values()]).toEqual(
      expect.arrayContaining(['spending_cap_reached', 'budget_reached', 'event_too_old']),
    );
    expect([...said.keys()].flatMap((text) => troubleIn(text).map((what) => `${what}: ${text}`))).toEqual([]);
  });

  it.each(Object.entries(REFUSAL_CODES))('AUD-1 given %s, then its advice is such a sentence too', (_code, advice) => {
    expect(troubleIn(advice)).toEqual([]);
  });

  it.each(ROOMS)(
    'AUD-1 given the source of %s, when a refusal is written there, then no amount or instant goes into it as it is stored',
    (room) => {
      const texts = refusalTexts(room);
      expect(texts.length).toBeGreaterThan(0);
      const trouble = texts.flatMap(({ text, place, inserted }) =>
        [...troubleIn(text), ...inserted.flatMap(unformattedIn)].map((what) => `${place}: ${what}: ${text}`),
      );
      expect(trouble).toEqual([]);
    },
  );

  it.each([
    ['200 credits do not fit: 16600 of overage are used under a cap of 20000 cents.', 3],
    ['New jobs are refused until 2027-02-01T00:00:00Z.', 2],
    ['Members do not have seats here (SEA-5).', 1],
    ['This is what invariant 11 asks for.', 1],
    ['16600 credits are left.', 1],
    ['2,500 credits do not fit under ¥20,000, $1,250.00, KWD 46.630 or -$5.00, until Feb 1, 2027, 00:00 UTC.', 0],
    ['There is no invoice "acme-0002" in 2 accounts.', 0],
    ['Invoice acme-0002 is not open.', 0],
  ])('given %j, then so much is wrong with it: %i', (text, count) => {
    expect(troubleIn(text)).toHaveLength(count);
  });
});

describe('docs/errors.md', () => {
  it('AUD-1 CRE-6 given an account whose credits are as in the example, when 200 more are used, then it is refused in these words', () => {
    const file = new URL('../../catalogs/qodo.yaml', import.meta.url);
    const engine = new EngineInMemory(
      parseCatalogYaml(readFileSync(file, 'utf8'), 'qodo.yaml'),
      instant('2027-01-01T00:00:00Z'),
      'alice',
    );
    engine.play('paymentMethod', { card: 'visa' });
    engine.play('subscribe', { plan: 'pro-teams', interval: 'month', pack: 'small', capCents: 20_000, startNow: true });
    engine.play('use', { id: 'a', feature: 'anything', credits: 2500 });
    engine.play('use', { id: 'b', feature: 'anything', credits: 16_600 });
    const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const example = JSON.parse(/```json\n(.*?)\n```/s.exec(page)?.[1] ?? '{}') as Readonly<Record<string, unknown>>;
    const { code, detail: message, solve } = example;
    expect(() => engine.play('use', { id: 'c', feature: 'anything', credits: 200 })).toThrow(
      expect.objectContaining({ code, message, solve }),
    );
  });
});

function textsOf({ message, solve }: Refusal): readonly string[] {
  return solve === null ? [message] : [message, solve];
}
