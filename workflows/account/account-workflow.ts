import * as wf from '@temporalio/workflow';

import type { Attached, Trouble } from '../../activities/account-activities.ts';
import type { Envelope } from '../../billing/model/command.ts';
import type { Due } from '../../billing/schedule/dues.ts';
import { addDays, epochMs, type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { lasting } from './lasting.ts';
import { listen } from './account-handlers.ts';
import { accountPage } from './account-page.ts';
import { type AccountStart, AccountState, type Act } from './account-state.ts';
import { attachBeside, closeBeside, collectBeside, lookBeside } from './errands.ts';
import { activities } from './proxies.ts';
import { showInSearch } from './search-attributes.ts';

/** A history is renewed at least once a year, so that no run is older than the code that is around. */
const LONGEST_RUN_DAYS = 365;

/**
 * One account, from signup to the end of its days. It waits and calls: what is decided is in billing/, what is done in activities/, and
 * what is next in AccountState. The account is signed up by its first command. A request to cancel it, one click in Temporal's UI, ends nothing:
 * who leaves is told so by the command `close`.
 */
export function accountWorkflow(start: AccountStart): Promise<void> {
  return lasting(() => live(start));
}

async function live(start: AccountStart): Promise<void> {
  const state = new AccountState(start);
  const realNow = (): Instant => {
    const offsetSeconds = state.clock.kind === 'real' ? state.clock.offsetSeconds : 0;
    return instantFromEpochMs(Date.now() + offsetSeconds * 1000); // Workflow time: the same on replay.
  };
  const now = (): Instant => state.now(realNow);
  const renewAt = addDays(now(), LONGEST_RUN_DAYS);
  listen(state, now);
  state.learn(await activities.readAccount(state.accountId));
  const renewAtMs = Date.now() + LONGEST_RUN_DAYS * 86_400_000;
  // Years that a test clock is moved by make no code older.
  const isOld = (): boolean => (state.clock.kind === 'real' ? now() >= renewAt : Date.now() >= renewAtMs);
  const isLong = (): boolean => wf.workflowInfo().historyLength >= state.longestHistory;
  const mustRenew = (): boolean => {
    const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = wf.workflowInfo();
    const isSuggested = continueAsNewSuggested || targetWorkerDeploymentVersionChanged;
    return isSuggested || state.isRenewalAsked || isLong() || isOld();
  };
  // Never with a handler unfinished, nor with a command that waits: both would be lost with this run.
  const mayRenew = (): boolean => mustRenew() && !state.hasQueue && wf.allHandlersFinished();

  for (;;) {
    state.isStirred = false;
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
    state.isStirred ||
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
      await applyCommands(state, act);
      return;
    case 'look':
      look(state, act.invoiceId, now);
      return;
    case 'closeAtStripe':
      closeBeside(state);
      return;
    case 'due': {
      const { due } = act;
      if (due.kind === 'collect' || due.kind === 'refund') await collect(state, due);
      else state.learn(await activities.workOffDue.executeWithOptions({ summary: due.summary }, [accountId, due]));
      state.reached(due.at);
    }
  }
}

function look(state: AccountState, invoiceId: string, now: Instant): void {
  state.looking(invoiceId);
  state.reached(now);
  lookBeside(state, invoiceId, now);
}

/** What the queue tells errands that are not even tried first. */
const SILENT: Trouble = { isTransient: true, message: 'Stripe does not answer.' };

/** The queue waits for a payment, or a refund, whose outcome may matter to what comes next, as long as Stripe answers; else it is made beside it. */
async function collect(state: AccountState, due: Due): Promise<void> {
  if (state.isStripeSilent) {
    collectBeside(state, due, SILENT);
    return;
  }
  const options = { summary: due.summary };
  const act = due.kind === 'refund' ? activities.refundCreditNote : activities.collectInvoice;
  const collected = await act.executeWithOptions(options, [state.accountId, due]);
  for (const { commandId, refusal } of collected.revoked) state.revoke(commandId, refusal);
  state.learn(collected.summary);
  if (collected.trouble !== null) collectBeside(state, due, collected.trouble);
}

async function applyCommands(
  state: AccountState,
  { envelopes, attached: ready }: Extract<Act, { kind: 'commands' }>,
): Promise<void> {
  const { accountId, clock } = state;
  const [first] = envelopes;
  if (first === undefined) return;
  const summary = `${envelopes.map((envelope) => envelope.command.type).join(', ')} by ${first.actor}`.slice(0, 150);
  let context = {};
  if (first.command.type === 'setPaymentMethod') {
    const attached = ready ?? (await attach(state, first, summary));
    if (attached.trouble !== undefined) {
      state.setCardAside();
      attachBeside(state, attached.trouble);
      return;
    }
    if (attached.context === null) {
      const { commandId, effectiveAt: at } = first;
      state.applied([{ commandId, at, result: null, refusal: attached.refusal }], state.summary);
      return;
    }
    context = attached.context;
    state.cardsSet++;
  }
  const input = { accountId, clock, envelopes, context };
  const applied = await activities.applyCommands.executeWithOptions({ summary }, [input]);
  state.applied(applied.answers, applied.summary);
}

async function attach(state: AccountState, envelope: Envelope, summary: string): Promise<Attached> {
  if (state.isStripeSilent) return { context: null, refusal: null, trouble: SILENT };
  return activities.attachPaymentMethod.executeWithOptions({ summary }, [state.accountId, envelope]);
}

function show(state: AccountState, now: Instant): void {
  wf.setCurrentDetails(accountPage(state, now));
  if (state.summary !== null) showInSearch(state.summary, state.nextDue);
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
