import { z } from 'zod';

import { isInstant } from '../../billing/calendar/instant.ts';
import { type Difference, DIFFERENCE_KINDS } from '../../billing/reconciliation/difference.ts';
import type { AccountDifference, Reconciliation } from '../../db/reconciliation/reconciliations.ts';
import { answers, POSTED } from '../answers/answers.ts';
import { type Api, type ApiContext, principalOf } from '../context/api.ts';
import { COMMAND_TIMEOUT_MS } from './command-routes.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../answers/cursor.ts';
import { accountParams, id, instant, listOf } from '../schemas/fields.ts';
import { actorOf } from '../../client/credentials/principal.ts';

const figure = z.union([z.string(), z.number()]).nullable();

const difference = z
  .object({
    kind: z.string().meta({
      description: Object.entries(DIFFERENCE_KINDS)
        .map(([kind, meaning]) => `\`${kind}\`: ${meaning}`)
        .join('\n\n'),
    }),
    about: z.string().meta({ examples: ['invoice acme-0001'] }),
    sentence: z.string(),
    expected: figure.meta({ description: 'The expected value; amounts are in minor units.' }),
    found: figure,
  } satisfies Readonly<Record<keyof Difference, z.ZodType>>)
  .meta({ id: 'Difference' });

const accountDifference = difference
  .extend({ account: z.string() })
  .meta({ id: 'AccountDifference', description: 'A difference between two records that should agree.' });

const reconciliation = z
  .object({
    reconciliationId: z.string(),
    status: z.enum(['running', 'done']),
    startedBy: z.string().meta({ examples: ['key:k1', 'schedule'] }),
    startedAt: instant,
    endedAt: instant.nullable(),
    accountsLookedAt: z.int(),
    differenceCount: z.int(),
  })
  .meta({ id: 'Reconciliation', description: 'Dates and times are in real time.' });

const page = z.strictObject(pageQuery);
const access = { scope: 'operator', portal: null } as const;
const tags = ['Reconciliation'];

/** AUD-3: whether the ledger, the invoices and Stripe agree. For the people who run the installation. */
export function reconciliationRoutes(api: Api, context: ApiContext): void {
  startRoute(api, context);
  listRoute(api, context);
  readRoute(api, context);
  accountRoute(api, context);
}

function startRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/reconciliations',
    {
      config: { access },
      schema: {
        operationId: 'startReconciliation',
        tags,
        summary: 'Reconcile all accounts',
        description:
          'Starts a reconciliation; results can be read while it is running. Only one reconciliation runs at a time: if one is ' +
          'already running, it is returned. Nothing is changed, neither here nor at Stripe.',
        ...answers({ 202: z.object({ reconciliationId: z.string() }) }, POSTED),
      },
    },
    async (request, reply) => {
      const actor = actorOf(principalOf(request));
      return reply
        .code(202)
        .send(await perennial.within(COMMAND_TIMEOUT_MS, () => perennial.reconciliations.start(actor)));
    },
  );
}

function listRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/reconciliations',
    {
      config: { access },
      schema: {
        operationId: 'listReconciliations',
        tags,
        summary: 'List reconciliations',
        querystring: page,
        ...answers({ 200: pageOf(reconciliation) }, []),
      },
    },
    async ({ query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.string().refine(isInstant), z.string()]);
      const found = await perennial.reconciliations.list({ after, count: limit + 1 });
      const { items, nextCursor } = toPage(found, limit, (each) => [each.startedAt, each.reconciliationId]);
      return { items: items.map(shown), nextCursor };
    },
  );
}

function readRoute(api: Api, { perennial }: ApiContext): void {
  const schema = reconciliation.extend({
    differences: listOf(accountDifference).meta({ description: 'Differences, by account.' }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Pass it as `cursor` to get more differences. Null if there are none.' }),
  });
  api.get(
    '/v1/reconciliations/:reconciliation',
    {
      config: { access },
      schema: {
        operationId: 'getReconciliation',
        tags,
        summary: 'Retrieve a reconciliation',
        description: 'Includes a page of its differences.',
        params: z.object({ reconciliation: id }),
        querystring: page,
        ...answers({ 200: schema.meta({ id: 'ReconciliationReport' }) }, ['unknown_reconciliation']),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.string(), z.int()]);
      const report = await perennial.reconciliations.get(params.reconciliation);
      const found = await perennial.reconciliations.differences(params.reconciliation, { after, count: limit + 1 });
      const { items, nextCursor } = toPage(found, limit, (each) => [each.accountId, each.position]);
      return { ...shown(report), differences: items.map(shownOfAccount), nextCursor };
    },
  );
}

function accountRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account/reconciliation',
    {
      config: { access },
      schema: {
        operationId: 'reconcileAccount',
        tags,
        summary: 'Reconcile one account',
        description:
          'Compares the records of one account with Stripe. If there are differences it takes a few seconds longer, because they ' +
          'are checked twice.',
        params: accountParams,
        ...answers({ 200: z.object({ agrees: z.boolean(), differences: listOf(difference) }) }, ['unknown_account']),
      },
    },
    async ({ params }) => {
      const differences = await perennial.within(COMMAND_TIMEOUT_MS, () =>
        perennial.reconciliations.ofAccount(params.account),
      );
      return { agrees: differences.length === 0, differences };
    },
  );
}

function shown({ endedAt, ...report }: Reconciliation): z.output<typeof reconciliation> {
  return { ...report, endedAt, status: endedAt === null ? 'running' : 'done' };
}

function shownOfAccount({ accountId, ...found }: AccountDifference): z.output<typeof accountDifference> {
  return { account: accountId, ...found };
}
