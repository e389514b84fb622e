import type { Schemas } from '../api/client.ts';

export type Interval = 'month' | 'year';
export type Account = Schemas['Account'];
export type Catalog = Schemas['Catalog'];
export type Plan = Schemas['CatalogPlan'];

export const INTERVALS: readonly Interval[] = ['month', 'year'];

/** The plan that holds, as the catalog sells it; null where there is none. */
export function planOf(account: Account, catalog: Catalog): Plan | null {
  return account.plan === null ? null : (catalog.plans[account.plan] ?? null);
}

/** What one interval of a plan costs beside seats, and what one seat does; null: it is not part of it. */
export function pricesOf(
  { contract, pack, interval }: Account,
  plan: Plan,
): { readonly base: number | null; readonly seat: number | null } {
  if (contract !== null) return { base: contract.priceCents, seat: contract.seatPriceCents };
  if (interval === null) return { base: null, seat: null };
  return {
    base: (pack === null ? undefined : plan.packs?.[pack]?.prices[interval]) ?? null,
    seat: plan.seats?.prices[interval] ?? null,
  };
}

/** The plans that an admin may subscribe to by themselves, in the catalog's order. */
export function plansForSale(catalog: Catalog): readonly (readonly [string, Plan])[] {
  return Object.entries(catalog.plans).filter(([, plan]) => plan.selfServe && intervalsOf(plan, null).length > 0);
}

/** The intervals that a plan, or its pack, is sold in (CRE-17). */
export function intervalsOf(plan: Plan, pack: string | null): readonly Interval[] {
  const packs = Object.values(plan.packs ?? {});
  const prices = plan.packs === null ? plan.seats?.prices : (plan.packs[pack ?? ''] ?? packs[0])?.prices;
  return INTERVALS.filter((interval) => prices?.[interval] !== undefined);
}

/** Whether something is scheduled that can be taken back: then there is nothing else to end. */
export function hasScheduled({ subscription, scheduledChange }: Account): boolean {
  return subscription === 'scheduled' || scheduledChange !== null;
}
