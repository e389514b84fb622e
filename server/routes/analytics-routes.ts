import { Readable } from 'node:stream';

import { stringify } from 'csv-stringify';
import { z } from 'zod';

import type { MeterReport, UsageFigures } from '../../billing/usage/usage-report.ts';
import type { UsageDetail, UsageReport } from '../../client/usage/usage-report.ts';
import { answers } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import type { FieldsOf } from '../schemas/documents.ts';
import { accountParams, amount, givenDay, givenInstant, id, listOf } from '../schemas/fields.ts';

const figuresForMembers = {
  events: z.int(),
  included: z.number().meta({ description: 'Covered by the included amount, in the unit of the meter.' }),
  overage: z.number(),
  trial: z.number().meta({ description: 'Used in the trial, free of charge.' }),
};

const figures = {
  ...figuresForMembers,
  overageCents: amount.optional().meta({
    description:
      'The cost of the overage at the price of its cycle; not included for members. An invoice can differ if a meter rounds ' +
      'up parts of a unit over the whole cycle, or if usage beyond a budget is written off.',
  }),
} satisfies FieldsOf<UsageFigures>;

/** With all figures, or with those that members see (SEA-17). */
function reportOf<Figures extends z.ZodRawShape>(shape: Figures, suffix: string) {
  const sum = z.object(shape).meta({ id: `UsageFigures${suffix}` });
  const meter = z
    .object({
      meter: z.string(),
      unit: z.string().meta({ examples: ['credit', 'minute'] }),
      sum,
      keys: listOf(z.object({ key: z.string(), sum })).meta({ description: 'Highest usage first.' }),
      days: listOf(z.object({ day: z.string(), key: z.string(), ...shape })).meta({
        description: 'By day, then by key.',
      }),
    } satisfies FieldsOf<MeterReport>)
    .meta({ id: `MeterReport${suffix}` });
  return z
    .object({
      from: z.string().meta({ format: 'date' }),
      to: z.string().meta({ format: 'date' }),
      by: usageKey,
      meters: listOf(meter),
    } satisfies FieldsOf<UsageReport>)
    .meta({ id: `UsageReport${suffix}` });
}

const usageKey = z.enum(['feature', 'member', 'model'], 'expected feature, member or model');
const report = reportOf(figures, '');
const reportForMembers = reportOf(figuresForMembers, 'ForMembers');

const days = {
  from: givenDay
    .exactOptional()
    .meta({ description: 'Default: the day of `cyclesFrom`, or a period of 30 days. At most 400 days.' }),
  to: givenDay.exactOptional().meta({
    description:
      'Inclusive. Default: the day of `cyclesUntil` or the current day of the account, whichever is earlier.',
  }),
  meter: id.exactOptional().meta({ description: 'Default: all meters.' }),
  cyclesFrom: givenInstant.exactOptional().meta({
    description:
      'Only usage of cycles that started at this time or later. With the start of a cycle, its first day counts in part, as ' +
      'it does on the bill. Default: all cycles.',
  }),
  cyclesUntil: givenInstant.exactOptional().meta({
    description:
      'Only usage of cycles that started before this time. With the end of a cycle, its last day counts in part. Default: all ' +
      'cycles.',
  }),
};

/** What was used, by day: to be charted, and to be computed with elsewhere. */
export function analyticsRoutes(api: Api, context: ApiContext): void {
  reportRoute(api, context);
  csvRoute(api, context);
}

function reportRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account/analytics',
    {
      config: { access: { scope: 'accounts:read', portal: 'member', forMembers: reportForMembers } },
      schema: {
        operationId: 'getAnalytics',
        tags: ['Use'],
        summary: 'Report usage by day and feature, member, or model',
        description:
          'Every recorded event is included once, including events of former members. The key `""` stands for usage without a ' +
          'member or model. Days are in UTC; `from` and `to` are both included. Each figure is rounded once from its exact sum, ' +
          'quantities up and amounts half away from zero, so parts need not add up to the total. Members receive the report ' +
          'without amounts. If the report would have more than 50,000 rows, request a shorter period or the CSV.',
        params: accountParams,
        querystring: z.strictObject({ ...days, by: usageKey.default('feature') }),
        ...answers({ 200: report }, ['unknown_account', 'unknown_meter']),
      },
    },
    ({ params, query }) => perennial.read.usage(params.account, query),
  );
}

/** Names of columns are a promise: somebody’s spreadsheet reads them. */
const COLUMNS: readonly { readonly key: keyof UsageDetail; readonly header: string }[] = [
  { key: 'day', header: 'day_utc' },
  { key: 'meter', header: 'meter' },
  { key: 'unit', header: 'unit' },
  { key: 'feature', header: 'feature' },
  { key: 'memberId', header: 'member' },
  { key: 'model', header: 'model' },
  { key: 'events', header: 'events' },
  { key: 'includedUnits', header: 'included_units' },
  { key: 'overageUnits', header: 'overage_units' },
  { key: 'trialUnits', header: 'trial_units' },
];

function csvRoute(api: Api, { perennial }: ApiContext): void {
  const { response, ...codes } = answers({}, ['unknown_account', 'unknown_meter']);
  const csv = { description: 'OK', content: { 'text/csv': { schema: z.string() as z.ZodType } } };
  api.get(
    '/v1/accounts/:account/usage.csv',
    {
      config: { access: { scope: 'accounts:read', portal: 'member', forMembers: z.string() } },
      schema: {
        operationId: 'exportUsage',
        tags: ['Use'],
        summary: 'Export usage as CSV',
        description:
          'One row per day, meter, feature, member, and model. Quantities are in the smallest unit of the meter, which the row ' +
          'names (`second` for a meter of minutes), so that rows add up exactly. There are no amounts. Text that a spreadsheet ' +
          'would interpret as a formula starts with an apostrophe.',
        params: accountParams,
        querystring: z.strictObject(days),
        response: { ...response, 200: csv },
        ...codes,
      },
    },
    async ({ params, query }, reply) => {
      const { from, to, rows } = await perennial.read.usageDetails(params.account, query);
      const lines = stringify({ header: true, columns: [...COLUMNS], escape_formulas: true });
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="usage-${from}-${to}.csv"`)
        .header('cache-control', 'private, no-cache')
        .send(
          Readable.from(rows)
            .on('error', (error) => lines.destroy(error))
            .pipe(lines),
        );
    },
  );
}
