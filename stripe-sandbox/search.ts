import { z } from 'zod';
import { invalidRequest } from './api-error.ts';
import type { Call } from './endpoint.ts';
import { expand, paging, text } from './parameters.ts';

/** https://docs.stripe.com/search: pages by an opaque token, not by object ids. */
export const searchParameters = z.strictObject({
  query: text(),
  limit: paging.limit,
  page: text().optional(),
  expand: expand(),
});

interface Searchable {
  readonly id: string;
  readonly created: number;
  readonly metadata: Readonly<Record<string, string>> | null;
}

interface Clause {
  readonly field: string;
  readonly metadataKey: string | null;
  readonly operator: string;
  readonly value: string;
  readonly isNegated: boolean;
}

/** Quotes inside quotes are escaped: `metadata["k"]:"say \"hi\""`. */
const CLAUSE =
  /^\s*(-?)(?:(metadata)\[(["'])((?:[^\\]|\\.)*?)\3\]|([a-z_.]+))\s*(:|~|<=|>=|<|>)\s*(?:(["'])((?:[^\\]|\\.)*?)\7|(-?\d+|null))\s*/;

/** Clauses joined by AND or by OR; the two cannot be mixed in one query. */
function parseQuery(query: string): { clauses: Clause[]; joinedBy: 'AND' | 'OR' } {
  const clauses: Clause[] = [];
  let joinedBy: 'AND' | 'OR' = 'AND';
  let rest = query;
  for (;;) {
    const match = CLAUSE.exec(rest);
    if (match === null) throw invalidRequest(`We were unable to parse your search query: ${query}`, { param: 'query' });
    const [whole, minus, isMetadata, , key = '', field = '', operator = ':', , quoted, bare = ''] = match;
    clauses.push({
      field: isMetadata === undefined ? field : 'metadata',
      metadataKey: isMetadata === undefined ? null : key,
      operator,
      value: quoted?.replaceAll(/\\(.)/g, '$1') ?? bare,
      isNegated: minus === '-',
    });
    rest = rest.slice(whole.length);
    if (rest === '') return { clauses, joinedBy };
    const join = /^(AND|OR)\s+/i.exec(rest);
    if (join !== null) {
      const word = join[1]?.toUpperCase() === 'OR' ? 'OR' : 'AND';
      if (clauses.length > 1 && word !== joinedBy) {
        throw invalidRequest('You cannot mix AND and OR in one search query.', { param: 'query' });
      }
      joinedBy = word;
      rest = rest.slice(join[0].length);
    }
  }
}

function isMatch(item: Searchable, clause: Clause): boolean {
  const actual =
    clause.metadataKey === null
      ? (item as unknown as Record<string, unknown>)[clause.field]
      : item.metadata?.[clause.metadataKey];
  return isEqualOrOrdered(actual, clause) !== clause.isNegated;
}

function isEqualOrOrdered(actual: unknown, { operator, value }: Clause): boolean {
  if (value === 'null' && operator === ':') return actual === null || actual === undefined;
  if (typeof actual !== 'string' && typeof actual !== 'number') return false;
  switch (operator) {
    case ':':
      return String(actual).toLowerCase() === value.toLowerCase();
    case '~':
      return String(actual).toLowerCase().includes(value.toLowerCase());
    case '<':
      return Number(actual) < Number(value);
    case '>':
      return Number(actual) > Number(value);
    case '<=':
      return Number(actual) <= Number(value);
    default:
      return Number(actual) >= Number(value);
  }
}

/**
 * One page of matches. What was created a moment ago is not found yet: at Stripe search follows "in less than a
 * minute" and must not be used to read what was just written, and neither can it be here.
 */
export function searchPage<T extends Searchable>(
  call: Call<z.output<typeof searchParameters>>,
  items: Iterable<T>,
  url: string,
  render: (item: T) => object,
): object {
  const { query, limit = 10, page } = call.params;
  const { clauses, joinedBy } = parseQuery(query);
  const searchableUntilMs = Date.now() - call.searchLagMs;
  const skip = page === undefined ? 0 : Number(page.replace(/^page_/, ''));
  const found: T[] = [];
  for (const item of items) {
    if (item.created * 1000 > searchableUntilMs) continue;
    const isFound =
      joinedBy === 'AND'
        ? clauses.every((clause) => isMatch(item, clause))
        : clauses.some((clause) => isMatch(item, clause));
    if (isFound) found.push(item);
    if (found.length > skip + limit) break;
  }
  const has_more = found.length > skip + limit;
  return {
    object: 'search_result',
    data: found.slice(skip, skip + limit).map(render),
    has_more,
    next_page: has_more ? `page_${String(skip + limit)}` : null,
    url,
  };
}
