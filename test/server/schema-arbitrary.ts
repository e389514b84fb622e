import fc from 'fast-check';

/** What the OpenAPI document says of a value: JSON Schema, as far as zod writes it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly format?: string;
}

export type Components = Readonly<Record<string, Schema>>;

/** What senders get wrong, and what attackers try: any of it may stand anywhere. */
const HOSTILE: readonly unknown[] = [
  ...[null, true, [], {}, '', ' ', 0, -1, 0.1, 1e308, -0],
  ...[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1, 2 ** 63, -(2 ** 63)],
  ...['💸', 'a\u0000b', '\ud800', 'é'.repeat(300), 'x'.repeat(5000), '../../etc/passwd', "'; drop table accounts; --"],
  ...['NaN', '9223372036854775808', '0000-00-00T00:00:00Z', '+275760-09-13T00:00:00Z', '2027-02-30T00:00:00Z'],
  ...[{ constructor: { prototype: { admin: true } } }, [[[[[[[[]]]]]]]], { $ref: '#/' }, { length: -1 }],
];

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.jsonValue({ maxDepth: 2 }),
  // JSON.parse makes an own property of it; an object literal would not.
  fc.constant(JSON.parse('{"__proto__": {"admin": true}}') as unknown),
);

/** Values that a schema allows, with something hostile in the place of about every eighth part. `known` are texts that mean something. */
export function valueOf(
  schema: Schema,
  components: Components,
  known: readonly string[],
  depth = 0,
): fc.Arbitrary<unknown> {
  const allowed = allowedBy(schema, components, known, depth);
  return fc.oneof({ arbitrary: allowed, weight: 8 }, { arbitrary: hostile, weight: 1 });
}

function allowedBy(
  schema: Schema,
  components: Components,
  known: readonly string[],
  depth: number,
): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const found = components[schema.$ref.split('/').at(-1) ?? ''];
    if (found === undefined) throw new Error(`${schema.$ref} is not in the document`);
    return valueOf(found, components, known, depth);
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valueOf(choice, components, known, depth)));
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (types.length === 0) return hostile;
  return fc.oneof(...types.map((type) => ofType(type, schema, components, known, depth)));
}

function ofType(
  type: string,
  schema: Schema,
  components: Components,
  known: readonly string[],
  depth: number,
): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return numberOf(type, schema);
    case 'string':
      return textOf(schema, known);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, components, known, depth + 1), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, 4),
      });
    case 'object':
      return objectOf(schema, components, known, depth);
    default:
      throw new Error(`no value of type ${type} is known`);
  }
}

function numberOf(type: 'integer' | 'number', { minimum, exclusiveMinimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = minimum ?? (exclusiveMinimum === undefined ? -1_000 : exclusiveMinimum + 1);
  const max = Math.max(min, Math.min(maximum ?? 1_000, min + 5_000));
  const integers = fc.integer({ min: Math.ceil(min), max: Math.floor(max) });
  return type === 'integer' ? integers : fc.oneof(integers, fc.double({ min, max, noNaN: true }));
}

function textOf({ format, minLength = 0, maxLength = 40 }: Schema, known: readonly string[]): fc.Arbitrary<string> {
  if (format === 'date-time') {
    return fc
      .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  }
  const any = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)), unit: 'grapheme' });
  return known.length === 0
    ? any
    : fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 3 }, { arbitrary: any, weight: 1 });
}

function objectOf(
  schema: Schema,
  components: Components,
  known: readonly string[],
  depth: number,
): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const model = Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, valueOf(each, components, known, depth + 1)]),
  );
  const requiredKeys = required.filter((name) => Object.hasOwn(model, name));
  const own = fc.record(model, { requiredKeys });
  if (typeof additionalProperties === 'object' && depth < 4) {
    const more = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 10 }),
      valueOf(additionalProperties, components, known, depth + 1),
      {
        maxKeys: 3,
      },
    );
    return fc.tuple(own, more).map(([one, other]) => ({ ...other, ...one }));
  }
  // Sometimes with a field nobody knows, which has to be named.
  const stray = fc.option(fc.constantFrom('unknownField', 'constructor', 'amountCents'), { freq: 12, nil: null });
  return fc.tuple(own, stray).map(([one, name]) => (name === null ? one : { ...one, [name]: 1 }));
}
