import type { z } from 'zod';

import { addSeconds, type Instant, parseInstant } from '../billing/calendar/instant.ts';
import { describeFound, type Path } from '../billing/catalog/catalog-problem.ts';
import { catalogFromObject } from '../billing/catalog/load-catalog.ts';
import { REFUSAL_CODES, type RefusalCode } from '../billing/refusal-codes.ts';
import { Refusal } from '../billing/refusal.ts';
import { parseDurationSeconds } from './duration.ts';
import { type AccountStepKind, type BodyKind, type Step, STEP_BODIES, STEP_NAMES, type StepBody } from './scenario.ts';
import { problemAt, type ScenarioSource } from './scenario-problem.ts';

export interface StepContext {
  readonly source: ScenarioSource;
  readonly accounts: readonly string[];
  /** Where the scenario's clock stands when the step is played; it is known without playing. */
  clock: Instant;
  /** The newest version of the catalog by then, as it is written; it too is known without playing. */
  writtenCatalog: Readonly<Record<string, unknown>>;
  /** Within `expectRefusal` wrong values are kept, so that the engine is seen refusing them. */
  readonly isExpectedToFail: boolean;
}

const WORDS_FOR_TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'yes or no (true, false)',
  object: 'mapping like { count: 1 }',
  array: 'list',
};

type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads one item of `steps`: a mapping with the step's name, and `answers` beside it where the answer matters. */
export function parseStep(context: StepContext, path: Path, written: unknown): { step: Step; answers: unknown } {
  if (!isMapping(written)) {
    throw problemAt(
      context.source,
      path,
      `expected a step like addSeats: { count: 1 }, found ${describeFound(written)}.`,
    );
  }
  const { answers, ...rest } = written;
  const [name, ...others] = Object.keys(rest);
  if (name === undefined || others.length > 0) {
    const found = name === undefined ? 'none' : [name, ...others].join(' and ');
    throw problemAt(context.source, path, `expected exactly one step, found ${found}.`);
  }
  return { step: parseNamedStep(context, [...path, name], name, rest[name]), answers };
}

function parseNamedStep(context: StepContext, path: Path, name: string, body: unknown): Step {
  switch (name) {
    case 'at':
      return { kind: 'at', to: notBeforeClock(context, path, parseAt(context, path, body)) };
    case 'advance':
      return { kind: 'advance', to: parseAdvance(context, path, body) };
    case 'expect':
      return parseExpect(context, path, body);
    case 'expectRefusal':
      return parseExpectRefusal(context, path, body);
    case 'publishCatalog':
      return parsePublishCatalog(context, path, body);
    case 'outage':
      return parseOutage(context, path, body);
    default:
      if (isAccountStep(name)) return parseAccountStep(context, path, name, body);
      throw problemAt(context.source, path, `there is no step "${name}"; there are ${STEP_NAMES.join(', ')}.`, {
        code: 'unknown_step',
        atKey: true,
      });
  }
}

function isAccountStep(name: string): name is AccountStepKind {
  return Object.hasOwn(STEP_BODIES, name) && name !== 'outage';
}

function parseAt(context: StepContext, path: Path, written: unknown): Instant {
  try {
    return parseInstant(written, 'at');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw problemAt(context.source, path, error.message.replace(/^at: /, ''));
  }
}

function parseAdvance(context: StepContext, path: Path, written: unknown): Instant {
  const seconds = parseDurationSeconds(written);
  if (seconds === null) {
    throw problemAt(
      context.source,
      path,
      `expected a time like 30d, 12h, 5m or 1d12h, found ${describeFound(written)}.`,
    );
  }
  try {
    return addSeconds(context.clock, seconds);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw problemAt(context.source, path, error.message);
  }
}

/** Within `expectRefusal` the engine is left to refuse it. */
function notBeforeClock(context: StepContext, path: Path, to: Instant): Instant {
  if (to >= context.clock || context.isExpectedToFail) return to;
  throw problemAt(context.source, path, `${to} is before the clock, which stands at ${context.clock}.`, {
    code: 'date_before_clock',
  });
}

function parseOutage(context: StepContext, path: Path, written: unknown): Step {
  const body = parseBody(context, path, 'outage', written);
  const from = notBeforeClock(context, [...path, 'from'], body.from);
  const to = notBeforeClock({ ...context, clock: from }, [...path, 'to'], body.to);
  return { kind: 'outage', from, to };
}

/** Says only what changes; everything else is as in the version before. */
function parsePublishCatalog(context: StepContext, path: Path, written: unknown): Step {
  if (!isMapping(written)) {
    const expected = 'what changes of the catalog, like { plans: { pro: { seats: { month: 2500 } } } }';
    throw problemAt(context.source, path, `expected ${expected}, found ${describeFound(written)}.`);
  }
  const { file, locate } = context.source;
  const writtenCatalog = changedBy(context.writtenCatalog, written);
  const catalog = catalogFromObject(writtenCatalog, file, (within, atKey) => locate([...path, ...within], atKey));
  return { kind: 'publishCatalog', changed: written, catalog, writtenCatalog };
}

