import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Ground } from '../../simulate/play-scenario.ts';
import { playScenario } from '../../simulate/play-scenario.ts';
import type { PlacedStep } from '../../simulate/scenario.ts';
import { allScenarios, failuresOf, invoicesOf, testGround } from './played.ts';

const TIMEOUT_MS = 120_000;

const scenarios = allScenarios();
const named = (number: string) => {
  const found = scenarios.find(({ file }) => file.startsWith(number));
  if (found === undefined) throw new Error(`there is no scenario ${number}`);
  return found.scenario;
};

let ground: Ground & { close(): Promise<void> };
beforeAll(async () => {
  ground = await testGround('test');
}, TIMEOUT_MS);
afterAll(() => ground.close(), TIMEOUT_MS);

describe('the specification, on test clocks', () => {
  it.each(scenarios.map(({ file, scenario }) => [`${scenario.rules.join(', ')} ${file}: ${scenario.name}`, scenario] as const))(
    '%s',
    async (_title, scenario) => {
      const played = await playScenario(scenario, ground);
      expect(failuresOf(played)).toEqual([]);
      expect(played.steps).toHaveLength(scenario.steps.length);
      expect(played.ok).toBe(true);
    },
    TIMEOUT_MS,
  );
});

describe('what must not change the bill', () => {
  it(
    'CAL-3 given an outage of 70 days, when it is played without the outage, then the invoices, notices and members are the same',
    async () => {
      const withOutage = named('07');
      const withoutOutage = { ...withOutage, steps: withOutage.steps.map(withoutItsOutage) };
      expect(withoutOutage.steps).not.toEqual(withOutage.steps);
      const there = await playScenario(withOutage, ground);
      const notThere = await playScenario(withoutOutage, ground);
      expect(failuresOf(notThere)).toEqual([]);
      expect(invoicesOf(there)).toEqual(invoicesOf(notThere));
      for (const [name, account] of Object.entries(there.accounts)) {
        expect(account.notices).toEqual(notThere.accounts[name]?.notices);
        expect(account.members).toEqual(notThere.accounts[name]?.members);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'INV-1 given one stack, when a scenario is played twice, then its names mean other accounts and its invoices are the same',
    async () => {
      const first = await playScenario(named('04'), ground);
      const second = await playScenario(named('04'), ground);
      expect(failuresOf(second)).toEqual([]);
      expect(invoicesOf(second)).toEqual(invoicesOf(first));
      expect(second.accounts['acme']?.invoices[0]?.stripe?.id).not.toBe(first.accounts['acme']?.invoices[0]?.stripe?.id);
    },
    TIMEOUT_MS,
  );
});

function withoutItsOutage(placed: PlacedStep): PlacedStep {
  return placed.step.kind === 'outage' ? { ...placed, step: { kind: 'at', to: placed.step.to } } : placed;
}
