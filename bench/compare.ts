/** One side of a comparison: does its work once and answers how much it got done, in units per second (or, for latencies, units per ms). */
export interface Side {
  readonly name: string;
  readonly run: () => Promise<number>;
}

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly ours: Side;
  readonly baseline: Side;
  /** The ratio ours ÷ baseline that is to be reached; null: it is only told. */
  readonly atLeast: number | null;
}

export interface Compared {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly baseline: number;
  readonly ratio: number;
  readonly atLeast: number | null;
  /** The ratios of the single rounds, smallest and largest: how far to believe the median. */
  readonly spread: readonly [number, number];
}

/**
 * Runs both sides in turn, as often as there are rounds, each round in the other order: whatever the machine does meanwhile, it does to
 * both. Answers medians. The first run of each side warms up and does not count.
 */
export async function compare(comparison: Comparison, rounds: number): Promise<Compared> {
  const { ours, baseline, name, unit, atLeast } = comparison;
  await ours.run();
  await baseline.run();
  const pairs: { readonly ours: number; readonly baseline: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    pairs.push(round % 2 === 0 ? await inTurn(ours, baseline) : await inOtherTurn(ours, baseline));
  }
  const ratios = pairs.map((pair) => pair.ours / pair.baseline);
  return {
    ...{ name, unit, atLeast },
    ours: median(pairs.map((pair) => pair.ours)),
    baseline: median(pairs.map((pair) => pair.baseline)),
    // Of the rounds' ratios, not of the medians: a round's two sides had the same machine.
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

async function inTurn(ours: Side, baseline: Side): Promise<{ ours: number; baseline: number }> {
  const first = await ours.run();
  return { ours: first, baseline: await baseline.run() };
}

async function inOtherTurn(ours: Side, baseline: Side): Promise<{ ours: number; baseline: number }> {
  const first = await baseline.run();
  return { ours: await ours.run(), baseline: first };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** How often per second something was done that was done `count` times since `startedAt` (of `performance.now()`). */
export function perSecond(count: number, startedAt: number): number {
  return (count * 1000) / (performance.now() - startedAt);
}

/** Runs `work` until the time is over, by so many at once, and answers how many were done per second. */
export async function rateOf(
  work: (worker: number) => Promise<unknown>,
  atOnce: number,
  durationMs: number,
): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  const worker = async (index: number): Promise<void> => {
    while (performance.now() - startedAt < durationMs) {
      await work(index);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => worker(index)));
  return perSecond(done, startedAt);
}
