import type { Line } from '../facts/facts.ts';

/** As an invoice shows them, in order of time: what the old cycle still owes, then what the new one costs in advance. */
export function linesInOrder<L extends Pick<Line, 'periodStart'>>(lines: readonly L[]): readonly L[] {
  return [...lines].sort((a, b) => (a.periodStart < b.periodStart ? -1 : a.periodStart > b.periodStart ? 1 : 0));
}
