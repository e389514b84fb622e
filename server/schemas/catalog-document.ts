import { z } from 'zod';

import type {
  CapTerms,
  Catalog,
  Feature,
  Meter,
  Pack,
  Plan,
  PlanMeter,
  SeatTerms,
} from '../../billing/catalog/catalog.ts';
import type { FieldsOf } from './documents.ts';
import { amount } from './fields.ts';

const prices = z
  .object({ month: amount.exactOptional(), year: amount.exactOptional() })
  .meta({ id: 'Prices', description: 'Per interval; one that is absent is not sold (CRE-17).' });

const meter = z
  .object({
    name: z.string(),
    unit: z.string().meta({ description: 'In the singular, for people.', examples: ['credit', 'minute'] }),
    granularitySeconds: z.number().nullable().meta({
      description: 'Measured in steps of so many seconds and rounded up to units once a cycle (BUD-1); null: counted.',
    }),
  } satisfies FieldsOf<Meter>)
  .meta({ id: 'CatalogMeter' });

const feature = z
  .object({
    meter: z.string(),
    quantity: z.number().meta({ description: 'What one use takes of the meter (CRE-2).' }),
    models: z.record(z.string(), z.number()).exactOptional().meta({ description: 'Other quantities, by model.' }),
  } satisfies FieldsOf<Feature>)
  .meta({ id: 'CatalogFeature' });

const pack = z
  .object({
    name: z.string(),
    prices,
    included: z.record(z.string(), z.number()).meta({ description: 'Units per monthly cycle, by meter.' }),
  } satisfies FieldsOf<Pack>)
  .meta({ id: 'CatalogPack', description: 'Overage costs price ÷ included, exactly (CRE-5).' });

const seatTerms = z
  .object({
    prices: prices.meta({ description: 'Per seat; empty on a free plan.' }),
    limit: z.int().nullable().meta({ description: 'Most enabled members (SEA-5); null: no limit.' }),
  } satisfies FieldsOf<SeatTerms>)
  .meta({ id: 'CatalogSeats' });

const planMeter = z
  .object({
    includedPerMonth: z.number(),
    overage: z.object({ cents: amount, per: z.number() }).nullable().meta({
      description: '`cents` for every `per` units beyond; null: use ends with the allowance (BUD-2).',
    }),
    cap: z.enum(['optional', 'required', 'none']),
  } satisfies FieldsOf<PlanMeter>)
  .meta({ id: 'CatalogAllowance' });

const capTerms = z
  .object({
    required: z.boolean(),
    defaultCents: amount.nullable().meta({ description: 'Of a subscription that names none; null: none is set.' }),
  } satisfies FieldsOf<CapTerms>)
  .meta({ id: 'CatalogCap' });

const plan = z
  .object({
    name: z.string(),
    title: z.string().meta({ description: 'What customers read.' }),
    selfServe: z.boolean().meta({ description: 'false: an operator sets it up (CRE-18).' }),
    packs: z.record(z.string(), pack).nullable().meta({
      description: 'Sizes of a credit plan, the first one is the default; null where it has none.',
    }),
    seats: seatTerms.nullable().meta({ description: 'null where it is neither sold nor limited by the seat.' }),
    meters: z.record(z.string(), planMeter).meta({ description: 'Metered allowances beside packs.' }),
    caps: z.record(z.string(), capTerms).meta({ description: 'By meter.' }),
    flatPriceMinor: amount.exactOptional().meta({ description: 'Per interval; in contracts only.' }),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  } satisfies FieldsOf<Plan>)
  .meta({ id: 'CatalogPlan' });

/** What is sold, as data. All records keep the order of the file that was published. */
export const catalogDocument = z
  .object({
    name: z.string(),
    entity: z.string().meta({
      description: 'What customers read for an account.',
      examples: ['workspace', 'organization'],
    }),
    currency: z.string().meta({ examples: ['usd'] }),
    trial: z.object({ days: z.int() }).nullable(),
    afterTrial: z.enum(['blocked', 'free']),
    defaultPlan: z.string().nullable().meta({ description: 'The free plan of whoever has no subscription.' }),
    graceMinutes: z.number().meta({ description: 'How long late use still joins a closed cycle’s invoice (CRE-12).' }),
    recoveryDays: z
      .number()
      .meta({ description: 'For how many days after the last try an advance may still be paid (INV-5).' }),
    meters: z.record(z.string(), meter),
    features: z.record(z.string(), feature),
    plans: z.record(z.string(), plan),
  } satisfies FieldsOf<Omit<Catalog, 'successor'>>)
  .meta({ id: 'Catalog', description: 'What is sold, as data; see catalogs/README.md.' });
