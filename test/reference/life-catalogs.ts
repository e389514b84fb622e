import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import type { Catalog } from '../../billing/catalog/catalog.ts';
import { catalogFromObject } from '../../billing/catalog/load-catalog.ts';

export type WrittenCatalog = Readonly<Record<string, unknown>>;

/** What lives are played under, and what of it their steps can name. */
export interface LifeCatalog {
  /** As a scenario names it: a file under catalogs/, or null for one that is written into the scenario. */
  readonly file: string | null;
  readonly written: WrittenCatalog;
  readonly catalog: Catalog;
  readonly plan: string;
  readonly packs: readonly string[];
  readonly hasSeats: boolean;
  readonly intervals: readonly ('month' | 'year')[];
  /** Features by meter; those of a pool first. */
  readonly features: readonly string[];
  readonly meters: readonly string[];
  readonly cap: string | null;
  /** The most units that an event is worth trying with, by meter. */
  readonly large: Readonly<Record<string, number>>;
}

const CREDITS = { credits: { unit: 'credit' } };
const TOKEN = {
  token: { meter: 'credits', quantity: 1 },
  review: { meter: 'credits', quantity: 139, models: { large: 400 } },
};
const ENTERPRISE = { enterprise: { selfServe: false } };

const pack = (month: number, credits: number) => ({ month, included: { credits } });

const WRITTEN: readonly WrittenCatalog[] = [
  {
    name: 'graceful',
    currency: 'usd',
    trial: { days: 14 },
    afterTrial: 'blocked',
    graceMinutes: 60,
    meters: CREDITS,
    features: TOKEN,
    plans: {
      team: {
        packs: { small: pack(3000, 2500), dear: pack(6000, 2600), big: pack(9000, 7500), cheap: pack(12000, 20000) },
        caps: { credits: { required: true, defaultCents: 5000 } },
      },
      ...ENTERPRISE,
    },
  },
  {
    name: 'yen',
    currency: 'jpy',
    afterTrial: 'blocked',
    meters: CREDITS,
    features: TOKEN,
    plans: {
      team: {
        packs: { a: pack(301, 1000), b: pack(999, 3001) },
        caps: { credits: { required: true, defaultCents: 500 } },
      },
      ...ENTERPRISE,
    },
  },
  {
    name: 'dinar',
    currency: 'kwd',
    afterTrial: 'blocked',
    meters: CREDITS,
    features: TOKEN,
    plans: {
      team: {
        packs: { a: pack(1230, 700), b: pack(2450, 1600) },
        caps: { credits: { required: true, defaultCents: 36 } },
      },
      ...ENTERPRISE,
    },
  },
  {
    name: 'free-after-trial',
    currency: 'usd',
    trial: { days: 7 },
    afterTrial: 'free',
    defaultPlan: 'free',
    recoveryDays: 3,
    meters: { minutes: { unit: 'minute', granularitySeconds: 1 } },
    features: { job: { meter: 'minutes', quantity: 1 } },
    plans: {
      free: { seats: { limit: 2 }, meters: { minutes: { includedPerMonth: 60 } } },
      pro: {
        seats: { month: 1999, year: 17999 },
        meters: { minutes: { includedPerMonth: 100, overage: { cents: 7, per: 3 }, cap: 'optional' } },
      },
      ...ENTERPRISE,
    },
  },
  {
    name: 'seats-after-trial',
    currency: 'eur',
    trial: { days: 14 },
    afterTrial: 'blocked',
    graceMinutes: 1440,
    meters: { minutes: { unit: 'minute', granularitySeconds: 1 } },
    features: { job: { meter: 'minutes', quantity: 1 } },
    plans: {
      pro: {
        seats: { month: 2000, year: 18000 },
        meters: { minutes: { includedPerMonth: 10, overage: { cents: 100, per: 7 }, cap: 'optional' } },
      },
      ...ENTERPRISE,
    },
  },
  {
    name: 'two-meters',
    currency: 'usd',
    afterTrial: 'free',
    defaultPlan: 'free',
    recoveryDays: 30,
    meters: { ...CREDITS, minutes: { unit: 'minute', granularitySeconds: 10 } },
    features: { ...TOKEN, job: { meter: 'minutes', quantity: 2 } },
    plans: {
      free: { meters: { credits: { includedPerMonth: 50 }, minutes: { includedPerMonth: 5 } } },
      team: {
        packs: { small: pack(1000, 300), big: pack(2500, 1000) },
        caps: { credits: { required: false } },
        meters: { minutes: { includedPerMonth: 20, overage: { cents: 33, per: 10 }, cap: 'optional' } },
      },
      ...ENTERPRISE,
    },
  },
  {
    name: 'no-cap',
    currency: 'usd',
    afterTrial: 'blocked',
    recoveryDays: 1,
    meters: CREDITS,
    features: TOKEN,
    plans: { team: { packs: { small: pack(700, 300), big: pack(900, 1000) } }, ...ENTERPRISE },
  },
  {
    name: 'cap-of-nothing',
    currency: 'usd',
    trial: { days: 3 },
    afterTrial: 'blocked',
    meters: CREDITS,
    features: TOKEN,
    plans: {
      team: {
        packs: { small: pack(100, 300), big: pack(200, 1000) },
        caps: { credits: { required: true, defaultCents: 0 } },
      },
      ...ENTERPRISE,
    },
  },
  {
    name: 'long-grace',
    currency: 'usd',
    afterTrial: 'free',
    defaultPlan: 'free',
    graceMinutes: 1_200,
    meters: { minutes: { unit: 'minute', granularitySeconds: 1 } },
    features: { job: { meter: 'minutes', quantity: 1 } },
    plans: {
      free: { seats: { limit: 3 }, meters: { minutes: { includedPerMonth: 10 } } },
      pro: {
        seats: { month: 900, year: 9000 },
        meters: { minutes: { includedPerMonth: 30, overage: { cents: 50, per: 1 }, cap: 'optional' } },
      },
      ...ENTERPRISE,
    },
  },
];

export const LIFE_CATALOGS: readonly LifeCatalog[] = [
  lifeCatalog('qodo', written('qodo')),
  lifeCatalog('codspeed', written('codspeed')),
  ...WRITTEN.map((catalog) => lifeCatalog(null, catalog)),
];

function written(name: string): WrittenCatalog {
  return parse(readFileSync(new URL(`../../catalogs/${name}.yaml`, import.meta.url), 'utf8')) as WrittenCatalog;
}

function lifeCatalog(file: string | null, writtenCatalog: WrittenCatalog): LifeCatalog {
  const catalog = catalogFromObject(writtenCatalog, 'life');
  const plan = Object.values(catalog.plans).find(({ name, selfServe }) => selfServe && name !== catalog.defaultPlan)!;
  const packs = Object.keys(plan.packs ?? {});
  const prices = plan.seats?.prices ?? plan.packs?.[packs[0] ?? '']?.prices ?? {};
  const largest: Record<string, number> = {};
  for (const [meter, terms] of Object.entries(plan.meters)) largest[meter] = 3 * terms.includedPerMonth;
  for (const { included } of Object.values(plan.packs ?? {})) {
    for (const [meter, units] of Object.entries(included)) largest[meter] ??= 2 * units;
  }
  return {
    file,
    written: writtenCatalog,
    catalog,
    plan: plan.name,
    packs,
    hasSeats: plan.seats !== null,
    intervals: Object.keys(prices) as ('month' | 'year')[],
    features: Object.keys(catalog.features),
    meters: Object.keys(catalog.meters),
    cap: Object.keys(plan.caps)[0] ?? null,
    large: largest,
  };
}
