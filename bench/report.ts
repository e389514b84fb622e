import { readFileSync, writeFileSync } from 'node:fs';

import type { Compared } from './compare.ts';

const BEGIN = '<!-- figures: begin -->';
const END = '<!-- figures: end -->';

/** One row each, as in docs/performance.md. */
export function figures(compared: readonly Compared[]): string {
  const rows = compared.map(({ name, unit, ours, baseline, ratio, atLeast, spread: [least, most] }) =>
    [
      name,
      `${rounded(ours)} ${unit}`,
      `${rounded(baseline)} ${unit}`,
      `**${ratio.toFixed(2)}** (${least.toFixed(2)}–${most.toFixed(2)})`,
      ...(atLeast === null ? ['–', '–'] : [atLeast.toFixed(2), ratio >= atLeast ? 'yes' : 'no']),
    ].join(' | '),
  );
  return [
    '| what ÷ baseline in the same run | ours | baseline | ratio (rounds) | at least | reached |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

/** Puts the figures into a document, between its marks. */
export function writeFigures(path: string, text: string): void {
  const document = readFileSync(path, 'utf8');
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${path} has no place for the figures (${BEGIN} … ${END})`);
  writeFileSync(path, `${document.slice(0, begin + BEGIN.length)}\n${text}\n${document.slice(end)}`);
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}
