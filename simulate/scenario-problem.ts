import type { Locate, Path } from '../billing/catalog/catalog-problem.ts';
import type { RefusalCode } from '../billing/refusal-codes.ts';
import { Refusal } from '../billing/refusal.ts';
import type { Position } from './scenario.ts';

/** The parts of one scenario file that are read, and where each of them is written. */
export interface ScenarioSource {
  readonly file: string;
  readonly locate: Locate;
}

/** What is wrong with a scenario, as `file:line:column: path: sentence`. */
export function problemAt(
  source: ScenarioSource,
  path: Path,
  sentence: string,
  options: { code?: RefusalCode; atKey?: boolean } = {},
): Refusal {
  const place = source.locate(path, options.atKey === true);
  const field = path.map(String).join('.');
  return new Refusal({
    code: options.code ?? 'invalid_scenario',
    message: `${place}: ${field === '' ? '' : `${field}: `}${sentence}`,
    field,
  });
}

export function positionOf(source: ScenarioSource, path: Path): Position {
  const [line = 1, column = 1] = source
    .locate(path, false)
    .slice(source.file.length + 1)
    .split(':')
    .map(Number);
  return { line, column };
}
