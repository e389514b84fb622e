import { addDays, latest } from '../calendar/instant.ts';
import { cycleFrom } from '../calendar/period.ts';
import { nextMeterBoundary } from '../usage/meter-cycle.ts';
import { changeAccount, changeSubscription, moveTo, recordAudit, type Turn } from '../model/turn.ts';
import { reopenTrialTerms } from '../model/use-terms.ts';
import { Refusal } from '../refusal.ts';
import { TRIAL_NOTICE_DAYS } from '../schedule/trial.ts';
import type { CommandBodies } from '../model/command.ts';

/** TRI-8: an operator gives more days; a trial that has ended is reopened, counted from now. */
export function extendTrial(turn: Turn, { days }: CommandBodies['extendTrial']): Readonly<Record<string, unknown>> {
  const { account, subscription } = turn.facts;
  // Also for who tried to pay and could not: nothing has come after the trial yet.
  const isFirstTry =
    subscription?.firstPaidAt === null && (subscription.blockedBefore ?? 'trial_ended') === 'trial_ended';
  const isOver = account.phase === 'blocked' && (account.blockedCode === 'trial_ended' || isFirstTry);
  const before = account.trialEndsAt;
  if (before === null || (account.phase !== 'trialing' && !isOver)) {
    throw new Refusal({
      code: 'trial_over',
      message: `The account ${account.accountId} has no trial to extend; it is ${account.phase.replace('_', ' ')}.`,
    });
  }
  const trialEndsAt = addDays(isOver ? latest(before, turn.at) : before, days);
  // Notices whose day is still to come are given (again), those in the past are not.
  const firstToCome = TRIAL_NOTICE_DAYS.findIndex((day) => addDays(trialEndsAt, -day) > turn.at);
  changeAccount(turn, { trialEndsAt, trialNoticesGiven: Math.max(0, firstToCome) });
  moveTo(turn, 'trialing');
  reopenTrialTerms(turn);
  const meterCycles = turn.facts.meterCycles.map((cycle) =>
    cycle.start === account.signedUpAt && cycle.end === before ? { ...cycle, end: trialEndsAt, closedAt: null } : cycle,
  );
  turn.facts = { ...turn.facts, meterCycles };
  if (subscription?.state === 'scheduled') {
    const cycle = cycleFrom(trialEndsAt, subscription.interval, trialEndsAt);
    const meterBoundaryAt = nextMeterBoundary(trialEndsAt, trialEndsAt);
    changeSubscription(turn, { anchor: trialEndsAt, cycle, meterBoundaryAt });
  }
  recordAudit(turn, 'trial.extended', { trialEndsAt: before }, { trialEndsAt });
  return { trialEndsAt };
}
