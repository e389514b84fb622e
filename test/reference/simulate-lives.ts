import { mkdirSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

import fc from 'fast-check';

import { branchesUnreached } from './branches-reached.ts';
import { compareLife, type Comparison, kindOf } from './compare.ts';
import { caseFiles, playCase } from './play-case.ts';
import { type Life, lives, scenarioOf } from './random-lives.ts';

/** Tells which branches of the model neither COUNT random lives from SEED reach nor any case that was worked out by hand. */
async function tellBranches(numRuns: number, seed: number): Promise<number> {
  const unreached = await branchesUnreached(() => {
    fc.check(
      fc.property(lives(), (life) => void compareLife(life)),
      { numRuns, seed },
    );
    for (const file of caseFiles()) playCase(file);
  });
  for (const { place, text } of unreached) console.log(`${place}  ${text}`);
  console.log(
    `${String(unreached.length)} branches of the model are reached neither by ${String(numRuns)} lives, seed ${String(seed)}, nor by the cases`,
  );
  return 0;
}

/** Plays COUNT random lives from SEED on the model and on the engine's decisions in memory. */
async function main([
  countText = '1000',
  seedText = String(Date.now() % 1_000_000_000),
  only = '',
]: readonly string[]): Promise<number> {
  if (only === 'branches') return tellBranches(Number(countText), Number(seedText));
  const [count, seed] = [Number(countText), Number(seedText)];
  const started = performance.now();
  const kinds = new Map<string, { count: number; example: Comparison; life: Life }>();
  let [played, steps] = [0, 0];
  const survey = only === 'survey';
  const property = fc.property(lives(), (life) => {
    const compared = compareLife(life);
    played += 1;
    steps += compared.steps.length;
    if (compared.difference === null) return true;
    const kind = kindOf(compared.difference);
    if (!survey) return only !== '' && kind !== only;
    const known = kinds.get(kind);
    const isShorter = known === undefined || compared.steps.length < known.example.steps.length;
    kinds.set(kind, {
      count: (known?.count ?? 0) + 1,
      ...(isShorter ? { example: compared, life } : { example: known.example, life: known.life }),
    });
    return true;
  });
  const result = fc.check(property, { seed, numRuns: count, endOnFailure: false });
  const seconds = (performance.now() - started) / 1000;
  console.log(`${played} lives, ${steps} steps, ${Math.round(played / seconds)} lives/s, seed ${seed}`);
  if (survey) {
    for (const [kind, { count: times, life: found }] of [...kinds].sort((a, b) => b[1].count - a[1].count)) {
      const { life, example } = smallest(found, kind);
      console.log(`${times} × ${kind} (catalog ${life.catalog.catalog.name}, ${example.steps.length} steps)`);
      console.log(
        `    start ${life.start} ${example.steps.map((step) => JSON.stringify(step).replaceAll('"', '')).join('\n          ')}`,
      );
      console.log(`    rules ${shown(example.difference?.rules)}  engine ${shown(example.difference?.engine)}`);
    }
    return kinds.size === 0 ? 0 : 1;
  }
  if (!result.failed) {
    console.log(`${count} lives, ${steps} steps, seed ${seed}: 0 differences`);
    return 0;
  }
  if (result.counterexample === null) throw new Error('the lives ended early', { cause: result.errorInstance });
  const [life] = result.counterexample;
  const { difference, steps: shortest } = compareLife(life);
  if (difference === null) throw new Error(String(result.errorInstance));
  mkdirSync('.perennial', { recursive: true });
  const file = `.perennial/life-${seed}.yaml`;
  const name = `${difference.what}: rules ${shown(difference.rules)}, engine ${shown(difference.engine)}`;
  writeFileSync(file, scenarioOf(life, name.slice(0, 300), shortest));
  console.log(`a difference at step ${difference.step} (${difference.kind}): ${name}`);
  console.log(`file ${file}, seed ${seed}`);
  return 1;
}

/** Leaves out wish after wish, as long as what differs is of the same kind. */
function smallest(life: Life, kind: string): { life: Life; example: Comparison } {
  let current = life;
  for (let size = Math.ceil(life.wishes.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 1; at < current.wishes.length;) {
      const wishes = current.wishes.filter((_, index) => index < at || index >= at + size);
      const { difference } = compareLife({ ...current, wishes });
      if (difference !== null && kindOf(difference) === kind) current = { ...current, wishes };
      else at += size;
    }
  }
  return { life: current, example: compareLife(current) };
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 400);
}

process.exitCode = await main(process.argv.slice(2));
