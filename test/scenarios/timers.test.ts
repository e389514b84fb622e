import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Ground } from '../../tools/simulate/play-scenario.ts';
import { playScenario } from '../../tools/simulate/play-scenario.ts';
import { allScenarios, failuresOf, invoicesOf, testGround } from './played.ts';

const TIMEOUT_MS = 120_000;

type Open = Ground & { close(): Promise<void> };
let onTestClock: Open;
let onTimers: Open;
beforeAll(async () => {
  [onTestClock, onTimers] = await Promise.all([testGround('test'), testGround('timers')]);
}, TIMEOUT_MS);
afterAll(() => Promise.all([onTestClock.close(), onTimers.close()]), TIMEOUT_MS);

describe('durable timers and test clocks bill alike', () => {
  const firstFive = allScenarios().slice(0, 5);
  it.each(firstFive.map(({ file, scenario }) => [`CAL-1, CAL-3, CAL-4 ${file}: ${scenario.name}`, scenario] as const))(
    '%s',
    async (_title, scenario) => {
      const timed = await playScenario(scenario, onTimers);
      expect(failuresOf(timed)).toEqual([]);
      const stepped = await playScenario(scenario, onTestClock);
      expect(invoicesOf(timed)).toEqual(invoicesOf(stepped));
    },
    TIMEOUT_MS,
  );
});
