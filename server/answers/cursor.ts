import { z } from 'zod';

import { formatCount } from '../../billing/model/counts.ts';
import { Refusal } from '../../billing/refusal.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;
const EXPECTED_LIMIT = `expected a whole number from 1 to ${formatCount(MAX_LIMIT)}`;

/** What every list can be asked. */
export const pageQuery = {
  limit: z.coerce
    .number(EXPECTED_LIMIT)
    .int(EXPECTED_LIMIT)
    .min(1, EXPECTED_LIMIT)
    .max(MAX_LIMIT, EXPECTED_LIMIT)
    .default(DEFAULT_LIMIT)
    .meta({ description: 'The maximum number of items to return.' }),
  cursor: z.string().max(2000).optional().meta({ description: 'The `nextCursor` of the previous page.' }),
};

/** Opaque to callers: the place after which the next page begins, so that what is added meanwhile moves nothing. */
export type Place = readonly (string | number)[];

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export function pageOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodReadonly<z.ZodArray<Item>>; nextCursor: z.ZodNullable<z.ZodString> }> {
  return z.object({
    items: z.array(item).readonly(),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Pass it as `cursor` to get the next page. Null on the last page.' }),
  });
}

/** @throws Refusal `invalid_request` for a cursor that is none of ours. */
export function readPlace<const Parts extends readonly z.ZodType[]>(
  cursor: string | undefined,
  parts: Parts,
): { -readonly [Part in keyof Parts]: z.output<Parts[Part]> } | null {
  if (cursor === undefined) return null;
  const schema = z.tuple(parts as unknown as [z.ZodType, ...z.ZodType[]]);
  try {
    const place = schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return place as { -readonly [Part in keyof Parts]: z.output<Parts[Part]> };
  } catch {
    throw new Refusal({
      code: 'invalid_request',
      message: 'cursor: expected the nextCursor of a page of this list.',
      field: 'cursor',
    });
  }
}

/** Turns one item more than was asked for into "there is more". */
export function toPage<Item>(found: readonly Item[], limit: number, placeOf: (item: Item) => Place): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? Buffer.from(JSON.stringify(placeOf(last))).toString('base64url') : null };
}
