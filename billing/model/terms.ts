import type { Interval } from '../calendar/period.ts';
import type { Catalog, Meter, Pack, Plan, PlanMeter } from '../catalog/catalog.ts';
import { Refusal } from '../refusal.ts';
import type { Contract, MeterTerms, Subscription, Terms } from './facts.ts';
import { planNamed } from './turn.ts';

/**
 * Whether a meter is a pool that packs fill: what does not fit is refused whole (CRE-6). Any other is an allowance with a budget, where
 * what has begun may finish (BUD-2).
 */
export function isPool(catalog: Catalog, meter: string): boolean {
  let pools = poolsOf.get(catalog);
  if (pools === undefined) {
    const packs = Object.values(catalog.plans).flatMap((plan) => Object.values(plan.packs ?? {}));
    pools = new Set(packs.flatMap((pack) => Object.keys(pack.included)));
    poolsOf.set(catalog, pools);
  }
  return pools.has(meter);
}

/** Asked for with every event; a catalog never changes (CAT-2). */
const poolsOf = new WeakMap<Catalog, ReadonlySet<string>>();

/** How many smallest units one unit of a meter has: 60 for minutes counted in seconds, 1 for credits. */
export function unitsPerUnit(meter: Meter): number {
  if (meter.granularitySeconds === null) return 1;
  const secondsPerUnit = meter.unit === 'hour' ? 3600 : meter.unit === 'minute' ? 60 : 1;
  return secondsPerUnit / meter.granularitySeconds;
}

/** The same for a meter by its name; 1 for one that the catalog does not have any more. */
export function scaleOf({ meters }: Pick<Catalog, 'meters'>, name: string): number {
  const meter = Object.hasOwn(meters, name) ? meters[name] : undefined;
  return meter === undefined ? 1 : unitsPerUnit(meter);
}

export function packOf(plan: Plan, name: string | null): Pack {
  const pack = name === null || plan.packs === null || !Object.hasOwn(plan.packs, name) ? undefined : plan.packs[name];
  if (pack === undefined) {
    const offered = plan.packs === null ? 'none' : Object.keys(plan.packs).join(', ');
    throw new Refusal({
      code: 'unknown_pack',
      message: `The plan ${plan.title} has no pack "${name ?? ''}"; it offers ${offered}.`,
      field: 'pack',
    });
  }
  return pack;
}

/** The plan that holds for a subscription: the catalog's, or the contract that was made in its place (CRE-18). */
export function planOf(catalog: Catalog, { plan, interval, contract }: Terms): Plan {
  const sold = planNamed(catalog, plan);
  return contract === null ? sold : agreedPlan(sold, interval, contract);
}

/** The plan of a subscription, or the free one where there is none; null where that is none either. */
function planInForce(catalog: Catalog, subscription: Terms | null): Plan | null {
  if (subscription !== null) return planOf(catalog, subscription);
  return catalog.defaultPlan === null ? null : planNamed(catalog, catalog.defaultPlan);
}

function agreedPlan(sold: Plan, interval: Interval, contract: Contract): Plan {
  const { priceMinor, seatPriceMinor, attributes } = contract;
  const meters = Object.entries(contract.meters).map(([name, { includedPerMonth, overage }]): [string, PlanMeter] => [
    name,
    // A ceiling is the customer's choice where there is overage to pay for: none is unlimited.
    { includedPerMonth, overage, cap: overage === null ? 'none' : 'optional' },
  ]);
  return {
    ...sold,
    packs: null,
    flatPriceMinor: priceMinor,
    seats: seatPriceMinor === null ? null : { prices: { [interval]: seatPriceMinor }, limit: null },
    meters: Object.fromEntries(meters),
    caps: {},
    attributes: { ...sold.attributes, ...attributes },
  };
}

/** The price that a plan asks per interval: of its pack, or of one seat. */
export function priceMinorOf(plan: Plan, pack: string | null, interval: Interval): number {
  const prices = plan.packs === null ? plan.seats?.prices : packOf(plan, pack).prices;
  const price = prices?.[interval];
  if (price === undefined) {
    throw new Refusal({
      code: 'interval_not_offered',
      message: `${plan.title} is not sold by the ${interval}; it is sold by the ${Object.keys(prices ?? {}).join(' or the ')}.`,
      field: 'interval',
    });
  }
  return price;
}

/** The terms of a meter under a subscription, or under the free plan where there is none; null: the meter is not on offer. */
export function meterTerms(catalog: Catalog, subscription: Subscription | null, meter: string): MeterTerms | null {
  const plan = planInForce(catalog, subscription);
  return plan === null ? null : meterTermsOf(plan, { catalog, subscription, meter });
}

function meterTermsOf(
  plan: Plan,
  { catalog, subscription, meter }: { catalog: Catalog; subscription: Subscription | null; meter: string },
): MeterTerms | null {
  const scale = scaleOf(catalog, meter);
  const allowance = plan.meters[meter];
  if (allowance !== undefined) {
    return {
      includedUnits: allowance.includedPerMonth * scale,
      priceMinor: allowance.overage?.cents ?? null,
      pricePerUnits: allowance.overage === null ? null : allowance.overage.per * scale,
    };
  }
  if (plan.packs === null || subscription === null) return null;
  const pack = packOf(plan, subscription.pack);
  const included = pack.included[meter];
  if (included === undefined) return null;
  const priceMinor = pack.prices[subscription.interval] ?? null;
  // CRE-5: overage at the base plan's rate, price ÷ included, never rounded before it is multiplied.
  return { includedUnits: included * scale, priceMinor, pricePerUnits: included * scale };
}

/** The terms of every meter that a plan offers, in the catalog's order. */
export function allMeterTerms(
  catalog: Catalog,
  subscription: Subscription | null,
): Readonly<Record<string, MeterTerms>> {
  const plan = planInForce(catalog, subscription);
  if (plan === null) return {};
  return Object.fromEntries(
    Object.keys(catalog.meters).flatMap((meter) => {
      const terms = meterTermsOf(plan, { catalog, subscription, meter });
      return terms === null ? [] : [[meter, terms]];
    }),
  );
}

/** Every meter that a plan offers, in the catalog's order. */
export function metersOf(catalog: Catalog, subscription: Subscription | null): readonly string[] {
  return Object.keys(allMeterTerms(catalog, subscription));
}
