import * as wf from '@temporalio/workflow';

import type { AccountActivities, Answer, RefusalAnswer } from '../../activities/account-activities.ts';
import type { CommandType, Envelope } from '../../billing/account/command.ts';
import { type CommandHeader, parseCommand } from '../../billing/account/command-shape.ts';
import { addDays, epochMs, type Instant, instantFromEpochMs, isInstant } from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import { advanceTo, commandSignals, commandUpdates, idleQuery, nowQuery, pageQuery } from './account-messages.ts';
import { accountPage } from './account-page.ts';
import { type AccountStart, AccountState, type Act } from './account-state.ts';
import { showInSearch } from './search-attributes.ts';

const activities = wf.proxyActivities<AccountActivities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** A history is renewed at least once a year, so that no run is older than the code that is around. */
const LONGEST_RUN_DAYS = 365;

/**
 * One account, from signup to the end of its days. It waits and calls: what is decided is in billing/, what is done in activities/, and
 * what is next in AccountState. The account is signed up by its first command.
 */
export async function accountWorkflow(start: AccountStart): Promise<void> {
  const state = new AccountState(start);
  const realNow = (): Instant => {
    const offsetSeconds = state.clock.kind === 'real' ? state.clock.offsetSeconds : 0;
    return instantFromEpochMs(Date.now() + offsetSeconds * 1000); // Workflow time: the same on replay.
  };
  const now = (): Instant => state.now(realNow());
  listen(state, now);
  state.summary = await activities.readAccount(state.accountId);
  const renewAt = addDays(now(), LONGEST_RUN_DAYS);
  const mustRenew = (): boolean => wf.workflowInfo().continueAsNewSuggested || now() >= renewAt;
  // Never with a handler unfinished, nor with a command that waits: both would be lost with this run.
  const mayRenew = (): boolean => mustRenew() && !state.hasQueue && wf.allHandlersFinished();

  for (;;) {
    state.settleAnswers();
    const act = state.nextAct(now());
    if (act.kind !== 'wait') {
      state.isBusy = true;
      await perform(state, act);
      show(state, now());
      if (isRefusedSignUp(state)) return endAfterAnswers(state);
      continue;
    }
    state.isBusy = false;
    show(state, now());
    if (mayRenew()) await wf.continueAsNew<typeof accountWorkflow>(state.start);
    await waitForNext(state, act, { now, realNow, mayRenew });
    state.isBusy = true;
  }
}

type Waiting = Extract<Act, { kind: 'wait' }>;

/** Sleeps until the next due instant, or until something disturbs: a command, a clock that moves, a run that may be renewed. */
async function waitForNext(
  state: AccountState,
  { until, summary }: Waiting,
  time: { now: () => Instant; realNow: () => Instant; mayRenew: () => boolean },
): Promise<void> {
  const isDisturbed = (): boolean =>
    state.hasQueue || time.mayRenew() || (state.clock.kind === 'test' && until !== null && until <= time.now());
  if (state.clock.kind === 'test' || until === null) {
    await wf.condition(isDisturbed);
    return;
  }
  // An absolute instant: the delay is worked out afresh after every wake-up, so none shifts a boundary (CAL-2).
  const delayMs = Math.max(1, epochMs(until) - state.clock.offsetSeconds * 1000 - Date.now());
  await wf.condition(isDisturbed, delayMs, { summary });
}

async function perform(state: AccountState, act: Exclude<Act, Waiting>): Promise<void> {
  const { accountId } = state;
  switch (act.kind) {
    case 'commands':
      await applyCommands(state, act.envelopes);
      return;
    case 'closeAtStripe': {
      const summary = `close ended invoices of ${accountId} at Stripe`;
      state.summary = await activities.closeAtStripe.executeWithOptions({ summary }, [accountId]);
      return;
    }
    case 'due': {
      const options = { summary: act.due.summary };
      if (act.due.kind === 'collect') {
        const { revoked, summary } = await activities.collectInvoice.executeWithOptions(options, [accountId, act.due]);
        for (const { commandId, refusal } of revoked) state.revoke(commandId, refusal);
        state.summary = summary;
      } else {
        state.summary = await activities.workOffDue.executeWithOptions(options, [accountId, act.due]);
      }
      state.reached(act.due.at);
    }
  }
}

async function applyCommands(state: AccountState, envelopes: readonly Envelope[]): Promise<void> {
  const { accountId, clock } = state;
  const [first] = envelopes;
  if (first === undefined) return;
  const summary = `${envelopes.map((envelope) => envelope.command.type).join(', ')} by ${first.actor}`.slice(0, 150);
  let context = {};
  if (first.command.type === 'setPaymentMethod') {
    const attached = await activities.attachPaymentMethod.executeWithOptions({ summary }, [accountId, first]);
    if (attached.context === null) {
      const { commandId, effectiveAt: at } = first;
      state.applied([{ commandId, at, result: null, refusal: attached.refusal }], state.summary);
      return;
    }
    context = attached.context;
  }
  const input = { accountId, clock, envelopes, context };
  const applied = await activities.applyCommands.executeWithOptions({ summary }, [input]);
  state.applied(applied.answers, applied.summary);
}

