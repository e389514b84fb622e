import type { Instant } from '../calendar/instant.ts';
import { assertMove, type Moves } from './moves.ts';

/** `scheduled`: begins at the trial's end. `running`: cycles turn. `suspended`: every payment try failed (INV-5). */
export type SubscriptionState = 'scheduled' | 'running' | 'suspended';

/** `none`: the account has no subscription; it is where each begins and ends. */
export type SubscriptionStanding = SubscriptionState | 'none';

/**
 * Every legal move. A subscription is chosen before it runs, if only for an instant; only one that runs is suspended, and one that is suspended runs
 * again when somebody pays (INV-6). It may end from any state (CRE-19, INV-5), and another may be chosen then.
 */
export const SUBSCRIPTION_MOVES: Moves<SubscriptionStanding> = {
  none: ['scheduled'],
  scheduled: ['running', 'none'],
  running: ['suspended', 'none'],
  suspended: ['running', 'none'],
};

/** A move that the table does not have throws; staying in a state is none. */
export function assertSubscriptionMove(from: SubscriptionStanding, to: SubscriptionStanding, at: Instant): void {
  if (from !== to) assertMove(SUBSCRIPTION_MOVES, { of: 'subscription', from, to, at });
}
