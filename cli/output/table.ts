import Table from 'cli-table3';

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

interface TableLayout {
  readonly head?: readonly string[];
  /** Columns that hold amounts and counts. */
  readonly right?: readonly number[];
  readonly indent?: number;
}

/** Columns without lines, as people and `awk` read them. */
export function table(
  rows: readonly (readonly string[])[],
  { head, right = [], indent = 0 }: TableLayout = {},
): string {
  const columnCount = Math.max(0, head?.length ?? 0, ...rows.map((row) => row.length));
  const all = head === undefined ? rows : [head, ...rows];
  const made = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: Array.from({ length: columnCount }, (_, column) => (right.includes(column) ? 'right' : 'left')),
  });
  made.push(...all.map((row) => [...row]));
  return made
    .toString()
    .split('\n')
    .map((line) => (' '.repeat(indent) + line).trimEnd())
    .join('\n');
}
