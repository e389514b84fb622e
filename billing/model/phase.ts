import type { Instant } from '../calendar/instant.ts';
import { assertMove, type Moves } from './moves.ts';

/** Where an account stands. `trialing`: unlimited use; `free`: a plan that costs nothing; `blocked`: nothing but reading. */
export type Phase = 'trialing' | 'free' | 'active' | 'past_due' | 'blocked' | 'canceled';

/**
 * Every legal move (design.md, "The account's phases"); anything else is a bug and stops loudly.
 * Beyond the plan's table, so that no phase is a dead end (complaints 10 and 15): an extended trial reopens a blocked account
 * (TRI-8), a canceled one may subscribe again, and a cancellation while past due runs to its end.
 */
export const PHASE_MOVES: Moves<Phase> = {
  trialing: ['active', 'blocked', 'free', 'canceled'],
  free: ['active', 'canceled'],
  active: ['past_due', 'free', 'canceled'],
  past_due: ['active', 'blocked', 'free', 'canceled'],
  blocked: ['active', 'trialing', 'canceled'],
  canceled: ['active'],
};

/** The phase after a move; a move that the table does not have throws, because only a bug asks for it. */
export function movedPhase(from: Phase, to: Phase, at: Instant): Phase {
  if (from !== to) assertMove(PHASE_MOVES, { of: 'phase', from, to, at });
  return to;
}
