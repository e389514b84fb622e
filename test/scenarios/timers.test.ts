import { describe, expect, it } from 'vitest';

import { playScenario } from '../../simulate/play-scenario.ts';
import { allScenarios, bothGrounds, failuresOf, invoicesOf } from './played.ts';

const TIMEOUT_MS = 120_000;

const grounds = bothGrounds();

describe('durable timers and test clocks bill alike', () => {
  const firstFive = allScenarios().slice(0, 5);
  it.each(firstFive.map(({ file, scenario }) => [`CAL-1, CAL-3, CAL-4 ${file}: ${scenario.name}`, scenario] as const))(
    '%s',
    async (_title, scenario) => {
      const timed = await playScenario(scenario, grounds.timers);
      expect(failuresOf(timed)).toEqual([]);
      const stepped = await playScenario(scenario, grounds.testClock);
      expect(invoicesOf(timed)).toEqual(invoicesOf(stepped));
    },
    TIMEOUT_MS,
  );
});
