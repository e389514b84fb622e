import { addDays, type Instant } from '../calendar/instant.ts';
import type { Account } from '../model/facts.ts';

/** TRI-7: days before a trial's end on which its account is told, and the end itself. */
export const TRIAL_NOTICE_DAYS: readonly number[] = [7, 3, 1, 0];

export interface TrialNotice {
  readonly at: Instant;
  readonly kind: string;
  readonly index: number;
}

/** TRI-1: exactly so many times 24 hours. */
export function trialEnd(signedUpAt: Instant, days: number): Instant {
  return addDays(signedUpAt, days);
}

/** The next notice of a trial that runs, or null after the last one. Those before the signup (a short trial) are left out. */
export function nextTrialNotice(account: Account): TrialNotice | null {
  if (account.trialEndsAt === null || account.phase !== 'trialing') return null;
  for (let index = account.trialNoticesGiven; index < TRIAL_NOTICE_DAYS.length; index++) {
    const daysBefore = TRIAL_NOTICE_DAYS[index] ?? 0;
    const at = addDays(account.trialEndsAt, -daysBefore);
    // At the end itself the notice is part of the end (see the trial's end), so that it comes with the new phase.
    if (daysBefore === 0) return null;
    if (at > account.signedUpAt) return { at, kind: trialNoticeKind(daysBefore), index };
  }
  return null;
}

export function trialNoticeKind(daysBefore: number): string {
  if (daysBefore === 0) return 'trial_ended';
  return daysBefore === 1 ? 'trial_ends_in_1_day' : `trial_ends_in_${String(daysBefore)}_days`;
}
