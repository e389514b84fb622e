import type { Catalog, Plan } from '../../billing/catalog/catalog.ts';
import { type AccountState, catalogOf, type Change, type Interval, type MeterTerms } from './account-state.ts';

/** What a subscription, or a change of one, has chosen. */
export type Choice = Pick<Change, 'plan' | 'interval' | 'pack' | 'contract'>;

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600 };

/** BUD-1: how many of a meter's smallest units make one unit; 1 where it is counted in units. */
export function stepsPerUnit(catalog: Catalog, meter: string): number {
  const { unit, granularitySeconds } = catalog.meters[meter]!;
  return granularitySeconds === null ? 1 : SECONDS_PER_UNIT[unit]! / granularitySeconds;
}

/**
 * BUD-1, CRE-1: an allowance has a budget, at which new work is refused and running work finishes (BUD-2); a pool, which packs
 * fill, has a cap, and what does not fit is refused whole (CRE-6).
 */
export function isMeasured(catalog: Catalog, meter: string): boolean {
  const packs = Object.values(catalog.plans).flatMap((plan) => Object.values(plan.packs ?? {}));
  return !packs.some((pack) => Object.hasOwn(pack.included, meter));
}

export function planOf(catalog: Catalog, name: string): Plan | undefined {
  return Object.hasOwn(catalog.plans, name) ? catalog.plans[name] : undefined;
}

/** What a choice includes in each month, and what more costs (CRE-5, BUD-1, CRE-18). */
export function metersOf(catalog: Catalog, choice: Choice): Record<string, MeterTerms> {
  const meters: Record<string, MeterTerms> = {};
  if (choice.contract !== null) {
    for (const [meter, terms] of Object.entries(choice.contract.meters)) {
      meters[meter] = { included: terms.includedPerMonth, price: terms.overage ?? null };
    }
    return meters;
  }
  const plan = planOf(catalog, choice.plan)!;
  for (const [meter, terms] of Object.entries(plan.meters)) {
    meters[meter] = { included: terms.includedPerMonth, price: terms.overage };
  }
  const pack = choice.pack === null ? undefined : plan.packs?.[choice.pack];
  for (const [meter, included] of Object.entries(pack?.included ?? {})) {
    meters[meter] = { included, price: { cents: pack!.prices.month!, per: included } };
  }
  return meters;
}

/** What one interval costs without seats, and what each seat does. */
export function pricesOf(catalog: Catalog, choice: Choice): { base: number | null; seat: number | null } {
  const { contract, interval, pack } = choice;
  if (contract !== null) return { base: contract.priceCents, seat: contract.seats?.priceCents ?? null };
  const plan = planOf(catalog, choice.plan)!;
  return {
    base: pack === null ? null : (plan.packs![pack]!.prices[interval] ?? null),
    seat: plan.seats === null ? null : (plan.seats.prices[interval] ?? null),
  };
}

/** Whether overage of a meter is sold, so that it can be capped, and whether it has to be. */
export function capTermsOf(
  catalog: Catalog,
  choice: Choice,
  meter: string,
): { required: boolean; defaultCents: number | null } | null {
  const terms = metersOf(catalog, choice)[meter];
  if (terms?.price == null) return null;
  if (choice.contract !== null) {
    return { required: false, defaultCents: choice.contract.meters[meter]?.capCents ?? null };
  }
  const plan = planOf(catalog, choice.plan)!;
  const cap = Object.hasOwn(plan.caps, meter) ? plan.caps[meter] : undefined;
  const written = Object.hasOwn(plan.meters, meter) ? plan.meters[meter]!.cap : undefined;
  if (written === 'none' || (written === undefined && cap === undefined)) return null;
  return { required: cap?.required ?? written === 'required', defaultCents: cap?.defaultCents ?? null };
}

export function monthsOf(interval: Interval): number {
  return interval === 'year' ? 12 : 1;
}

/** The free plan of the account's catalog (SBI-10, BUD-2), where there is one. */
export function freePlanOf(state: AccountState): Plan | null {
  const catalog = catalogOf(state);
  return catalog.defaultPlan === null ? null : (planOf(catalog, catalog.defaultPlan) ?? null);
}
