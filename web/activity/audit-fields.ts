import { money } from '../format/money.ts';
import { moment } from '../format/time.ts';
import { FIELD_NAMES, words } from '../words/activity.ts';

/** What an entry's before and after say of one thing, as texts for people. */
export interface AuditField {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const AMOUNTS: ReadonlySet<string> = new Set(['total', 'priceMinor', 'seatPriceMinor', 'amountCents']);

/** Flattens what was before and what is after, side by side, in the order in which they were written down. */
export function auditFields(before: unknown, after: unknown, currency: string | null): readonly AuditField[] {
  const was = flattened(before);
  const is = flattened(after);
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names.map((name) => ({
    name: nameOf(name),
    before: shown(name, was, currency),
    after: shown(name, is, currency),
  }));
}

function flattened(value: unknown, path = ''): ReadonlyMap<string, unknown> {
  if (value === null || value === undefined) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => {
      const at = path === '' ? key : `${path}.${key}`;
      return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? [...flattened(inner, at)]
        : [[at, inner] as const];
    }),
  );
}

function nameOf(path: string): string {
  if (path === '') return words.field;
  const names = path.split('.').map((part) => FIELD_NAMES[part] ?? inWords(part));
  return [...new Set(names)].join(' · ');
}

function inWords(name: string): string {
  const text = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]/g, ' ')
    .toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function shown(path: string, fields: ReadonlyMap<string, unknown>, currency: string | null): string | null {
  if (!fields.has(path)) return null;
  const value = fields.get(path);
  const name = path.split('.').at(-1) ?? path;
  if (value === null || value === undefined) return words.none;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number') {
    const isAmount = AMOUNTS.has(name) || name.endsWith('Cents') || path.startsWith('caps.');
    return isAmount && currency !== null ? money(value, currency) : String(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? words.none : value.map((each) => textOf(each)).join(', ');
  return textOf(value);
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return INSTANT.test(value) ? moment(value) : value;
}
