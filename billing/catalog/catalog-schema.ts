import { z } from 'zod';

/**
 * A catalog as it is written in YAML (CAT-1); `catalog.ts` has it as the rules read it. Every schema's error is what was
 * expected, as the end of a sentence that begins "expected …"; the loader adds where and what was found.
 */

const NAME = /^[a-z][a-z0-9_-]{0,62}$/;
/** Models are named by others: gpt-5.2, anthropic/claude-opus-4.5, llama3:70b. */
const MODEL_NAME = /^[A-Za-z0-9][\w./:@-]{0,127}$/;
/** Attribute names are read by people: "support level". Not all digits, which would lose their place in the order. */
const ATTRIBUTE_NAME = /^[A-Za-z][\w .-]{0,62}$/;

const A_NAME = 'a name of lowercase letters, digits, - and _, starting with a letter';

const name = z.string({ error: A_NAME }).regex(NAME, { error: A_NAME });
const words = (what: string) => z.string({ error: what }).trim().min(1, { error: what }).max(200, { error: what });
const wholeNumber = (what: string, minimum: number) => z.int({ error: what }).min(minimum, { error: what });
const cents = wholeNumber('a whole number in the currency’s minor unit, 0 or more', 0);
const yesOrNo = z.boolean({ error: 'true or false' });

function section<Shape extends z.ZodRawShape>(what: string, shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `only ${Object.keys(shape).join(', ')}` : what),
  });
}

function named<Value extends z.ZodType>(what: string, key: RegExp, value: Value) {
  const keyProblem = key === NAME ? A_NAME : 'a plain name, starting with a letter or digit';
  return z.record(z.string().regex(key), value, {
    error: (issue) => (issue.code === 'invalid_key' ? keyProblem : what),
  });
}

const prices = { month: cents.optional(), year: cents.optional() };

const meter = section('a meter like { unit: credit }', {
  unit: words('the singular of the unit, like credit'),
  granularitySeconds: wholeNumber('a whole number of seconds, 1 or more', 1).nullish(),
});

const quantity = wholeNumber('a whole number of units, 0 or more', 0);

const feature = section('a feature like { meter: credits, quantity: 139 }', {
  meter: name,
  quantity,
  models: named('quantities by model, like { some-model: 200 }', MODEL_NAME, quantity).optional(),
});

const pack = section('a pack like { month: 3000, included: { credits: 2500 } }', {
  ...prices,
  included: named(
    'units by meter, like { credits: 2500 }',
    NAME,
    wholeNumber('a whole number of units, 1 or more: overage costs price ÷ included', 1),
  ),
});

const seats = section('seat terms like { month: 2000, year: 18000 } or { limit: 5 }', {
  ...prices,
  limit: wholeNumber('a whole number of members, 1 or more', 1).nullish(),
});

const planMeter = section('an allowance like { includedPerMonth: 600 }', {
  includedPerMonth: wholeNumber('a whole number of units, 0 or more', 0),
  overage: section('a price like { cents: 32, per: 10 }', {
    cents,
    per: wholeNumber('a whole number of units, 1 or more', 1),
  }).nullish(),
  cap: z.enum(['optional', 'required', 'none'], { error: 'optional, required or none' }).optional(),
});

const cap = section('cap terms like { required: true, defaultCents: 5000 }', {
  required: yesOrNo.default(false),
  defaultCents: cents.nullish(),
});

const attribute = z.union([z.string(), z.number(), z.boolean()], { error: 'a string, a number, true or false' });

const plan = section('a plan: a mapping with selfServe, packs, seats, meters, caps, attributes', {
  title: words('a title for customers, like Pro Teams').optional(),
  selfServe: yesOrNo.default(true),
  packs: named('packs by name', NAME, pack).nullish(),
  seats: seats.nullish(),
  meters: named('allowances by meter', NAME, planMeter).default({}),
  caps: named('cap terms by meter', NAME, cap).default({}),
  attributes: named('contract attributes by name', ATTRIBUTE_NAME, attribute).default({}),
});

export const writtenCatalog = section('a catalog: a mapping with name, currency, meters, features, plans', {
  name,
  entity: words('a word for an account, like workspace').default('account'),
  currency: z.string({ error: 'an ISO 4217 code like usd' }),
  trial: section('a trial like { days: 14 }', {
    days: wholeNumber('a whole number of days, 1 or more', 1).max(3650, { error: 'at most 3,650 days' }),
  }).nullish(),
  afterTrial: z.enum(['blocked', 'free'], { error: 'blocked or free' }).optional(),
  defaultPlan: name.nullish(),
  graceMinutes: wholeNumber('a whole number of minutes from 0 to 40,320 (28 days)', 0)
    .max(40_320, {
      error: 'a whole number of minutes from 0 to 40,320 (28 days), so that it ends before the next cycle does',
    })
    .default(0),
  recoveryDays: wholeNumber('a whole number of days from 0 to 365', 0)
    .max(365, { error: 'a whole number of days from 0 to 365' })
    .default(7),
  meters: named('meters by name', NAME, meter).default({}),
  features: named('features by name', NAME, feature).default({}),
  plans: named('plans by name', NAME, plan),
});

export type WrittenCatalog = z.output<typeof writtenCatalog>;
export type WrittenPlan = WrittenCatalog['plans'][string];
