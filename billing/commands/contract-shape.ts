/** What a contract's parts must look like in a message (CRE-18). Without zod, because workflow code checks messages with it. */

import { formatCount } from '../model/counts.ts';

interface ShapeProblem {
  /** The field within the part, like `credits.capCents`; empty for the part itself. */
  readonly path: string;
  readonly expected: string;
  readonly found: unknown;
}

/** One part of a message: null where it is as it must be. */
export type PartCheck = (value: unknown) => ShapeProblem | null;

/** As many meters or attributes as anybody agrees on. */
const MOST_ENTRIES = 50;
/** Attributes are read by people. */
const LONGEST_ATTRIBUTE = 500;
const LARGEST_COUNT = 1_000_000;

const isWhole = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

const whole =
  (expected: string, least: number, most?: number): PartCheck =>
  (found) =>
    isWhole(found, least, most) ? null : { path: '', expected, found };

const cents = whole('a whole number in the currency’s minor unit, 0 or more', 0);
const units = whole('a whole number of units, 0 or more', 0, 1_000_000_000_000);

/** `{ count: 50, priceCents: 1500 }`: seats, and what each costs per interval. */
export const seatsPart: PartCheck = fields({
  count: whole(`a whole number from 1 to ${formatCount(LARGEST_COUNT)}`, 1, LARGEST_COUNT),
  priceCents: cents,
});

const meterPart: PartCheck = fields({
  includedPerMonth: units,
  'overage?': fields({ cents, per: whole('a whole number of units, 1 or more', 1) }),
  'capCents?': cents,
});

/** `{ credits: { includedPerMonth: 100000, overage: { cents: 10, per: 10 }, capCents: 500000 } }` */
export const metersPart: PartCheck = entries(
  'an object of meters like {"credits": {"includedPerMonth": 1000}}',
  meterPart,
);

/** `{ support: "24 × 7", deployment: "single-tenant" }` */
export const attributesPart: PartCheck = entries('an object of strings like {"support": "enterprise"}', (found) =>
  typeof found === 'string' && found.length <= LONGEST_ATTRIBUTE && !/\p{Cc}/u.test(found)
    ? null
    : { path: '', expected: `a string of at most ${formatCount(LONGEST_ATTRIBUTE)} printable characters`, found },
);

function fields(shape: Readonly<Record<string, PartCheck>>): PartCheck {
  const names = Object.keys(shape).map((name) => name.replace('?', ''));
  const expected = `an object with ${names.join(', ')}`;
  return (found) => {
    if (!isObject(found)) return { path: '', expected, found };
    const unknown = Object.keys(found).find((name) => !names.includes(name));
    if (unknown !== undefined) return { path: unknown, expected: `only ${names.join(', ')}`, found: undefined };
    for (const [key, check] of Object.entries(shape)) {
      const name = key.replace('?', '');
      const isAbsent = found[name] === undefined || found[name] === null;
      if (isAbsent && key.endsWith('?')) continue;
      const problem = within(name, check(found[name]));
      if (problem !== null) return problem;
    }
    return null;
  };
}

function entries(expected: string, check: PartCheck): PartCheck {
  return (found) => {
    if (!isObject(found) || Object.keys(found).length > MOST_ENTRIES) return { path: '', expected, found };
    for (const [name, value] of Object.entries(found)) {
      if (name.length === 0 || name.length > 100 || /\p{Cc}/u.test(name))
        return { path: '', expected: 'names of 1 to 100 printable characters', found: name };
      const problem = within(name, check(value));
      if (problem !== null) return problem;
    }
    return null;
  };
}

function within(name: string, problem: ShapeProblem | null): ShapeProblem | null {
  return problem === null ? null : { ...problem, path: problem.path === '' ? name : `${name}.${problem.path}` };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
