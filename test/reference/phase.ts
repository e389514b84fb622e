import type { AccountState } from './account-state.ts';
import { spanAt } from './terms-in-force.ts';

export type Phase = 'trialing' | 'free' | 'active' | 'past_due' | 'blocked' | 'canceled';

/** INV-5: while something that is due was tried in vain. What is not due yet keeps nobody past due (CRE-18). */
export function isPastDue(state: AccountState): boolean {
  if (state.subscription?.state !== 'active') return false;
  const { serial } = state.subscription;
  return state.invoices.some(
    ({ status, isFailed, failedUnder }) => status === 'open' && isFailed && failedUnder === serial,
  );
}

export function phaseOf(state: AccountState): Phase {
  if (state.closedAt !== null) return 'canceled';
  if (state.subscription?.state === 'active') return isPastDue(state) ? 'past_due' : 'active';
  const span = spanAt(state, state.now);
  if (span?.kind === 'trial') return 'trialing';
  if (span?.kind === 'free') return 'free';
  // A first payment that fails changes the reason, not where the account stands.
  const reason = state.subscription?.state === 'waiting' ? state.subscription.before : span?.reason;
  return reason === 'subscription_ended' ? 'canceled' : 'blocked';
}
