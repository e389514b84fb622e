import * as wf from '@temporalio/workflow';

import type { AccountClock, Answer, RefusalAnswer } from '../../activities/account-activities.ts';
import type { CommandType, Envelope } from '../../billing/model/command.ts';
import { type CommandHeader, parseCommand } from '../../billing/commands/command-shape.ts';
import { addSeconds, formatInstant, type Instant, isInstant } from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import {
  advanceTo,
  commandSignals,
  commandUpdates,
  idleQuery,
  lookAtInvoice,
  nowQuery,
  pageQuery,
  renewRun,
} from './account-messages.ts';
import { accountPage } from './account-page.ts';
import type { AccountState } from './account-state.ts';
import { lasting } from './lasting.ts';

/** How far ahead of ours the clock of whoever stamps a command may run; the same as for usage (CRE-12). */
const CLOCK_SKEW_SECONDS = 300;

/** Makes the account reachable: commands as updates and as signals, its clock, and what it has to say. */
export function listen(state: AccountState, now: () => Instant): void {
  for (const { type, update } of commandUpdates) {
    wf.setHandler(update, (message: unknown) => lasting(() => handleUpdate(state, now, type, message)), {
      // Never async: the SDK does not await a validator, so a rejected promise would let the update in.
      validator: (message: unknown) => {
        orFailure(() => readMessage(type, message, state, now()));
      },
    });
  }
  for (const { type, signal } of commandSignals) {
    wf.setHandler(signal, (message: unknown) => lasting(() => handleSignal(state, now, type, message)));
  }
  // What cannot be an id is no reason to look anywhere, and none to fail.
  wf.setHandler(lookAtInvoice, (invoiceId: unknown) => {
    if (typeof invoiceId === 'string') state.lookAt(invoiceId);
  });
  wf.setHandler(renewRun, () => {
    state.isRenewalAsked = true;
  });
  wf.setHandler(advanceTo, (to) => lasting(() => handleAdvance(state, now, to)), {
    validator: (to) => {
      orFailure(() => {
        assertMovable(state, to);
      });
    },
  });
  // A signal that nobody knows must not wait for a handler for ever.
  wf.setDefaultSignalHandler((name) => {
    refuseSignal(state, now, name, { code: 'invalid_request', message: `There is no command "${name}".` });
  });
  wf.setHandler(nowQuery, now);
  wf.setHandler(idleQuery, () => state.isCaughtUp(now()));
  wf.setHandler(pageQuery, () => accountPage(state, now()));
}

async function handleUpdate(
  state: AccountState,
  now: () => Instant,
  type: CommandType,
  message: unknown,
): Promise<Answer> {
  const envelope = envelopeOf(orFailure(() => readMessage(type, message, state, now())));
  const answer = await answerTo(state, envelope);
  if (answer.refusal !== null) throw failure(answer.refusal);
  return answer;
}

async function handleSignal(
  state: AccountState,
  now: () => Instant,
  type: CommandType,
  message: unknown,
): Promise<void> {
  try {
    const { refusal } = await answerTo(state, envelopeOf(readMessage(type, message ?? {}, state, now())));
    if (refusal !== null) refuseSignal(state, now, type, refusal);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuseSignal(state, now, type, { code: error.code, message: error.message });
  }
}

async function answerTo(state: AccountState, envelope: Envelope): Promise<Answer> {
  const ticket = state.enqueue(envelope);
  await wf.condition(() => state.hasAnswer(ticket));
  const answer = state.takeAnswer(ticket);
  if (answer === null) throw wf.ApplicationFailure.nonRetryable('the answer has vanished', 'internal');
  return answer;
}

/** Nobody waits for a signal's answer; the page says why it was refused, and the run goes on. */
function refuseSignal(state: AccountState, now: () => Instant, what: string, refusal: RefusalAnswer): void {
  state.lastRefusal = { what, refusal };
  wf.setCurrentDetails(accountPage(state, now()));
}

type Message = Omit<Envelope, 'commandId'> & Pick<CommandHeader, 'commandId'>;

/** @throws Refusal `invalid_request` for a message that is no such command. */
function readMessage(type: CommandType, message: unknown, { clock }: AccountState, now: Instant): Message {
  const { command, header } = parseCommand(type, message);
  const { actor = 'signal', ...others } = header;
  return { ...others, actor, effectiveAt: effectiveAtOf(header, clock.kind, now), command };
}

/** Never in a validator: those are not replayed, and the ids that a replay makes would be others. */
function envelopeOf(message: Message): Envelope {
  return { ...message, commandId: message.commandId ?? wf.uuid4() };
}

/**
 * CAL-4: stamped at the border; for whoever comes without a stamp, the border is here. Nothing takes effect in the future, for then all
 * that is due until then would be charged now. A test clock is moved before its accounts are, so there a stamp may be ahead of us.
 */
function effectiveAtOf({ effectiveAt }: CommandHeader, clock: AccountClock['kind'], now: Instant): Instant {
  const stamp = effectiveAt as Instant | undefined;
  if (stamp === undefined) return now;
  if (stamp <= now) return stamp;
  if (clock === 'test' || stamp <= addSeconds(now, CLOCK_SKEW_SECONDS)) return now;
  const message = `effectiveAt: ${formatInstant(stamp)} is in the future; the current time is ${formatInstant(now)}. Omit it to act now.`;
  throw new Refusal({ code: 'invalid_request', message, field: 'effectiveAt' });
}

async function handleAdvance(state: AccountState, now: () => Instant, to: Instant): Promise<Instant> {
  state.moveTestClock(to);
  await wf.condition(() => state.isCaughtUp(now()));
  return now();
}

function assertMovable(state: AccountState, to: unknown): void {
  if (!isInstant(to))
    throw new Refusal({
      code: 'invalid_request',
      message: 'to: expected an instant like 2027-01-31T00:00:00Z.',
      field: 'to',
    });
  if (state.clock.kind !== 'test') {
    throw new Refusal({
      code: 'clock_not_movable',
      message: `The account ${state.accountId} follows real time, which cannot be moved.`,
    });
  }
  if (to < state.clock.now) {
    throw new Refusal({
      code: 'date_before_clock',
      message: `${formatInstant(to)} is before the time of the clock, ${formatInstant(state.clock.now)}.`,
      field: 'to',
    });
  }
}

/** A Refusal as Temporal carries it: any other error would fail the workflow task and stall the run. */
function orFailure<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) throw failure({ code: error.code, message: error.message, field: error.field });
    throw error;
  }
}

function failure({ code, message, field }: RefusalAnswer): wf.ApplicationFailure {
  return wf.ApplicationFailure.create({ type: code, message, nonRetryable: true, details: [{ field: field ?? null }] });
}
