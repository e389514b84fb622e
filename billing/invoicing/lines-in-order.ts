import type { CreditNote, CreditNoteLine, Line } from '../model/facts.ts';

/** As an invoice shows them, in order of time: what the old cycle still owes, then what the new one costs in advance. */
export function linesInOrder<L extends Pick<Line, 'periodStart'>>(lines: readonly L[]): readonly L[] {
  return [...lines].sort((a, b) => (a.periodStart < b.periodStart ? -1 : a.periodStart > b.periodStart ? 1 : 0));
}

/** A credit note's lines as they are shown and refunded: what is credited of one line is one line, whatever that had carried over. */
export function linesCredited({ lines }: Pick<CreditNote, 'lines'>): readonly Omit<CreditNoteLine, 'sold'>[] {
  const byLine = new Map<string, Omit<CreditNoteLine, 'sold'>>();
  for (const { lineId, description, amount } of lines) {
    byLine.set(lineId, { lineId, description, amount: (byLine.get(lineId)?.amount ?? 0) + amount });
  }
  return [...byLine.values()];
}
