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
  included: z.number().meta({ description: 'Drawn from what the plan includes, in the meter’s unit.' }),
  overage: z.number(),
  trial: z.number().meta({ description: 'Used in the trial, free of charge.' }),
};

const figures = {
  ...figuresForMembers,
  overageCents: amount.optional().meta({
    description:
      'Not for members (SEA-17). What the overage costs at the rate of its cycle. An invoice may say something else where a meter’s parts of ' +
      'a unit are rounded up over the whole cycle (BUD-1), or a budget writes something off (BUD-2).',
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
      keys: listOf(z.object({ key: z.string(), sum })).meta({ description: 'The one that used most first.' }),
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
    .meta({ description: 'Default: the day of `cyclesFrom`; without it, 30 days in all. At most 400.' }),
  to: givenDay.exactOptional().meta({
    description: 'Default: the day of `cyclesUntil`, or the account’s today where that comes first. It is included.',
  }),
  meter: id.exactOptional().meta({ description: 'Default: every one.' }),
  cyclesFrom: givenInstant.exactOptional().meta({
    description:
      'Only use of cycles that began then or later: with the start of a cycle, its first day counts in part, as it does on the bill. Default: use of any cycle.',
  }),
  cyclesUntil: givenInstant.exactOptional().meta({
    description:
      'Only use of cycles that began before: with the end of a cycle, its last day counts in part. Default: use of any cycle.',
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
        summary: 'What was used, by day and feature, member or model',
        description:
          'Every event of the ledger is in it once, also of members who are gone; key `""` is use of nobody, or of no model (CRE-20). Days ' +
          'are UTC’s, `from` and `to` both included. Each figure is rounded once, from its exact sum: quantities up, amounts half away from ' +
          'zero. So the figures of parts need not add up to that of the whole. Members’ tokens get it without amounts (SEA-17). Where there ' +
          'would be more than 50,000 days of keys, ask for a shorter time, or for the CSV.',
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
  const csv = { description: 'As asked.', content: { 'text/csv': { schema: z.string() as z.ZodType } } };
  api.get(
    '/v1/accounts/:account/usage.csv',
    {
      config: { access: { scope: 'accounts:read', portal: 'member', forMembers: z.string() } },
      schema: {
        operationId: 'exportUsage',
        tags: ['Use'],
        summary: 'What was used, as CSV',
        description:
          'A row for each day, meter, feature, member and model. Quantities are in the `unit` that the row names, the smallest there is ' +
          '(`second` where a meter counts minutes), so that rows add up exactly. No amounts. Text that a spreadsheet would take for a ' +
          'formula begins with an apostrophe.',
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
