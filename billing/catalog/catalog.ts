import type { Interval } from '../calendar/period.ts';

/**
 * What a product sells, as data (CAT-1). Plain JSON: it is stored with the account's version (CAT-2) and compared as text.
 * All records keep the order of the file. Prices and amounts are integers in the currency's minor unit ("cents").
 */
export interface Catalog {
  readonly name: string;
  /** The word customers read for an account: workspace, organization. */
  readonly entity: string;
  /** ISO 4217, lower case. */
  readonly currency: string;
  /** Every account starts one at signup (TRI-1); null where the product has none. */
  readonly trial: { readonly days: number } | null;
  /** What an account without a subscription is, after its trial or where there is none. */
  readonly afterTrial: 'blocked' | 'free';
  /** The free plan that accounts without a subscription are on; null where there is none. */
  readonly defaultPlan: string | null;
  /** How long a closed cycle's invoice stays a draft that late usage still joins (CRE-12). */
  readonly graceMinutes: number;
  /** For how many days after the last try an advance may still be paid (INV-5). */
  readonly recoveryDays: number;
  readonly meters: Readonly<Record<string, Meter>>;
  readonly features: Readonly<Record<string, Feature>>;
  readonly plans: Readonly<Record<string, Plan>>;
  /** The version that an account moves to at its next boundary (CAT-2). Not published with it: it comes along with the account's facts. */
  readonly successor?: CatalogVersion;
}

export interface CatalogVersion {
  readonly version: number;
  readonly catalog: Catalog;
}

export interface Meter {
  readonly name: string;
  /** Singular, for people: credit, minute. */
  readonly unit: string;
  /** Measured in steps of so many seconds and rounded up to units once per cycle (BUD-1); null: counted in units. */
  readonly granularitySeconds: number | null;
}

export interface Feature {
  readonly meter: string;
  /** Units of the meter that one use consumes (CRE-2). */
  readonly quantity: number;
  /** Other quantities for particular models. */
  readonly models?: Readonly<Record<string, number>>;
}

/** Minor units per interval; an interval that is absent is not sold (CRE-17). */
export type Prices = Readonly<Partial<Record<Interval, number>>>;

export interface Plan {
  readonly name: string;
  readonly title: string;
  /** False: an operator sets it up (CRE-18). */
  readonly selfServe: boolean;
  /** Sizes of a credit plan, the first one is the default; null where the plan has none. */
  readonly packs: Readonly<Record<string, Pack>> | null;
  /** Null where the plan is not sold, and not limited, by the seat. */
  readonly seats: SeatTerms | null;
  /** Metered allowances beside packs. */
  readonly meters: Readonly<Record<string, PlanMeter>>;
  readonly caps: Readonly<Record<string, CapTerms>>;
  /** Minor units per interval, whatever is used: only a contract asks for one (CRE-18), so no catalog has it. */
  readonly flatPriceMinor?: number;
  /** Contract attributes shown on the account's page (CAT-3). */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface Pack {
  readonly name: string;
  readonly prices: Prices;
  /** Units per monthly cycle, by meter. Overage costs price ÷ included (CRE-5). */
  readonly included: Readonly<Record<string, number>>;
}

export interface SeatTerms {
  /** Per seat; empty on a free plan. */
  readonly prices: Prices;
  /** Most enabled members (SEA-5); null: no limit. */
  readonly limit: number | null;
}

export interface PlanMeter {
  readonly includedPerMonth: number;
  /** `cents` for every `per` units beyond; null: use ends with the allowance (BUD-2). */
  readonly overage: { readonly cents: number; readonly per: number } | null;
  readonly cap: 'optional' | 'required' | 'none';
}

export interface CapTerms {
  readonly required: boolean;
  /** The cap of a subscription that names none; null: none is set. */
  readonly defaultCents: number | null;
}

/** Whether anybody can have a plan and it can never cost anything: no pack, no price per seat, no overage, no contract. */
export function isFreePlan(plan: Plan): boolean {
  const hasOverage = Object.values(plan.meters).some((meter) => meter.overage !== null);
  const hasSeatPrice = Object.keys(plan.seats?.prices ?? {}).length > 0;
  return plan.selfServe && plan.packs === null && !hasSeatPrice && !hasOverage;
}
