import { Refusal } from '../../billing/refusal.ts';

const NUMERAL = /^[+-]?\d+(\.\d+)?$/;

/**
 * A number as it was typed. Only its form is read here: whether it may be negative or have a fraction is for the engine to say.
 * @throws Refusal `invalid_request` naming the field.
 */
export function numeral(field: string, text: string): number {
  if (NUMERAL.test(text)) return Number(text);
  throw new Refusal({
    code: 'invalid_request',
    message: `${field}: expected a number, found "${text.slice(0, 60)}".`,
    field,
  });
}

/**
 * An amount in minor units, like cents. `50.00` is somebody's dollars, and would be 50 cents; so only whole numbers are taken.
 * @throws Refusal `invalid_request` naming the field.
 */
export function minorUnits(field: string, text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new Refusal({
    code: 'invalid_request',
    message: `${field}: expected a whole number in the currency’s minor unit, found "${text.slice(0, 60)}".`,
    solve: 'Write the amount in the currency’s minor unit: `5000` for $50.00.',
    field,
  });
}

/** `{ [field]: number }`, or nothing where the option was left out. */
export function optionalNumeral<Field extends string>(
  field: Field,
  text: string | undefined,
): Partial<Record<Field, number>> {
  return text === undefined ? {} : ({ [field]: numeral(field, text) } as Record<Field, number>);
}

/** `none` takes a limit away. */
export function numeralOrNone(field: string, text: string): number | null {
  return text === 'none' ? null : numeral(field, text);
}
