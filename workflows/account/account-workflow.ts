import * as wf from '@temporalio/workflow';

import type { AccountActivities, AccountClock, Answer, RefusalAnswer } from '../../activities/account-activities.ts';
import type { CommandType, Envelope } from '../../billing/account/command.ts';
import { type CommandHeader, parseCommand } from '../../billing/account/command-shape.ts';
import {
  addDays,
  addSeconds,
  epochMs,
  type Instant,
  instantFromEpochMs,
  isInstant,
} from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import {
  advanceTo,
  commandSignals,
  commandUpdates,
  idleQuery,
  lookAtInvoice,
  nowQuery,
  pageQuery,
} from './account-messages.ts';
import { accountPage } from './account-page.ts';
import { type AccountStart, AccountState, type Act } from './account-state.ts';
import { showInSearch } from './search-attributes.ts';

/**
 * Retried for ever: what an activity reports as an error is an outage or a bug, and money must not be forgotten over either. A worker
 * that died is noticed by its heartbeats (workers/heartbeat.ts), not by the end of a minute.
 */
const activities = wf.proxyActivities<AccountActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/**
 * Acts that somebody asks for again until they have had their effect (workers/stripe-inbox.ts): not tried for ever, so that commands do not
 * wait for Stripe on their account.
 */
const briefly = wf.proxyActivities<Pick<AccountActivities, 'lookAtInvoice'>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', maximumAttempts: 3 },
});

/** A history is renewed at least once a year, so that no run is older than the code that is around. */
const LONGEST_RUN_DAYS = 365;

/** How far ahead of ours the clock of whoever stamps a command may run; the same as for usage (CRE-12). */
const CLOCK_SKEW_SECONDS = 300;

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
  const renewAt = addDays(now(), LONGEST_RUN_DAYS);
  listen(state, now);
  state.summary = await activities.readAccount(state.accountId);
  const mustRenew = (): boolean => {
    const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = wf.workflowInfo();
    return continueAsNewSuggested || targetWorkerDeploymentVersionChanged || now() >= renewAt;
  };
  // Never with a handler unfinished, nor with a command that waits: both would be lost with this run.
  const mayRenew = (): boolean => mustRenew() && !state.hasQueue && wf.allHandlersFinished();

  for (;;) {
    state.settleAnswers();
    const act = state.nextAct(now());
    if (act.kind !== 'wait') {
      state.isBusy = true;
      await perform(state, act, now());
      show(state, now());
      if (isRefusedSignUp(state) && (await isDoneAfterAnswers(state))) return;
      continue;
    }
    state.isBusy = false;
    show(state, now());
    if (state.isOver && (await isDoneAfterAnswers(state))) return;
    if (mayRenew()) await renew(state.start);
    await waitForNext(state, act, { now, mayRenew, renewAt });
    state.isBusy = true;
  }
}

/** Begins the next run: on the newest code, where workers are versioned and a newer version has taken the account's queue over. */
async function renew(start: AccountStart): Promise<never> {
  if (!wf.workflowInfo().targetWorkerDeploymentVersionChanged) return wf.continueAsNew<typeof accountWorkflow>(start);
  return wf.makeContinueAsNewFunc<typeof accountWorkflow>({ initialVersioningBehavior: 'AUTO_UPGRADE' })(start);
}

type Waiting = Extract<Act, { kind: 'wait' }>;

/** Sleeps until the next due instant, or until something disturbs: a command, a clock that moves, a run that may be renewed. */
async function waitForNext(
  state: AccountState,
  { until, summary }: Waiting,
  time: { now: () => Instant; mayRenew: () => boolean; renewAt: Instant },
): Promise<void> {
  const isDisturbed = (): boolean =>
    state.hasQueue ||
    state.hasLooks ||
    time.mayRenew() ||
    (state.clock.kind === 'test' && until !== null && until <= time.now());
  if (state.clock.kind === 'test') {
    await wf.condition(isDisturbed);
    return;
  }
  // Who waits for nothing is woken once a year all the same, to go on in a new run.
  const isRenewal = until === null || until > time.renewAt;
  const wakeAt = isRenewal ? time.renewAt : until;
  // An absolute instant: the delay is worked out afresh after every wake-up, so none shifts a boundary (CAL-2).
  const delayMs = Math.max(1, epochMs(wakeAt) - state.clock.offsetSeconds * 1000 - Date.now());
  await wf.condition(isDisturbed, delayMs, { summary: isRenewal ? `a new run of ${state.accountId}` : summary });
}

async function perform(state: AccountState, act: Exclude<Act, Waiting>, now: Instant): Promise<void> {
  const { accountId } = state;
  switch (act.kind) {
    case 'commands':
      await applyCommands(state, act.envelopes);
      return;
    case 'look':
      await look(state, act.invoiceId, now);
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

async function look(state: AccountState, invoiceId: string, now: Instant): Promise<void> {
  const { accountId } = state;
  const summary = `look at an invoice of ${accountId} at Stripe`;
  state.looking(invoiceId);
  try {
    state.summary = await briefly.lookAtInvoice.executeWithOptions({ summary }, [accountId, invoiceId, now]);
    state.reached(now);
  } catch (error) {
    if (!(error instanceof wf.ActivityFailure) || wf.isCancellation(error)) throw error;
    wf.log.warn('an invoice could not be looked at; whoever asked asks again', { accountId, invoiceId });
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
        orFailure(() => readMessage(type, message, state, now()));
      },
    });
  }
  for (const { type, signal } of commandSignals) {
    wf.setHandler(signal, (message: unknown) => handleSignal(state, now, type, message));
  }
  // What cannot be an id is no reason to look anywhere, and none to fail.
  wf.setHandler(lookAtInvoice, (invoiceId: unknown) => {
    if (typeof invoiceId === 'string') state.lookAt(invoiceId);
  });
  wf.setHandler(advanceTo, (to) => handleAdvance(state, now, to), {
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
  wf.setHandler(
    idleQuery,
    () => state.isIdle && (state.summary?.dues[0] === undefined || state.summary.dues[0].at > now()),
  );
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
  const message = `effectiveAt: ${stamp} is in the future, it is ${now}; leave it away to act now.`;
  throw new Refusal({ code: 'invalid_request', message, field: 'effectiveAt' });
}

async function handleAdvance(state: AccountState, now: () => Instant, to: Instant): Promise<Instant> {
  state.moveTestClock(to);
  await wf.condition(() => state.isIdle && (state.summary?.dues[0] === undefined || state.summary.dues[0].at > now()));
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
      message: `${state.accountId} lives on a real clock, which nobody moves.`,
    });
  }
  if (to < state.clock.now) {
    throw new Refusal({
      code: 'date_before_clock',
      message: `${to} is before the clock, which shows ${state.clock.now}.`,
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

function show(state: AccountState, now: Instant): void {
  wf.setCurrentDetails(accountPage(state, now));
  if (state.summary !== null) showInSearch(state.summary);
}

/** A signup that was refused (the owner has an account, or the catalog is unknown) leaves no account, so nothing to live for. */
function isRefusedSignUp(state: AccountState): boolean {
  return state.summary === null && !state.hasQueue;
}

/** Whether nobody is left to be answered; another command may come before that, and is worked off after all. */
async function isDoneAfterAnswers(state: AccountState): Promise<boolean> {
  state.settleAnswers();
  await wf.condition(() => wf.allHandlersFinished() || state.hasQueue);
  return !state.hasQueue;
}
