import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';

import { parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { parseScenario, type ReadCatalog } from '../../simulate/parse-scenario.ts';
import { playScenario } from '../../simulate/play-scenario.ts';
import type { Scenario } from '../../simulate/scenario.ts';
import { bothGrounds, failuresOf } from './played.ts';

const TIMEOUT_MS = 120_000;

const grounds = bothGrounds();

function catalogNamed(name: string): ReadCatalog | null {
  const text = readFileSync(new URL(`../../catalogs/${name}.yaml`, import.meta.url), 'utf8');
  return { catalog: parseCatalogYaml(text, name), written: parseYaml(text) as ReadCatalog['written'] };
}

function scenario(catalog: string, ...steps: readonly string[]): Scenario {
  const head = [`name: close`, `catalog: ${catalog}`, 'start: 2027-01-01T09:00:00Z', 'steps:'];
  return parseScenario([...head, ...steps.map((step) => `  - ${step}`)].join('\n'), 'close.yaml', catalogNamed);
}

const signup = 'signup: { account: acme, owner: alice }';

describe('an instant right before something is due', () => {
  it(
    'CAL-3 given a trial in its last seconds, then a test clock shows it, and timers refuse it with a sentence instead of showing another state',
    async () => {
      for (const seconds of ['51', '59']) {
        const last = scenario('qodo', signup, `at: 2027-01-15T08:59:${seconds}Z`, 'expect: { phase: trialing }');
        expect(failuresOf(await playScenario(last, grounds.testClock))).toEqual([]);
        const [failure = ''] = failuresOf(await playScenario(last, grounds.timers));
        expect(failure).toContain(`2027-01-15T08:59:${seconds}Z is`);
        expect(failure).toContain('before something is due (2027-01-15T09:00:00Z');
      }
      const exact = scenario('qodo', signup, 'at: 2027-01-15T09:00:00Z', 'expect: { phase: blocked }');
      expect(failuresOf(await playScenario(exact, grounds.timers))).toEqual([]);
      const early = scenario('qodo', signup, 'at: 2027-01-15T08:58:00Z', 'expect: { phase: trialing }');
      expect(failuresOf(await playScenario(early, grounds.timers))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'CAL-3 given an outage that ends right before a due, then timers refuse that, too, and the worker is back',
    async () => {
      const outage = scenario(
        'qodo',
        signup,
        'outage: { from: 2027-01-10T00:00:00Z, to: 2027-01-15T08:59:55Z }',
        'at: 2027-01-15T09:00:00Z',
        'expect: { phase: blocked }',
      );
      const failures = failuresOf(await playScenario(outage, grounds.timers));
      expect(failures).toHaveLength(1);
      expect(failures[0]).toContain('outage: invalid_request 2027-01-15T08:59:55Z is 5 s before');
    },
    TIMEOUT_MS,
  );
});

describe('creditInvoice', () => {
  it(
    'INV-7 given a paid invoice, when money of a line is given back, then there is a credit note, and more than was paid is refused',
    async () => {
      const credited = scenario(
        'codspeed',
        signup,
        'paymentMethod: { card: visa }',
        'subscribe: { plan: pro, interval: month, seats: 2 }',
        'creditInvoice: { number: acme-0001, line: 1, amountCents: 1500 }',
        'creditInvoice: { number: acme-0001, line: 1, amountCents: 500, to: balance, reason: down for a day }',
        'expectRefusal: { code: credit_exceeds_paid, step: { creditInvoice: { number: acme-0001, line: 1, amountCents: 2001 } } }',
        'expectRefusal: { code: unknown_invoice, step: { creditInvoice: { number: acme-0009, line: 1, amountCents: 1 } } }',
        'expectRefusal: { code: invalid_request, step: { creditInvoice: { number: acme-0001, line: 0, amountCents: 1 } } }',
        'expect: { creditNotes: [{ total: 1500, destination: card }, { total: 500, destination: balance, reason: down for a day }] }',
      );
      expect(failuresOf(await playScenario(credited, grounds.testClock))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
