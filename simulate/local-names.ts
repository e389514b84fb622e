import { randomBytes } from 'node:crypto';

/**
 * A scenario's names are its own: acme in one run is not acme in the next, though both are played on one stack. So each
 * run appends a mark to every name that an installation keeps apart, and takes it off again wherever it comes back:
 * in ids, in invoice numbers, within sentences.
 */
export interface LocalNames {
  readonly mark: string;
  /** `acme` → `acme-x1a2b3c4d5e6f`. */
  readonly toReal: (local: string) => string;
  /** Takes the mark off every text within a value. */
  readonly toLocal: <T>(real: T) => T;
}

/** @param mark is unique per run and long enough to occur nowhere else. */
export function localNames(mark = `-x${randomBytes(6).toString('hex')}`): LocalNames {
  return {
    mark,
    // Where a refusal is expected, a name may be something else than text; that is for the engine to see.
    toReal: (local: unknown) => (typeof local === 'string' ? `${local}${mark}` : (local as string)),
    toLocal: (real) => withoutMark(real, mark),
  };
}

function withoutMark<T>(value: T, mark: string): T {
  if (typeof value === 'string') return value.replaceAll(mark, '') as T & string;
  if (Array.isArray(value)) return value.map((element: unknown) => withoutMark(element, mark)) as T & unknown[];
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key.replaceAll(mark, ''),
    withoutMark<unknown>(inner, mark),
  ]);
  return Object.fromEntries(entries) as T;
}
