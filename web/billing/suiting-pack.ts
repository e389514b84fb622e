import { atPace } from './forecast.ts';
import type { Account, Plan } from './subscription-price.ts';

const MONTH_MS = 30 * 86_400_000;

/** The smallest pack that a month at the trial's pace would fit in, else the largest; null before there is a pace. */
export function suitingPack({ meters, now, phase }: Account, packs: NonNullable<Plan['packs']>): string | null {
  if (phase !== 'trialing') return null;
  const wanted = Object.entries(meters).flatMap(([name, { trial, startedAt }]) => {
    const month = atPace(trial, { startedAt, now, untilMs: MONTH_MS });
    return month === null ? [] : [[name, month] as const];
  });
  if (wanted.length === 0) return null;
  const bySize = Object.values(packs).toSorted((a, b) => sizeOf(a.included) - sizeOf(b.included));
  const fits = bySize.find(({ included }) => wanted.every(([meter, month]) => (included[meter] ?? 0) >= month));
  return (fits ?? bySize.at(-1))?.name ?? null;
}

function sizeOf(included: Readonly<Record<string, number>>): number {
  return Object.values(included).reduce((sum, count) => sum + count, 0);
}