/** Makes the account reachable: commands as updates and as signals, its clock, and what it has to say. */
function listen(state: AccountState, now: () => Instant): void {
  for (const { type, update } of commandUpdates) {
    wf.setHandler(update, (message: unknown) => handleUpdate(state, now, type, message), {
      // Never async: the SDK does not await a validator, so a rejected promise would let the update in.
      validator: (message: unknown) => {
        orFailure(() => parseCommand(type, message));
      },
    });
  }
  for (const { type, signal } of commandSignals) {
    wf.setHandler(signal, (message: unknown) => handleSignal(state, now, type, message));
  }
  wf.setHandler(advanceTo, (to) => handleAdvance(state, now, to), {
    validator: (to) => {
      orFailure(() => {
        assertMovable(state, to);
      });
    },
  });
  // A signal that nobody knows must not wait for a handler for ever.
  wf.setDefaultSignalHandler((name) => {
    state.lastRefusal = { what: name, refusal: { code: 'invalid_request', message: `There is no command "${name}".` } };
  });
  wf.setHandler(nowQuery, now);
  wf.setHandler(idleQuery, () => state.isIdle && (state.summary?.dues[0] === undefined || state.summary.dues[0].at > now()));
  wf.setHandler(pageQuery, () => accountPage(state, now()));
}

async function handleUpdate(state: AccountState, now: () => Instant, type: CommandType, message: unknown): Promise<Answer> {
  const { command, header } = parseCommand(type, message);
  const envelope = envelopeOf(command, header, now());
  state.enqueue(envelope);
  await wf.condition(() => state.answerTo(envelope.commandId) !== null);
  const answer = state.answerTo(envelope.commandId);
  if (answer === null) throw wf.ApplicationFailure.nonRetryable('the answer has vanished', 'internal');
  if (answer.refusal !== null) throw failure(answer.refusal);
  return answer;
}

async function handleSignal(state: AccountState, now: () => Instant, type: CommandType, message: unknown): Promise<void> {
  try {
    const { command, header } = parseCommand(type, message ?? {});
    const envelope = envelopeOf(command, header, now());
    state.enqueue(envelope);
    await wf.condition(() => state.answerTo(envelope.commandId) !== null);
    const refusal = state.answerTo(envelope.commandId)?.refusal ?? null;
    if (refusal !== null) state.lastRefusal = { what: type, refusal };
  } catch (error) {
    // Nobody waits for a signal's answer; the page says why it was refused, and the run goes on.
    if (!(error instanceof Refusal)) throw error;
    state.lastRefusal = { what: type, refusal: { code: error.code, message: error.message } };
  }
  wf.setCurrentDetails(accountPage(state, now()));
}

function envelopeOf(command: Envelope['command'], header: CommandHeader, now: Instant): Envelope {
  return {
    commandId: header.commandId ?? wf.uuid4(),
    actor: header.actor ?? 'signal',
    // CAL-4: stamped at the border; for whoever comes without a stamp, the border is here.
    effectiveAt: (header.effectiveAt as Instant | undefined) ?? now,
    command,
  };
}

async function handleAdvance(state: AccountState, now: () => Instant, to: Instant): Promise<Instant> {
  state.moveTestClock(to);
  await wf.condition(() => state.isIdle && (state.summary?.dues[0] === undefined || state.summary.dues[0].at > now()));
  return now();
}

function assertMovable(state: AccountState, to: unknown): void {
  if (!isInstant(to)) throw new Refusal({ code: 'invalid_request', message: 'to: expected an instant like 2027-01-31T00:00:00Z.', field: 'to' });
  if (state.clock.kind !== 'test') {
    throw new Refusal({ code: 'clock_not_movable', message: `${state.accountId} lives on a real clock, which nobody moves.` });
  }
  if (to < state.clock.now) {
    throw new Refusal({ code: 'date_before_clock', message: `${to} is before the clock, which shows ${state.clock.now}.`, field: 'to' });
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

function show(state: AccountState, now: Instant): void {
  wf.setCurrentDetails(accountPage(state, now));
  if (state.summary !== null) showInSearch(state.summary);
}

/** A signup that was refused (the owner has an account, or the catalog is unknown) leaves no account, so nothing to live for. */
function isRefusedSignUp(state: AccountState): boolean {
  return state.summary === null && !state.hasQueue;
}

async function endAfterAnswers(state: AccountState): Promise<void> {
  state.settleAnswers();
  await wf.condition(wf.allHandlersFinished);
}
