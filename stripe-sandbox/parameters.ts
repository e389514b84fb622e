import { z } from 'zod';
import type { Form } from './form-decoding.ts';
import { type ApiError, invalidRequest } from './api-error.ts';

/**
 * What an endpoint takes. Everything arrives as text, so each rule here turns text into its type. A parameter that is
 * not listed is refused, as Stripe does: also one that Stripe has and the sandbox has not, so nothing is silently ignored.
 */
export const text = (maxLength = 5000) => z.string().min(1).max(maxLength);

/** A text that an empty value unsets. */
export const clearableText = (maxLength = 5000) =>
  z
    .string()
    .max(maxLength)
    .transform((value) => (value === '' ? null : value));

export const integer = () =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'integer')
    .transform(Number);

export const boolean = () =>
  z
    .string()
    .regex(/^(true|false)$/, 'boolean')
    .transform((value) => value === 'true');

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values);

/** `metadata[key]=value`; an empty value unsets the key, an empty `metadata` unsets them all. */
export const metadata = () =>
  z.union([z.literal(''), z.record(z.string().max(40), z.string().max(500))], { error: 'metadata' });

export const expand = () => z.array(z.string()).max(20).optional();

/** Cursor paging, https://docs.stripe.com/api/pagination. */
export const paging = {
  limit: integer()
    .refine((limit) => limit >= 1 && limit <= 100, 'limit')
    .optional(),
  starting_after: text().optional(),
  ending_before: text().optional(),
  expand: expand(),
};

/** `created[gte]=…` or `created=…`. */
export const createdRange = () =>
  z
    .union([
      integer(),
      z.strictObject({
        gt: integer().optional(),
        gte: integer().optional(),
        lt: integer().optional(),
        lte: integer().optional(),
      }),
    ])
    .optional();

export type CreatedRange = z.infer<ReturnType<typeof createdRange>>;

export function isInRange(seconds: number, range: CreatedRange): boolean {
  if (range === undefined) return true;
  if (typeof range === 'number') return seconds === range;
  return (
    (range.gt === undefined || seconds > range.gt) &&
    (range.gte === undefined || seconds >= range.gte) &&
    (range.lt === undefined || seconds < range.lt) &&
    (range.lte === undefined || seconds <= range.lte)
  );
}

/** Metadata after an update: given keys are set, keys given as '' are removed, '' for all removes all. */
export function mergedMetadata(
  current: Readonly<Record<string, string>> | null,
  update: '' | Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  if (update === '') return {};
  const merged = Object.entries({ ...current, ...update }).filter(([, value]) => value !== '');
  return Object.fromEntries(merged);
}

/** Checks and converts; the first problem is thrown as Stripe words it. */
export function parseParameters<T extends z.ZodType>(rules: T, form: Form): z.output<T> {
  const result = rules.safeParse(form);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw issue === undefined ? invalidRequest('Invalid request.') : parameterError(issue, form);
}

function parameterError(issue: z.core.$ZodIssue, form: Form): ApiError {
  if (issue.code === 'unrecognized_keys') return unknownParameters(issue.path, issue.keys);
  if (issue.code === 'invalid_union') {
    // The branch that got furthest explains best: for `created[foo]=1` that is the object, not the integer.
    const inner = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0];
    const unknown = issue.errors.flat().find((each) => each.code === 'unrecognized_keys');
    const best = unknown ?? inner;
    if (best !== undefined) return parameterError({ ...best, path: [...issue.path, ...best.path] }, form);
  }
  const param = paramName(issue.path);
  const given = valueAt(form, issue.path);
  if (given === undefined) {
    return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
  if (given === '') {
    const message = `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`;
    return invalidRequest(message, { code: 'parameter_invalid_empty', param });
  }
  const shown = typeof given === 'string' ? given : JSON.stringify(given);
  if (issue.message === 'integer') {
    return invalidRequest(`Invalid integer: ${shown}`, { code: 'parameter_invalid_integer', param });
  }
  if (issue.code === 'invalid_value') {
    const message = `Invalid ${param}: must be one of ${issue.values.map(String).join(', ')}`;
    return invalidRequest(message, { param });
  }
  if (issue.code === 'too_big' && issue.origin === 'string') {
    const message = `Invalid string: ${shown.slice(0, 20)}...; must be at most ${String(issue.maximum)} characters`;
    return invalidRequest(message, { param });
  }
  if (issue.message === 'limit') {
    return invalidRequest('This value must be between 1 and 100 (inclusive).', { param });
  }
  const kind = issue.code === 'invalid_type' ? issue.expected : issue.message;
  return invalidRequest(`Invalid ${kind === 'record' ? 'object' : kind}: ${shown}`, { param });
}

function unknownParameters(path: readonly PropertyKey[], keys: readonly string[]): ApiError {
  const names = keys.map((key) => paramName([...path, key]));
  const message = `Received unknown parameter${names.length > 1 ? 's' : ''}: ${names.join(', ')}`;
  return invalidRequest(message, { code: 'parameter_unknown', param: names[0] ?? '' });
}

function paramName(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (index === 0 ? String(part) : `[${String(part)}]`)).join('');
}

function valueAt(form: Form, path: readonly PropertyKey[]): unknown {
  let value: unknown = form;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
