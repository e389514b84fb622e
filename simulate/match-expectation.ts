/** One place where what was expected is not what was found; `path` reads like `invoices[1].total`. */
export interface Mismatch {
  readonly path: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/**
 * Compares as `expect` does: of a mapping, only the keys that are expected; of a list, every element, in order; and null
 * stands for absent. Empty when all of it holds.
 */
export function findMismatches(expected: unknown, found: unknown, path = ''): readonly Mismatch[] {
  if (Array.isArray(expected)) return mismatchesOfList(expected, found, path);
  if (isRecord(expected)) {
    if (!isRecord(found)) return [{ path, expected, found }];
    return Object.entries(expected).flatMap(([key, value]) =>
      findMismatches(value, Object.hasOwn(found, key) ? found[key] : undefined, path === '' ? key : `${path}.${key}`),
    );
  }
  return (expected ?? null) === (found ?? null) ? [] : [{ path, expected, found }];
}

function mismatchesOfList(expected: readonly unknown[], found: unknown, path: string): readonly Mismatch[] {
  if (!Array.isArray(found)) return [{ path, expected, found }];
  const elements: readonly unknown[] = found;
  if (elements.length !== expected.length) {
    // The elements tell more than their number: a person sees which one is missing or too many.
    return [{ path: `${path}.length`, expected: expected.length, found: elements.length }, ...firstDifference()];
  }
  return expected.flatMap((element, index) => findMismatches(element, elements[index], `${path}[${String(index)}]`));

  function firstDifference(): readonly Mismatch[] {
    const index = elements.findIndex((element, at) => findMismatches(expected[at], element).length > 0);
    const at = index === -1 ? elements.length : index;
    return [{ path: `${path}[${String(at)}]`, expected: expected[at], found: elements[at] }];
  }
}

/** `invoices[1].total: expected 9000, found 8999`, one sentence per mismatch. */
export function describeMismatches(mismatches: readonly Mismatch[]): string {
  return mismatches
    .map(({ path, expected, found }) => {
      return `${path === '' ? '' : `${path}: `}expected ${shown(expected)}, found ${shown(found)}`;
    })
    .join('; ');
}

const LONGEST_SHOWN = 300;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
