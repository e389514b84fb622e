import { z } from 'zod';

import { formatCount } from '../../billing/model/counts.ts';

/** What a request may say, field by field. The same limits as billing/commands/command-shape.ts, so that they can be documented. */

const PRINTABLE = new RegExp(String.raw`^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]+$`, 'u');
const EXPECTED_ID = 'expected a string of 1 to 200 printable characters';
const LARGEST_COUNT = 1_000_000;

export const id = z.string(EXPECTED_ID).min(1, EXPECTED_ID).max(200, EXPECTED_ID).regex(PRINTABLE, EXPECTED_ID);

const EXPECTED_COUNT = `expected a whole number from 1 to ${formatCount(LARGEST_COUNT)}`;
export const count = z.int(EXPECTED_COUNT).min(1, EXPECTED_COUNT).max(LARGEST_COUNT, EXPECTED_COUNT);

const EXPECTED_QUANTITY = `expected a number above 0, up to ${formatCount(LARGEST_COUNT)}`;
/** Also parts, of minutes for example: what is not whole in the meter’s smallest unit is refused where it is priced. */
export const quantity = z.number(EXPECTED_QUANTITY).positive(EXPECTED_QUANTITY).max(LARGEST_COUNT, EXPECTED_QUANTITY);

const EXPECTED_CENTS = 'expected a whole number in the currency’s minor unit, 0 or more';
export const cents = z.int(EXPECTED_CENTS).min(0, EXPECTED_CENTS);

export const interval = z.enum(['month', 'year'], 'expected month or year');

/** In requests: any ISO 8601 date and time with a zone; read with `parseInstant`, which names what is wrong. */
export const givenInstant = z
  .string('expected a date and time like 2027-01-31T09:30:00Z')
  .max(40, 'expected a date and time like 2027-01-31T09:30:00Z')
  .meta({
    format: 'date-time',
    description: 'A date and time in whole seconds, with `Z` or an offset.',
    examples: ['2027-01-31T09:30:00Z'],
  });

/** In requests: a day of UTC; read where it is used, which names what is wrong. */
export const givenDay = z
  .string('expected a day like 2027-01-31')
  .max(40, 'expected a day like 2027-01-31')
  .meta({ format: 'date', examples: ['2027-01-31'] });

/** In answers: always UTC, whole seconds. */
export const instant = z.string().meta({ format: 'date-time', examples: ['2027-01-31T09:30:00Z'] });

export const amount = z.int().meta({ description: 'In the currency’s minor unit; negative for credits.' });

export const period = z
  .object({ start: instant, end: instant })
  .meta({ id: 'Period', description: 'A half-open period: `start` is included, `end` is not.' });

/** Lists are not changed by who answers with them. */
export function listOf<Item extends z.ZodType>(item: Item): z.ZodReadonly<z.ZodArray<Item>> {
  return z.array(item).readonly();
}

export const accountParams = z.object({ account: id.meta({ description: 'The account id that was used at signup.' }) });
