import { isInstant } from '../calendar/instant.ts';
import { formatCount } from '../model/counts.ts';
import { Refusal } from '../refusal.ts';
import type { Command, CommandType } from '../model/command.ts';
import { attributesPart, metersPart, type PartCheck, seatsPart } from './contract-shape.ts';

/** What a field must look like; `?` marks one that may be left out. Without zod, because workflow code checks messages with it. */
type Shape =
  | ('id' | 'text' | 'positive' | 'nonNegative' | 'boolean' | 'interval' | 'role' | 'ids' | 'ceiling' | 'cents')
  | 'emails'
  | 'dueDays'
  | 'version'
  | 'creditLines'
  | 'destination'
  | Part;
/** Shapes with parts of their own (contract-shape.ts). */
type Part = 'seats' | 'meters' | 'attributes';

const SHAPES: Readonly<Record<CommandType, Readonly<Record<string, Shape | `${Shape}?`>>>> = {
  signUp: { ownerId: 'id', catalog: 'id' },
  setPaymentMethod: { paymentMethodId: 'id' },
  subscribe: {
    plan: 'id',
    interval: 'interval?',
    seats: 'positive?',
    pack: 'id?',
    capCents: 'nonNegative?',
    startNow: 'boolean?',
  },
  changePlan: { plan: 'id?', interval: 'interval?', pack: 'id?', keepMemberIds: 'ids?' },
  cancel: {},
  resume: {},
  close: {},
  addSeats: { count: 'positive' },
  removeSeats: { count: 'positive?', memberId: 'id?' },
  setAutomaticAllocation: { enabled: 'boolean', ceiling: 'ceiling?' },
  enableMember: { memberId: 'id' },
  enableMembers: { memberIds: 'ids' },
  disableMember: { memberId: 'id' },
  addMember: { memberId: 'id', login: 'text?', role: 'role?' },
  setRole: { memberId: 'id', role: 'role' },
  admitMember: { memberId: 'id', login: 'text?' },
  setCap: { meter: 'id', capCents: 'cents' },
  payInvoice: { number: 'id' },
  creditInvoice: { number: 'id', lines: 'creditLines', reason: 'text', to: 'destination?' },
  extendTrial: { days: 'positive' },
  migrateCatalog: { version: 'positive?' },
  setContract: {
    plan: 'id',
    interval: 'interval',
    priceCents: 'nonNegative',
    seats: 'seats?',
    meters: 'meters?',
    invoiceDueDays: 'dueDays?',
    attributes: 'attributes?',
    startNow: 'boolean?',
  },
  recordPayment: { number: 'id', reference: 'text?' },
  payOut: { reference: 'text?' },
  billAfterEnd: {},
  setBillingContacts: { emails: 'emails' },
};

export const COMMAND_TYPES = Object.keys(SHAPES) as readonly CommandType[];

/** Fields that any command may carry beside its own: who asks, under which key, and when it takes effect. */
export interface CommandHeader {
  readonly commandId?: string;
  readonly actor?: string;
  readonly effectiveAt?: string;
  /** Refused unless the account is still as it was when its version was this one. */
  readonly ifVersion?: number;
  /** Refused unless this member is an admin when the command is decided (SEA-17). */
  readonly onBehalfOf?: string;
}

const HEADER: Readonly<Record<string, Shape | `${Shape}?`>> = {
  commandId: 'id?',
  actor: 'text?',
  ifVersion: 'version?',
  onBehalfOf: 'id?',
};

/** Ids are short enough to be part of keys, and free of control characters. */
const ID_LENGTH = 200;
/** Counts beyond this are typing errors; amounts have their own limit, what a safe integer holds. */
const LARGEST_COUNT = 1_000_000;

/** An invoice that is due later than a year after it was issued is a typing error. */
const MOST_DUE_DAYS = 365;

const MOST_EMAILS = 20;

const PARTS: Readonly<Record<Part, PartCheck>> = { seats: seatsPart, meters: metersPart, attributes: attributesPart };

const EXPECTED: Readonly<Record<Exclude<Shape, Part>, string>> = {
  id: `a string of 1 to ${String(ID_LENGTH)} printable characters`,
  text: `a string of 1 to ${String(ID_LENGTH)} printable characters`,
  positive: `a whole number from 1 to ${formatCount(LARGEST_COUNT)}`,
  nonNegative: 'a whole number in the currency’s minor unit, 0 or more',
  boolean: 'true or false',
  interval: 'month or year',
  role: 'admin or member',
  creditLines:
    'a list like [{"line": 1, "amountCents": 500}]: at most 250 lines, each with a whole number in the currency’s minor unit, 1 or more',
  destination: 'card or balance',
  ids: 'a list of ids',
  emails: `a list of at most ${String(MOST_EMAILS)} addresses like ada@example.com`,
  ceiling: `a whole number from 1 to ${formatCount(LARGEST_COUNT)}, or null for no limit`,
  cents: 'a whole number in the currency’s minor unit, 0 or more, or null for none',
  dueDays: `a whole number of days from 1 to ${String(MOST_DUE_DAYS)}`,
  version: 'the version of an account',
};

