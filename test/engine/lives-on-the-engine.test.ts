import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Instant } from '../../billing/calendar/instant.ts';
import { catalogFromObject } from '../../billing/catalog/load-catalog.ts';
import type { Invoice } from '../../billing/model/facts.ts';
import { Refusal } from '../../billing/refusal.ts';
import { parseScenario } from '../../simulate/parse-scenario.ts';
import { describeMismatches, findMismatches } from '../../simulate/match-expectation.ts';
import { type Ground, playScenario } from '../../simulate/play-scenario.ts';
import { testGround } from '../scenarios/played.ts';
import { changedBy, compareLife } from '../reference/compare.ts';
import { EngineInMemory } from '../reference/engine-in-memory.ts';
import type { WrittenCatalog } from '../reference/life-catalogs.ts';
import { type Life, lives, scenarioOf, type Step } from '../reference/random-lives.ts';

/** More of them, and others: `PERENNIAL_LIVES=200 PERENNIAL_SEED=7 npx vitest run test/engine/lives-on-the-engine.test.ts`. */
const COUNT = Number(process.env['PERENNIAL_LIVES'] ?? 24);
const SEED = Number(process.env['PERENNIAL_SEED'] ?? 20_270_101);
const AT_ONCE = 6;

const OPENING_MS = 120_000;

let ground: Ground & { close(): Promise<void> };
beforeAll(async () => {
  ground = await testGround('test');
}, OPENING_MS);
afterAll(() => ground.close(), OPENING_MS);

/** An account as both tell it, whatever the order of what happened in one second. */
interface Told {
  /** What each step was refused with; null where it was accepted. */
  readonly refusals: readonly (string | null)[];
  readonly account: unknown;
}

function inMemory({ catalog, start }: Life, steps: readonly Step[]): Told {
  const engine = new EngineInMemory(catalog.catalog, start, 'alice');
  let published: WrittenCatalog = catalog.written;
  const refusals = steps.map((step, index): string | null => {
    const [[kind, body] = ['', {}]] = Object.entries(step);
    if (index === 0) return null;
    if (kind === 'at') engine.moveTo(body as Instant);
    else if (kind === 'publishCatalog') {
      published = changedBy(published, body as WrittenCatalog);
      engine.publish(catalogFromObject(published, 'life'));
    } else {
      try {
        engine.play(kind, body as Step);
      } catch (error) {
        if (error instanceof Refusal) return error.code;
        throw error;
      }
    }
    return null;
  });
  const { facts, invoices, notices } = engine.account;
  const isTold = ({ number, status }: Invoice): boolean => number !== null || status !== 'void';
  const account = { ...engine.document(), invoices: [...invoices.values()].filter(isTold), notices };
  return { refusals, account: asTold(account, facts.account.accountId) };
}

async function onTheEngine(life: Life, steps: readonly Step[]): Promise<Told> {
  const written = { ...life, catalog: { ...life.catalog, file: null } };
  const scenario = parseScenario(scenarioOf(written, 'a random life', steps), 'life', () => null);
  const played = await playScenario(scenario, ground);
  if (played.error !== undefined) throw new Error(played.error.message);
  const refusals = played.steps.map(({ refusal }) => refusal?.code ?? null);
  return { refusals, account: asTold({ ...played.accounts['acme'] }, 'acme') };
}

type Mapping = Readonly<Record<string, unknown>>;

function asTold(document: Mapping, accountId: string): unknown {
  const { phase, plan, interval, trialEndsAt, closedAt, cycle, seats, meters } = document;
  const list = (name: string): readonly Mapping[] => document[name] as readonly Mapping[];
  const members = list('members').map(({ member, state, reason }) => ({ member, state, reason: reason ?? null }));
  const invoices = list('invoices').map(
    ({ number, purpose, status, total, issuedAt, periodStart, periodEnd, lines }) => {
      const told = (lines as readonly Mapping[]).map((line) => {
        const { kind, quantity, amount, description } = line;
        return { kind, quantity, amount, description: String(description).replaceAll(accountId, 'acme') };
      });
      return { number, purpose, status, total, issuedAt, periodStart, periodEnd, lines: sorted(told) };
    },
  );
  const notices = list('notices').map(({ at, kind }) => ({ at, kind }));
  return {
    ...{ phase, plan, interval, trialEndsAt, closedAt, cycle, seats, meters },
    ...{ members: sorted(members), invoices: sorted(invoices), notices: sorted(notices) },
  };
}

function sorted<Item>(items: readonly Item[]): readonly Item[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

test(
  'INV-3 AUD-3 random lives on the whole engine end as they do by its decisions alone, and so by the rules',
  { timeout: 60_000 + COUNT * 30_000 },
  async () => {
    const played = fc.sample(lives(), { numRuns: COUNT, seed: SEED });
    const waiting = [...played.entries()];
    const different: string[] = [];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, life] = next;
        const { difference, steps } = compareLife(life);
        if (difference !== null) throw new Error(`life ${String(index)} differs from the rules already`);
        const [mine, theirs] = [inMemory(life, steps), await onTheEngine(life, steps)];
        const mismatches = findMismatches(mine, theirs);
        if (mismatches.length === 0) continue;
        // A scenario's text, to be played with `npm run simulate`.
        const scenario = scenarioOf(life, describeMismatches(mismatches), steps);
        different.push(`life ${String(index)}: ${scenario}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    expect(different).toEqual([]);
  },
);
