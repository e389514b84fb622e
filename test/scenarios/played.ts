import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, inject } from 'vitest';

import { migrate } from '../../db/migrate.ts';
import { openGround } from '../../simulate/ground.ts';
import type { Ground } from '../../simulate/play-scenario.ts';
import { readScenario } from '../../simulate/read-scenario.ts';
import type { Scenario } from '../../simulate/scenario.ts';
import type { ScenarioDocument } from '../../simulate/scenario-document.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface Named {
  readonly file: string;
  readonly scenario: Scenario;
}

/** Every scenario of the specification, in the order of their numbers. */
export function allScenarios(): readonly Named[] {
  return scenariosIn('scenarios');
}

/** Cases at the edges of the rules, worked out by hand: each was billed wrongly once, or stands beside one that was. */
export function allCases(): readonly Named[] {
  return scenariosIn('test/reference/cases');
}

function scenariosIn(folder: string): readonly Named[] {
  const files = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.yaml'));
  return files.sort().map((file) => ({ file, scenario: readScenario(join(ROOT, folder, file), join(ROOT, 'catalogs')) }));
}

/** The ground that a test file plays on: a worker and a client of its own on the stack that all tests share. */
export async function testGround(clocks: 'test' | 'timers'): Promise<Ground & { close(): Promise<void> }> {
  const { temporalAddress, namespace, databaseUrl, stripe } = inject('stack');
  await migrate(databaseUrl);
  return openGround({ temporalAddress, namespace, databaseUrl, stripe, clocks, isShared: true });
}

const TIMEOUT_MS = 120_000;

/** Both grounds, for a test file that plays the same on each: open while its tests run. */
export function bothGrounds(): { readonly testClock: Ground; readonly timers: Ground } {
  const open = new Map<'test' | 'timers', Awaited<ReturnType<typeof testGround>>>();
  const grounds = ['test', 'timers'] as const;
  beforeAll(async () => {
    await Promise.all(grounds.map(async (clocks) => open.set(clocks, await testGround(clocks))));
  }, TIMEOUT_MS);
  afterAll(() => Promise.all([...open.values()].map((ground) => ground.close())), TIMEOUT_MS);
  const opened = (clocks: 'test' | 'timers'): Ground => {
    const ground = open.get(clocks);
    if (ground === undefined) throw new Error('the grounds are open while tests run');
    return ground;
  };
  return {
    get testClock() {
      return opened('test');
    },
    get timers() {
      return opened('timers');
    },
  };
}

/** What did not go as expected, in words; nothing where all of it did. */
export function failuresOf({ steps, error }: ScenarioDocument): readonly string[] {
  const failed = steps.flatMap(({ step, at, ok, mismatch, refusal }) =>
    ok ? [] : [`${at} ${step}: ${mismatch ?? `${refusal?.code ?? ''} ${refusal?.message ?? ''}`}`],
  );
  return error === undefined ? failed : [...failed, error.message];
}

/** Every account's invoices, without what Stripe names anew each time. */
export function invoicesOf({ accounts }: ScenarioDocument): unknown {
  return Object.fromEntries(
    Object.entries(accounts).map(([name, { invoices }]) => [
      name,
      invoices.map((invoice) => ({ ...invoice, stripe: { ...invoice.stripe, id: null } })),
    ]),
  );
}
