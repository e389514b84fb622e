import { invalidRequest } from './api-error.ts';

export interface ApiList {
  readonly object: 'list';
  readonly data: readonly object[];
  readonly has_more: boolean;
  readonly url: string;
}

interface Cursor {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
}

/** One page, https://docs.stripe.com/api/pagination: `items` in the list's order, 10 unless a limit is given. */
export function listPage<T extends { readonly id: string }>(
  items: Iterable<T>,
  cursor: Cursor,
  url: string,
  render: (item: T) => object,
): ApiList {
  if (cursor.starting_after !== undefined && cursor.ending_before !== undefined) {
    throw invalidRequest('You can only supply one of starting_after or ending_before.', { param: 'ending_before' });
  }
  const limit = cursor.limit ?? 10;
  const { page, hasMore } =
    cursor.ending_before === undefined
      ? pageAfter(items, cursor.starting_after, limit)
      : pageBefore(items, cursor.ending_before, limit);
  return { object: 'list', data: page.map(render), has_more: hasMore, url };
}

function pageAfter<T extends { readonly id: string }>(items: Iterable<T>, after: string | undefined, limit: number) {
  const page: T[] = [];
  let started = after === undefined;
  for (const item of items) {
    if (!started) {
      started = item.id === after;
      continue;
    }
    if (page.length === limit) return { page, hasMore: true };
    page.push(item);
  }
  if (!started) throw unknownCursor('starting_after', after ?? '');
  return { page, hasMore: false };
}

function pageBefore<T extends { readonly id: string }>(items: Iterable<T>, before: string, limit: number) {
  const preceding: T[] = [];
  for (const item of items) {
    if (item.id === before) return { page: preceding.slice(-limit), hasMore: preceding.length > limit };
    preceding.push(item);
  }
  throw unknownCursor('ending_before', before);
}

function unknownCursor(param: string, id: string) {
  return invalidRequest(`No such object: '${id}'`, { code: 'resource_missing', param });
}

export function* filtered<T>(items: Iterable<T>, isWanted: (item: T) => boolean): Generator<T> {
  for (const item of items) if (isWanted(item)) yield item;
}
