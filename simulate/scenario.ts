import { z } from 'zod';

import { type Instant, isInstant, parseInstant } from '../billing/calendar/instant.ts';
import type { Catalog } from '../billing/catalog/catalog.ts';
import type { RefusalCode } from '../billing/refusal-codes.ts';
import { Refusal } from '../billing/refusal.ts';
import { parseDurationSeconds } from './duration.ts';

/** A catalog as it is published. */
export interface PublishedCatalog {
  readonly catalog: Catalog;
  /** The same as it is written, for an installation that reads it itself. */
  readonly writtenCatalog: Readonly<Record<string, unknown>>;
}

/** A year in the life of one or more accounts, as it stands in a file (scenarios/README.md has the language). */
export interface Scenario extends PublishedCatalog {
  readonly name: string;
  /** The numbers of the rules that it shows; for readers. */
  readonly rules: readonly string[];
  readonly file: string;
  /** Whether the scenario brings its catalog along; otherwise it is a file under catalogs/. */
  readonly isCatalogInline: boolean;
  readonly start: Instant;
  readonly steps: readonly PlacedStep[];
}

/** Where something stands in the file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface PlacedStep {
  readonly step: Step;
  readonly position: Position;
  /** What the step's answer must contain; undefined: anything. */
  readonly answers: unknown;
}

/** Card names of scenarios, and the Stripe test payment methods they stand for: https://docs.stripe.com/testing */
export const CARDS = {
  visa: 'pm_card_visa',
  declined: 'pm_card_visa_chargeDeclined',
  declines_after_attach: 'pm_card_chargeCustomerFail',
  requires_action: 'pm_card_authenticationRequired',
} as const;

const CARD_NAMES = Object.keys(CARDS) as (keyof typeof CARDS)[];

const text = z.string().min(1);
const account = text.exactOptional();
const instant = z.string().transform((value, context): Instant => {
  if (isInstant(value)) return value;
  try {
    return parseInstant(value);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    context.addIssue({ code: 'custom', message: error.message.replace(/^instant: /, '') });
    return z.NEVER;
  }
});
/** A name alone is both the provider's id and the login; they differ for somebody who was renamed (SEA-4). */
const person = z.union([text, z.strictObject({ id: text, login: text.exactOptional() })], {
  error: 'expected a name, or { id, login }',
});
const interval = z.enum(['month', 'year']);
// Whether a number is whole, positive and affordable is for the engine to say: its refusals are part of what is specified.
const number = z.number();
const contractMeter = z.strictObject({
  includedPerMonth: number,
  overage: z.strictObject({ cents: number, per: number }).exactOptional(),
  capCents: number.exactOptional(),
});
/** As seconds: 600, or 10m. */
const duration = z.union([number, z.string()]).transform((value, context): number => {
  const seconds = typeof value === 'number' ? value : parseDurationSeconds(value);
  if (seconds !== null) return seconds;
  context.addIssue({ code: 'custom', message: 'expected a time like 2h, 5m or 90s' });
  return z.NEVER;
});
const heldUse = {
  account,
  id: text,
  quantity: number.exactOptional(),
  credits: number.exactOptional(),
};

