// Entry point of `npm run bench`: measures what docs/performance.md claims, and writes it there with `--write`.
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { accessComparisons } from './access.ts';
import { copyAccount, payingAccount, seatedAccount } from './accounts.ts';
import { boundaries } from './boundaries.ts';
import { compare, type Compared, type Comparison } from './compare.ts';
import { type Ground, prepareGround } from './ground.ts';
import { figures, writeFigures } from './report.ts';
import { scaleComparison } from './scale.ts';
import { startApiProcess } from './start-api.ts';
import { createBaselineTables } from './usage-baselines.ts';
import { countUsage, EventSource, usageComparisons } from './usage.ts';

const PERFORMANCE = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const PARTS = ['usage', 'access', 'boundaries', 'scale'] as const;
type Part = (typeof PARTS)[number];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const rounds = Number(values.rounds);
  const parts = partsOf(values.only);
  const ground = await prepareGround();
  try {
    const compared: Compared[] = [];
    const measure = async (comparisons: readonly Comparison[]): Promise<void> => {
      for (const comparison of comparisons) {
        say(`measuring ${comparison.name}`);
        compared.push(await compare(comparison, rounds));
        say(figures(compared.slice(-1)).split('\n').at(-1) ?? '');
      }
    };
    const problems = [...(await overHttp(ground, parts, measure))];
    if (parts.has('boundaries')) {
      await withStop(await boundaries(ground), async (part) => {
        await measure(part.comparisons);
        problems.push(...(await part.count()));
      });
    }
    if (parts.has('scale')) await withStop(await scaleComparison(ground, say), (part) => measure([part.comparison]));
    const text = `${figures(compared)}\n\n${conditions(rounds, problems)}`;
    process.stdout.write(`${text}\n`);
    if (values.write) writeFigures(PERFORMANCE, text);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await ground.close();
  }
}

/** Usage and access, through an API process. Answers what was lost, doubled or over a cap. */
async function overHttp(
  ground: Ground,
  parts: ReadonlySet<Part>,
  measure: (comparisons: readonly Comparison[]) => Promise<void>,
): Promise<readonly string[]> {
  if (!parts.has('usage') && !parts.has('access')) return [];
  await createBaselineTables(ground.pool);
  const accountId = await payingAccount(ground.perennial, 'bench');
  const accounts = await copyAccount(ground.pool, accountId, 1_000);
  const seated = await seatedAccount(ground.perennial, 'bench-seats', 'mia');
  const api = await startApiProcess(ground, seated);
  const events = new EventSource();
  try {
    if (parts.has('usage')) await measure(usageComparisons(ground, api, accounts, events));
    if (parts.has('access')) await measure(accessComparisons(ground, api, { accountId: seated, memberId: 'mia' }));
    return parts.has('usage') ? await countUsage(ground, events) : [];
  } finally {
    await api.stop();
  }
}

async function withStop<P extends { readonly stop: () => Promise<void> }>(
  part: P,
  use: (part: P) => Promise<void>,
): Promise<void> {
  try {
    await use(part);
  } finally {
    await part.stop();
  }
}

function partsOf(only: string | undefined): ReadonlySet<Part> {
  if (only === undefined) return new Set(PARTS);
  const chosen = only.split(',');
  const unknown = chosen.find((part) => !PARTS.includes(part as Part));
  if (unknown !== undefined) throw new Error(`--only: "${unknown}" is none of ${PARTS.join(', ')}`);
  return new Set(chosen as Part[]);
}

function conditions(rounds: number, problems: readonly string[]): string {
  const [cpu] = cpus();
  const counted = problems.length === 0 ? 'Lost, doubled or over the cap: 0.' : `Wrong: ${problems.join('; ')}.`;
  return `${counted} Medians of ${String(rounds)} interleaved rounds; Node ${process.version}, ${String(cpus().length)} × ${cpu?.model ?? 'unknown'}; fsync, full_page_writes and synchronous_commit on.`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await main();
