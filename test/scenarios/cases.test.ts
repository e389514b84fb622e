import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Ground, playScenario } from '../../simulate/play-scenario.ts';
import { allCases, failuresOf, testGround } from './played.ts';

const TIMEOUT_MS = 120_000;

let ground: Ground & { close(): Promise<void> };
beforeAll(async () => {
  ground = await testGround('test');
}, TIMEOUT_MS);
afterAll(() => ground.close(), TIMEOUT_MS);

describe('cases at the edges of the rules, on the whole engine', () => {
  it.each(allCases().map(({ file, scenario }) => [`${scenario.name} (${file})`, scenario] as const))(
    'INV-3 %s',
    async (_title, scenario) => {
      const played = await playScenario(scenario, ground);
      expect(failuresOf(played)).toEqual([]);
      expect(played.ok).toBe(true);
    },
    TIMEOUT_MS,
  );
});
