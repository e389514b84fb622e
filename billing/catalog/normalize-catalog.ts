import { currency } from '../money/currency.ts';
import type { CapTerms, Catalog, Feature, Meter, Pack, Plan, PlanMeter, Prices } from './catalog.ts';
import type { WrittenCatalog, WrittenPlan } from './catalog-schema.ts';

/** The catalog as the rules read it: every default filled in, in the order of the file. */
export function normalizedCatalog(written: WrittenCatalog, plans: Catalog['plans'], freePlan: string | null): Catalog {
  const defaultPlan = written.defaultPlan ?? (written.afterTrial === 'free' ? freePlan : null);
  return {
    name: written.name,
    entity: written.entity,
    currency: currency(written.currency).code,
    trial: written.trial ?? null,
    afterTrial: written.afterTrial ?? (defaultPlan === null ? 'blocked' : 'free'),
    defaultPlan,
    graceMinutes: written.graceMinutes,
    recoveryDays: written.recoveryDays,
    meters: mapEntries(written.meters, (name, meter): Meter => {
      return { name, unit: meter.unit, granularitySeconds: meter.granularitySeconds ?? null };
    }),
    features: mapEntries(written.features, (_name, { meter, quantity, models }): Feature => {
      return models === undefined ? { meter, quantity } : { meter, quantity, models };
    }),
    plans,
  };
}

export function normalizedPlans(written: WrittenCatalog): Catalog['plans'] {
  return mapEntries(written.plans, normalizedPlan);
}

function normalizedPlan(name: string, written: WrittenPlan): Plan {
  const { seats } = written;
  return {
    name,
    title: written.title ?? titleOf(name),
    selfServe: written.selfServe,
    packs:
      written.packs == null
        ? null
        : mapEntries(written.packs, (packName, pack): Pack => {
            return { name: packName, prices: pricesOf(pack), included: pack.included };
          }),
    seats: seats == null ? null : { prices: pricesOf(seats), limit: seats.limit ?? null },
    meters: mapEntries(written.meters, (meter, terms): PlanMeter => {
      const overage = terms.overage ?? null;
      const offered = written.caps[meter]?.required === true ? 'required' : 'optional';
      return {
        includedPerMonth: terms.includedPerMonth,
        overage,
        cap: terms.cap ?? (overage === null ? 'none' : offered),
      };
    }),
    caps: mapEntries(written.caps, (_meter, terms): CapTerms => {
      return { required: terms.required, defaultCents: terms.defaultCents ?? null };
    }),
    attributes: written.attributes,
  };
}

/** The intervals that are sold; one that is not has no key. */
function pricesOf(written: { readonly month?: number | undefined; readonly year?: number | undefined }): Prices {
  return {
    ...(written.month === undefined ? {} : { month: written.month }),
    ...(written.year === undefined ? {} : { year: written.year }),
  };
}

/** pro-teams → Pro Teams */
function titleOf(name: string): string {
  return name
    .split(/[-_]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ');
}

function mapEntries<From, To>(
  record: Readonly<Record<string, From>>,
  map: (name: string, value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(name, value)]));
}
