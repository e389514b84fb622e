import { setTimeout as pause } from 'node:timers/promises';

import type { AccountDocument } from '../billing/model/document.ts';
import type { Instant } from '../billing/calendar/instant.ts';
import { Refusal } from '../billing/refusal.ts';
import type { Engine } from './engine.ts';
import { localNames } from './local-names.ts';
import { describeMismatches, findMismatches } from './match-expectation.ts';
import { playAccountStep, type Stage } from './play-step.ts';
import { nameOf, type PlacedStep, type PublishedCatalog, type Scenario, type Step } from './scenario.ts';
import type { ScenarioClock } from './scenario-clock.ts';
import type { ScenarioDocument, StepDocument } from './scenario-document.ts';

/** A step that takes longer hangs: no engine that works needs more than a few seconds for a year. */
const STEP_TIMEOUT_MS = 60_000;
/** Long enough for a request to be under way while no worker runs. */
const OUTAGE_PAUSE_MS = 250;

/** The engine that scenarios are played on. */
export interface Ground {
  readonly client: Engine;
  /** Null where the workers are somebody else's, and nobody here can stop them. */
  readonly worker: { start(): Promise<void>; stop(): Promise<void> } | null;
  /** Publishes a catalog of the scenario's under a name of its own, and says which version of it that is. */
  publish(published: PublishedCatalog, name: string): Promise<{ readonly version: number }>;
  /** A clock of the scenario's own; `mark` makes its name unique. */
  createClock(start: Instant, mark: string): Promise<ScenarioClock>;
}

type Outcome = Pick<StepDocument, 'ok' | 'result' | 'refusal' | 'mismatch'>;

/** Plays all steps, also after one that failed, and tells what happened. Only a broken engine ends it early. */
export async function playScenario(scenario: Scenario, ground: Ground): Promise<ScenarioDocument> {
  const startedMs = performance.now();
  const names = localNames();
  const steps: StepDocument[] = [];
  const accounts: Record<string, AccountDocument> = {};
  let error: ScenarioDocument['error'];
  try {
    // Under a name of its own: what a scenario tries out must not reach those who sign up beside it.
    const catalogName = names.toReal(scenario.catalog.name);
    await ground.publish(scenario, catalogName);
    const clock = await ground.createClock(scenario.start, names.mark);
    const stage: Stage = { client: ground.client, clock, names, catalogName };
    for (const placed of scenario.steps) {
      const outcome = await withinTime(placed.step, playPlaced(stage, ground, placed));
      steps.push(names.toLocal({ step: nameOf(placed.step), at: clock.now, ...outcome }));
    }
    for (const account of signedUp(scenario, steps)) {
      accounts[account] = names.toLocal(await ground.client.status(names.toReal(account)));
    }
  } catch (cause) {
    console.error(names.toLocal(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)));
    error = { code: 'internal', message: names.toLocal(cause instanceof Error ? cause.message : String(cause)) };
  }
  const ok = error === undefined && steps.every((step) => step.ok);
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  return { name: scenario.name, ok, seconds, steps, accounts, ...(error === undefined ? {} : { error }) };
}

/** Accounts whose signup was accepted, in that order. */
function signedUp(scenario: Scenario, played: readonly StepDocument[]): readonly string[] {
  const accounts = scenario.steps.flatMap(({ step }, index) =>
    step.kind === 'signup' && played[index]?.refusal === undefined ? [step.body.account] : [],
  );
  return [...new Set(accounts)];
}

async function playPlaced(stage: Stage, ground: Ground, { step, answers }: PlacedStep): Promise<Outcome> {
  try {
    if (step.kind === 'expectRefusal') return await playRefused(stage, ground, step);
    const result = await playStep(stage, ground, step);
    if (step.kind === 'expect') return verdict(step.expected, result, {});
    return verdict(answers, stage.names.toLocal(result), result === undefined ? {} : { result });
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, refusal: { code: error.code, message: error.message } };
    throw error;
  }
}

function verdict(expected: unknown, found: unknown, told: Pick<Outcome, 'result'>): Outcome {
  const mismatches = expected === undefined ? [] : findMismatches(expected, found);
  if (mismatches.length === 0) return { ok: true, ...told };
  return { ok: false, ...told, mismatch: describeMismatches(mismatches) };
}

async function playRefused(
  stage: Stage,
  ground: Ground,
  step: Extract<Step, { kind: 'expectRefusal' }>,
): Promise<Outcome> {
  try {
    const result = await playStep(stage, ground, step.step);
    const mismatch = `expected the refusal ${step.code}, but ${nameOf(step.step)} was accepted`;
    return { ok: false, ...(result === undefined ? {} : { result }), mismatch };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const refusal = { code: error.code, message: error.message };
    // The limit that was met is as true an answer as the reason why it was so low.
    if (error.code === step.code || error.limit === step.code) return { ok: true, refusal };
    return { ok: false, refusal, mismatch: `expected the refusal ${step.code}, found ${error.code}: ${error.message}` };
  }
}

async function playStep(stage: Stage, ground: Ground, step: Step): Promise<unknown> {
  switch (step.kind) {
    case 'at':
    case 'advance':
      await stage.clock.moveTo(step.to);
      return undefined;
    case 'outage':
      await playOutage(stage, ground, step);
      return undefined;
    case 'publishCatalog':
      return { version: (await ground.publish(step, stage.catalogName)).version };
    case 'expect':
      return stage.names.toLocal(await stage.client.status(stage.names.toReal(step.account)));
    case 'expectRefusal':
      return playRefused(stage, ground, step);
    case 'malformed':
      throw step.refusal;
    default:
      return playAccountStep(stage, step);
  }
}

/** The clock is moved while nobody is there to work, and the worker finds all of it waiting when it comes back (CAL-3). */
async function playOutage(
  stage: Stage,
  ground: Ground,
  { from, to }: Extract<Step, { kind: 'outage' }>,
): Promise<void> {
  const { worker } = ground;
  if (worker === null) {
    const message =
      'outage: the workers of a running installation cannot be stopped from here. Unset PERENNIAL_URL to play it.';
    throw new Refusal({ code: 'invalid_request', message, field: 'outage' });
  }
  await stage.clock.moveTo(from);
  await worker.stop();
  const moved = stage.clock.moveTo(to);
  // Failures are met below, by awaiting; until then nobody looks, and Node would end the process for it.
  moved.catch(() => undefined);
  try {
    await pause(OUTAGE_PAUSE_MS);
  } finally {
    await worker.start();
  }
  await moved;
}

async function withinTime<T>(step: Step, played: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const timeout = pause(STEP_TIMEOUT_MS, undefined, { signal: timer.signal }).then((): never => {
    throw new Error(`the step ${nameOf(step)} did not end within ${String(STEP_TIMEOUT_MS / 1000)} s`);
  });
  // Losing the race is the usual case, and aborting it rejects.
  timeout.catch(() => undefined);
  try {
    return await Promise.race([played, timeout]);
  } finally {
    timer.abort();
  }
}