/** Mappings are merged, `null` takes something away, and every other value stands in the place of the one before. */
function changedBy(before: Mapping, changes: Mapping): Mapping {
  const changed: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(changes)) {
    const present = Object.hasOwn(before, key) ? before[key] : undefined;
    changed[key] = isMapping(value) && isMapping(present) ? changedBy(present, value) : value;
  }
  return Object.fromEntries(
    Object.entries(changed).filter(([key, value]) => value !== null || !Object.hasOwn(changes, key)),
  );
}

function parseExpect(context: StepContext, path: Path, written: unknown): Step {
  if (!isMapping(written)) {
    throw problemAt(context.source, path, `expected what the account must look like, found ${describeFound(written)}.`);
  }
  const { account, ...expected } = written;
  return { kind: 'expect', account: accountOf(context, path, account), expected };
}

function parseExpectRefusal(context: StepContext, path: Path, written: unknown): Step {
  const isShaped = isMapping(written) && isMapping(written['step']) && Object.keys(written).length === 2;
  if (!isShaped) {
    throw problemAt(context.source, path, `expected { code, step }, found ${describeFound(written)}.`);
  }
  const { code, step } = written;
  if (typeof code !== 'string' || !Object.hasOwn(REFUSAL_CODES, code)) {
    throw problemAt(context.source, [...path, 'code'], `expected the code of a refusal, found ${describeFound(code)}.`);
  }
  if (context.isExpectedToFail) throw problemAt(context.source, path, 'a refusal cannot be expected within another.');
  return { kind: 'expectRefusal', code: code as RefusalCode, step: parseRefusedStep(context, [...path, 'step'], step) };
}

/** A step that cannot even be read is one that is refused: by this reader instead of by the engine. */
function parseRefusedStep(context: StepContext, path: Path, written: unknown): Step {
  try {
    return parseStep({ ...context, isExpectedToFail: true }, path, written).step;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const name = isMapping(written) ? (Object.keys(written)[0] ?? 'nothing') : 'nothing';
    // AUD-1: input that is malformed is invalid_request wherever else it comes in.
    const code = error.code === 'invalid_scenario' ? 'invalid_request' : error.code;
    return { kind: 'malformed', name, refusal: new Refusal({ code, message: error.message, field: error.field }) };
  }
}

function parseAccountStep(context: StepContext, path: Path, kind: AccountStepKind, written: unknown): Step {
  const body = parseBody(context, path, kind, written);
  const account = accountOf(context, path, body.account);
  // One cast for all kinds: TypeScript does not follow that `body` was read by the schema of `kind`.
  return { kind, body: { ...body, account } } as Step;
}

function accountOf(context: StepContext, path: Path, written: unknown): string {
  if (typeof written === 'string') return written;
  const [only, ...others] = context.accounts;
  if (written === undefined && only !== undefined && others.length === 0) return only;
  const reason = written === undefined ? `name one of ${context.accounts.join(', ') || 'none'}` : 'expected a name';
  throw problemAt(context.source, [...path, 'account'], `which account? ${reason}, found ${describeFound(written)}.`);
}

function parseBody<K extends BodyKind>(context: StepContext, path: Path, kind: K, written: unknown): StepBody<K> {
  const value = written ?? {};
  const parsed = STEP_BODIES[kind].safeParse(value);
  if (parsed.success) return parsed.data as StepBody<K>;
  const { issues } = parsed.error;
  const strange = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (strange !== undefined) throw unknownField(context, path, kind, strange);
  // The engine sees the values as they are written: they are what is expected to be refused.
  if (context.isExpectedToFail && isMapping(value)) return value as StepBody<K>;
  const [issue] = issues;
  if (issue === undefined) throw new Error(`${kind} was not read, for no reason given`);
  const steps = issue.path.filter((step) => typeof step !== 'symbol');
  const found = steps.reduce<unknown>((within, step) => (within as Mapping | undefined)?.[step], value);
  throw problemAt(context.source, [...path, ...steps], `${expectation(issue)}, found ${describeFound(found)}.`);
}

function unknownField(
  context: StepContext,
  path: Path,
  kind: BodyKind,
  issue: z.core.$ZodIssueUnrecognizedKeys,
): Refusal {
  const steps = issue.path.filter((step) => typeof step !== 'symbol');
  const [key = ''] = issue.keys;
  const known = Object.keys(STEP_BODIES[kind].shape).join(', ');
  return problemAt(context.source, [...path, ...steps, key], `${kind} has no such field; it has ${known}.`, {
    atKey: true,
  });
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom' || issue.code === 'invalid_union') return issue.message;
  if (issue.code === 'invalid_type') return `expected a ${WORDS_FOR_TYPES[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `expected ${issue.values.map(String).join(' or ')}`;
  return issue.code === 'too_small'
    ? 'expected a text that is not empty'
    : `expected something else (${issue.message})`;
}
