import type { Instant } from '../../billing/calendar/instant.ts';
import { camelCase } from '../database.ts';

declare const read: unique symbol;

/** A row of a table as `row_to_json` writes it in a UTC session, which is to be read as a `Row`. */
export type JsonRow<Row> = Readonly<Record<string, unknown>> & { readonly [read]?: Row };

/** Columns of type `timestamptz` that do not end in `_at` as the others do. JSON no longer tells them from texts. */
const INSTANTS: ReadonlySet<string> = new Set([
  ...['anchor', 'settled_through', 'state_since'],
  ...['cycle_start', 'cycle_end', 'period_start', 'period_end'],
]);

interface Column {
  readonly name: string;
  readonly isInstant: boolean;
}

const columns = new Map<string, Column>();

function columnOf(name: string): Column {
  const known = columns.get(name);
  if (known !== undefined) return known;
  const column = { name: camelCase(name), isInstant: name.endsWith('_at') || INSTANTS.has(name) };
  columns.set(name, column);
  return column;
}

/** The row as the driver would give it: names in camelCase, instants as such, whole numbers safe or not at all. */
export function fromJson<Row>(json: JsonRow<Row>): Row {
  const row: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(json)) {
    const { name, isInstant } = columnOf(column);
    row[name] = isInstant && value !== null ? instantOf(value as string) : value;
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new RangeError(`${column}: ${String(value)} does not fit a safe integer`);
    }
  }
  return row as Row;
}

/** Of nothing, `json_agg` makes null. */
export function fromJsonRows<Row>(rows: readonly JsonRow<Row>[] | null): readonly Row[] {
  return (rows ?? []).map((row) => fromJson(row));
}

/** JSON has `2027-01-31T00:00:00+00:00`. */
function instantOf(text: string): Instant {
  return `${text.slice(0, 19)}Z` as Instant;
}
