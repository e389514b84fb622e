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
  .meta({ id: 'Prices', description: 'Prices per billing interval. An interval that is absent is not offered.' });

const meter = z
  .object({
    name: z.string(),
    unit: z.string().meta({ description: 'The singular of the unit, for display.', examples: ['credit', 'minute'] }),
    granularitySeconds: z
      .number()
      .nullable()
      .meta({
        description:
          'Length of one measured step, in seconds; usage is rounded up to whole units once per cycle. Null if the meter counts ' +
          'units directly.',
      }),
  } satisfies FieldsOf<Meter>)
  .meta({ id: 'CatalogMeter' });

const feature = z
  .object({
    meter: z.string(),
    quantity: z.number().meta({ description: 'Units of the meter that one use consumes.' }),
    models: z
      .record(z.string(), z.number())
      .exactOptional()
      .meta({ description: 'Quantities for specific models, by model.' }),
  } satisfies FieldsOf<Feature>)
  .meta({ id: 'CatalogFeature' });

const pack = z
  .object({
    name: z.string(),
    prices,
    included: z.record(z.string(), z.number()).meta({ description: 'Units included per monthly cycle, by meter.' }),
  } satisfies FieldsOf<Pack>)
  .meta({ id: 'CatalogPack', description: 'Overage is charged at exactly price ÷ included units.' });

const seatTerms = z
  .object({
    prices: prices.meta({ description: 'Price per seat. Empty on a free plan.' }),
    limit: z.int().nullable().meta({ description: 'The maximum number of enabled members; null if unlimited.' }),
  } satisfies FieldsOf<SeatTerms>)
  .meta({ id: 'CatalogSeats' });

const planMeter = z
  .object({
    includedPerMonth: z.number(),
    overage: z.object({ cents: amount, per: z.number() }).nullable().meta({
      description: 'Overage price: `cents` for every `per` units. Null if the plan sells no overage of this meter.',
    }),
    cap: z.enum(['optional', 'required', 'none']),
  } satisfies FieldsOf<PlanMeter>)
  .meta({ id: 'CatalogAllowance' });

const capTerms = z
  .object({
    required: z.boolean(),
    defaultCents: amount
      .nullable()
      .meta({ description: 'The cap of a subscription that does not set one; null if it has none.' }),
  } satisfies FieldsOf<CapTerms>)
  .meta({ id: 'CatalogCap' });

const plan = z
  .object({
    name: z.string(),
    title: z.string().meta({ description: 'The title of the plan, for display.' }),
    selfServe: z.boolean().meta({ description: 'False if the plan is set up by an operator.' }),
    packs: z.record(z.string(), pack).nullable().meta({
      description: 'The sizes of a credit plan, by name; the first is the default. Null if the plan has no packs.',
    }),
    seats: seatTerms.nullable().meta({ description: 'Null if the plan is neither sold nor limited by the seat.' }),
    meters: z.record(z.string(), planMeter).meta({ description: 'Metered allowances, in addition to packs.' }),
    caps: z.record(z.string(), capTerms).meta({ description: 'Spending cap terms, by meter.' }),
    flatPriceMinor: amount.exactOptional().meta({ description: 'Flat price per billing interval. Contracts only.' }),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  } satisfies FieldsOf<Plan>)
  .meta({ id: 'CatalogPlan' });

/** What is sold, as data. All records keep the order of the file that was published. */
export const catalogDocument = z
  .object({
    name: z.string(),
    entity: z.string().meta({
      description: 'The word for an account, for display.',
      examples: ['workspace', 'organization'],
    }),
    currency: z.string().meta({ examples: ['usd'] }),
    trial: z.object({ days: z.int() }).nullable(),
    afterTrial: z.enum(['blocked', 'free']),
    defaultPlan: z.string().nullable().meta({ description: 'The free plan of accounts without a subscription.' }),
    graceMinutes: z
      .number()
      .meta({ description: 'How many minutes late usage can still be added to the invoice of a closed cycle.' }),
    recoveryDays: z
      .number()
      .meta({ description: 'How many days after the last payment attempt an advance can still be paid.' }),
    meters: z.record(z.string(), meter),
    features: z.record(z.string(), feature),
    plans: z.record(z.string(), plan),
  } satisfies FieldsOf<Omit<Catalog, 'successor'>>)
  .meta({ id: 'Catalog', description: 'What is sold, as data. See catalogs/README.md.' });