/** The body of every step that a scenario can have, except those that hold a scalar, another step or a catalog. */
export const STEP_BODIES = {
  signup: z.strictObject({ account: text, owner: text, id: text.exactOptional() }),
  paymentMethod: z.strictObject({ account, card: z.enum(CARD_NAMES) }),
  subscribe: z.strictObject({
    account,
    plan: text,
    interval: interval.exactOptional(),
    seats: number.exactOptional(),
    pack: text.exactOptional(),
    capCents: number.exactOptional(),
    startNow: z.boolean().exactOptional(),
  }),
  changePlan: z.strictObject({
    account,
    plan: text.exactOptional(),
    interval: interval.exactOptional(),
    pack: text.exactOptional(),
    keep: z.array(text).exactOptional(),
  }),
  contract: z.strictObject({
    account,
    plan: text,
    interval,
    priceCents: number,
    seats: z.strictObject({ count: number, priceCents: number }).exactOptional(),
    meters: z.record(z.string(), contractMeter).exactOptional(),
    invoiceDueDays: number.exactOptional(),
    attributes: z.record(z.string(), z.string()).exactOptional(),
    startNow: z.boolean().exactOptional(),
  }),
  recordPayment: z.strictObject({ account, number: text, reference: text.exactOptional() }),
  creditInvoice: z.strictObject({
    account,
    number: text,
    line: number,
    amountCents: number,
    to: z.enum(['card', 'balance']).exactOptional(),
    reason: text.exactOptional(),
  }),
  payOut: z.strictObject({ account, reference: text.exactOptional() }),
  cancel: z.strictObject({ account }),
  resume: z.strictObject({ account }),
  addSeats: z.strictObject({ account, count: number }),
  removeSeats: z.strictObject({ account, count: number.exactOptional(), member: text.exactOptional() }),
  previewSeats: z.strictObject({ account, count: number }),
  automaticAllocation: z.strictObject({ account, enabled: z.boolean(), ceiling: number.nullable().exactOptional() }),
  enableMember: z.strictObject({ account, member: text }),
  enableMembers: z.strictObject({ account, members: z.array(text) }),
  disableMember: z.strictObject({ account, member: text }),
  run: z.strictObject({
    account,
    sender: person.nullable().exactOptional(),
    visibility: z.enum(['private', 'public']),
    minutes: number.exactOptional(),
    id: text.exactOptional(),
  }),
  openDashboard: z.strictObject({ account, member: person }),
  use: z.strictObject({
    account,
    feature: text,
    quantity: number.exactOptional(),
    credits: number.exactOptional(),
    member: person.exactOptional(),
    model: text.exactOptional(),
    id: text.exactOptional(),
    occurredAt: instant.exactOptional(),
  }),
  hold: z.strictObject({
    ...heldUse,
    feature: text.exactOptional(),
    meter: text.exactOptional(),
    member: person.exactOptional(),
    model: text.exactOptional(),
    expiresIn: duration.exactOptional(),
    expiresAt: instant.exactOptional(),
  }),
  capture: z.strictObject({ ...heldUse, feature: text.exactOptional(), model: text.exactOptional() }),
  release: z.strictObject({ account, id: text }),
  reverse: z.strictObject({ account, id: text }),
  setCap: z.strictObject({ account, meter: text, cents: number.nullable() }),
  extendTrial: z.strictObject({ account, days: number }),
  migrateCatalog: z.strictObject({ account, version: number.exactOptional() }),
  close: z.strictObject({ account }),
  outage: z.strictObject({ from: instant, to: instant }),
} as const;

export type BodyKind = keyof typeof STEP_BODIES;
export type Person = z.output<typeof person>;
export type StepBody<K extends BodyKind> = z.output<(typeof STEP_BODIES)[K]>;

/** Steps that are asked of an account; `account` is filled in where the file leaves it out. */
export type AccountStepKind = Exclude<BodyKind, 'outage'>;
export type AccountStep = {
  [K in AccountStepKind]: { readonly kind: K; readonly body: Readonly<StepBody<K>> & { readonly account: string } };
}[AccountStepKind];

export type Step =
  | AccountStep
  | { readonly kind: 'outage'; readonly from: Instant; readonly to: Instant }
  /** The next version of the scenario's catalog, whole; `changed` is what the file says of it. */
  | ({ readonly kind: 'publishCatalog'; readonly changed: Readonly<Record<string, unknown>> } & PublishedCatalog)
  /** `at` and `advance`, both as the instant the clock moves to. */
  | { readonly kind: 'at' | 'advance'; readonly to: Instant }
  | { readonly kind: 'expect'; readonly account: string; readonly expected: Readonly<Record<string, unknown>> }
  | { readonly kind: 'expectRefusal'; readonly code: RefusalCode; readonly step: Step }
  /** Only within `expectRefusal`: what is wrong with the step as it is written, which is its refusal. */
  | { readonly kind: 'malformed'; readonly name: string; readonly refusal: Refusal };

export const STEP_NAMES: readonly string[] = [
  ...Object.keys(STEP_BODIES),
  'publishCatalog',
  'at',
  'advance',
  'expect',
  'expectRefusal',
];

/** As it is written in the file. */
export function nameOf(step: Step): string {
  return step.kind === 'malformed' ? step.name : step.kind;
}
