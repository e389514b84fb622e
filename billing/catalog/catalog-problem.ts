import { Refusal } from '../refusal.ts';

export type Path = readonly (string | number)[];

/** One thing wrong with a catalog; `atKey` when it is the key at the path that is wrong, not the value. */
export interface CatalogProblem {
  readonly path: Path;
  readonly expected: string;
  readonly found: string;
  readonly atKey?: boolean;
}

/** Where a path of the catalog is written, like `qodo.yaml:12:5`. */
export type Locate = (path: Path, atKey: boolean) => string;

/** The refusal for a catalog's problems: all of them, in the order of the file, one a line. */
export function invalidCatalog(problems: readonly CatalogProblem[], locate: Locate): Refusal {
  const placed = problems
    .map((problem) => ({
      ...problem,
      path: problem.path.join('.'),
      place: locate(problem.path, problem.atKey === true),
    }))
    .sort((a, b) => a.place.localeCompare(b.place, 'en', { numeric: true }));
  const sentences = placed.map(({ place, path, expected, found }) => {
    return `${place}: ${path === '' ? '' : `${path}: `}expected ${expected}, found ${found}.`;
  });
  const field = placed[0]?.path ?? '';
  return new Refusal({ code: 'invalid_catalog', message: sentences.join('\n'), field: field === '' ? null : field });
}

/** A value as a person would recognize it in the file. */
export function describeFound(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  // JSON has no word for .inf and .nan, which YAML numbers can be.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
