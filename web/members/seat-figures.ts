import type { Schemas } from '../api/client.ts';
import type { Member } from './member.ts';

type Seats = Schemas['Seats'];
type Account = Schemas['Account'];

/** Free seats that stay: those that can be removed by count (SBI-6). A paid plan keeps one. */
export function removableSeats(seats: Seats, members: readonly Member[]): number {
  const takenAndLeaving = members.filter(({ seatEndsAt }) => seatEndsAt !== null).length;
  const free = seats.free - (seats.awaitingRemoval - takenAndLeaving);
  return Math.max(0, Math.min(free, seats.quantity - seats.awaitingRemoval - 1));
}

/** The whole price of one seat, in minor units per interval; null where none is sold. */
export function seatPrice(account: Account, catalog: Schemas['Catalog']): number | null {
  if (account.contract !== null) return account.contract.seatPriceCents;
  const { plan, interval } = account;
  if (plan === null || interval === null) return null;
  return catalog.plans[plan]?.seats?.prices[interval] ?? null;
}

/** How many may be enabled where nothing is paid (SEA-5); null where there is no limit, or it does not hold now. */
export function freeLimit(account: Account, catalog: Schemas['Catalog']): number | null {
  if (account.phase !== 'free' || catalog.defaultPlan === null) return null;
  return catalog.plans[catalog.defaultPlan]?.seats?.limit ?? null;
}

/** CRE-1: a catalog that sells nothing by the seat provisions nothing per member. */
export function isWithSeats(catalog: Schemas['Catalog']): boolean {
  return Object.values(catalog.plans).some((plan) => plan.seats !== null);
}