/**
 * Reads a message as a command of a type. Synchronous and complete: what passes cannot fail later for its form.
 * @throws Refusal `invalid_request` naming the first field that is wrong, missing or unknown.
 */
export function parseCommand(
  type: CommandType,
  message: unknown,
): { readonly command: Command; readonly header: CommandHeader } {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw invalid(type, 'expected an object like {"count": 1}', undefined);
  }
  const fields = message as Readonly<Record<string, unknown>>;
  const { commandId, actor, effectiveAt, ifVersion, onBehalfOf, type: _type, ...body } = fields;
  const shapes: Readonly<Record<string, Shape | `${Shape}?`>> = SHAPES[type];
  const unknown = Object.keys(body).find((name) => !Object.hasOwn(shapes, name));
  if (unknown !== undefined) throw invalid(unknown, `is not a field of ${type}`, undefined);
  for (const [name, shape] of Object.entries(shapes)) assertShape(name, shape, body[name]);
  for (const [name, shape] of Object.entries(HEADER)) assertShape(name, shape, fields[name]);
  if (effectiveAt !== undefined && !isInstant(effectiveAt)) {
    throw invalid('effectiveAt', 'expected an instant like 2027-01-31T00:00:00Z', effectiveAt);
  }
  assertSense(type, body);
  return {
    command: { type, ...body } as Command,
    header: { commandId, actor, effectiveAt, ifVersion, onBehalfOf } as CommandHeader,
  };
}

/** @throws Refusal `invalid_request` unless the value can be an id: of an account, a member, an event. */
export function assertId(field: string, value: unknown): void {
  assertShape(field, 'id', value);
}

function assertSense(type: CommandType, body: Readonly<Record<string, unknown>>): void {
  if (type === 'removeSeats' && (body['count'] === undefined) === (body['memberId'] === undefined)) {
    throw invalid('count', 'send either count or memberId, not both', body['count']);
  }
  if (
    type === 'changePlan' &&
    body['plan'] === undefined &&
    body['interval'] === undefined &&
    body['pack'] === undefined
  ) {
    throw invalid('plan', 'send at least one of plan, interval, and pack', undefined);
  }
}

function assertShape(name: string, shape: Shape | `${Shape}?`, value: unknown): void {
  if (value === undefined && shape.endsWith('?')) return;
  const required = shape.replace('?', '') as Shape;
  if (isPart(required)) assertPart(name, PARTS[required], value);
  else if (!matches(required, value)) throw invalid(name, `expected ${EXPECTED[required]}`, value);
}

function isPart(shape: Shape): shape is Part {
  return Object.hasOwn(PARTS, shape);
}

function assertPart(name: string, check: PartCheck, value: unknown): void {
  const problem = check(value);
  if (problem === null) return;
  throw invalid(problem.path === '' ? name : `${name}.${problem.path}`, `expected ${problem.expected}`, problem.found);
}

function matches(shape: Exclude<Shape, Part>, value: unknown): boolean {
  switch (shape) {
    case 'id':
    case 'text':
      return isText(value);
    case 'positive':
      return isCount(value);
    case 'nonNegative':
    case 'version':
      return isCents(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'interval':
      return value === 'month' || value === 'year';
    case 'role':
      return value === 'admin' || value === 'member';
    case 'creditLines':
      return Array.isArray(value) && value.length > 0 && value.length <= 250 && value.every(isCreditLine);
    case 'destination':
      return value === 'card' || value === 'balance';
    case 'ids':
      return Array.isArray(value) && value.every(isText);
    case 'emails':
      return Array.isArray(value) && value.length <= MOST_EMAILS && value.every(isEmail);
    case 'ceiling':
      return value === null || isCount(value);
    case 'cents':
      return value === null || isCents(value);
    case 'dueDays':
      return isCount(value) && (value as number) <= MOST_DUE_DAYS;
  }
}

function isText(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > ID_LENGTH) return false;
  // Half a pair of UTF-16 is no character: whoever stores it stores something else, and two ids would become one.
  return !/[\p{Cc}\p{Cs}]/u.test(value);
}

/** Plain ones only: whatever could mean something in a mail's header is none. */
function isEmail(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 254) return false;
  return /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= LARGEST_COUNT;
}

function isCents(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCreditLine(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  const { line, amountCents } = value as Readonly<Record<string, unknown>>;
  return isCount(line) && isCents(amountCents) && amountCents !== 0;
}

function invalid(field: string, expectation: string, found: unknown): Refusal {
  const shown = found === undefined ? '' : `, found ${JSON.stringify([found]).slice(1, -1).slice(0, 60)}`;
  return new Refusal({ code: 'invalid_request', message: `${field}: ${expectation}${shown}.`, field });
}
