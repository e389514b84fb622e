import type { NewTerms } from '../model/facts.ts';
import { planOf } from '../model/terms.ts';
import { changeAccount, changeSubscription, recordAudit, subscriptionOf, type Turn } from '../model/turn.ts';
import { resizeSeats } from '../seats/members.ts';

/** Puts terms in the place of others. The caller sees to the cycle, to what has been used under the old ones, and to the bill. */
export function adoptTerms(turn: Turn, { plan, interval, pack, contract, seats, caps }: NewTerms): void {
  const before = subscriptionOf(turn);
  changeSubscription(turn, { plan, interval, pack, contract, change: null, ending: null, awaitedTerms: null });
  if (caps !== null) changeAccount(turn, { caps });
  resizeSeats(turn, planOf(turn.catalog, subscriptionOf(turn)).seats === null ? 'none' : seats);
  const told = { plan: before.plan, interval: before.interval, pack: before.pack };
  const agreed = contract === null && before.contract === null ? {} : { contract };
  recordAudit(
    turn,
    'subscription.changed',
    { ...told, ...(before.contract === null ? {} : { contract: before.contract }) },
    { plan, interval, pack, ...agreed },
  );
}
