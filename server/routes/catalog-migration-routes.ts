import { z } from 'zod';

import { isInstant } from '../../billing/calendar/instant.ts';
import type { AccountLeft, CatalogMigration } from '../../client/operations/catalog-migrations.ts';
import { answers, POSTED } from '../answers/answers.ts';
import { type Api, type ApiContext, principalOf } from '../context/api.ts';
import { COMMAND_TIMEOUT_MS, commandRoute } from './command-routes.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../answers/cursor.ts';
import { accountParams, count, id, instant, listOf } from '../schemas/fields.ts';
import { actorOf } from '../../client/credentials/principal.ts';

const body = z
  .strictObject({ version: count.exactOptional().meta({ description: 'Default: the newest version.' }) })
  .meta({ examples: [{ version: 2 }] });

const migration = z
  .object({
    migrationId: z.string(),
    catalog: z.string(),
    fromVersions: listOf(z.int()).meta({
      description: 'The versions that accounts were on when the migration started.',
    }),
    version: z.int().meta({ description: 'The version that accounts move to.' }),
    status: z.enum(['running', 'done', 'failed']).meta({
      description:
        '`done`: every account was notified. `failed`: the migration was interrupted; start a new one for the remaining ' +
        'accounts.',
    }),
    startedBy: z.string().meta({ examples: ['key:k1'] }),
    startedAt: instant,
    endedAt: instant.nullable(),
    accountsTold: z.int(),
    accountsMoved: z.int().meta({
      description: 'The accounts that have moved, or will move at the end of their paid period.',
    }),
    accountsLeft: z
      .int()
      .meta({ description: 'The accounts that are on another version and are not scheduled to move.' }),
  })
  .meta({ id: 'CatalogMigration', description: 'Dates and times are in real time.' });

const accountLeft = z
  .object({
    account: z.string(),
    version: z.int().meta({ description: 'The version that the account is on.' }),
    refusal: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({
        description:
          'Why the account cannot move, as of now. Null if there is no reason, or if the account has not been notified or has not ' +
          'answered yet.',
      }),
  })
  .meta({ id: 'AccountLeft' });

const page = z.strictObject(pageQuery);
const access = { scope: 'operator', portal: null } as const;
const tags = ['Catalogs'];

/** CAT-2: accounts stay on the version they subscribed under until an operator moves them. */
export function catalogMigrationRoutes(api: Api, context: ApiContext): void {
  accountRoute(api, context);
  startRoute(api, context);
  listRoute(api, context);
  readRoute(api, context);
}

function accountRoute(api: Api, context: ApiContext): void {
  commandRoute(api, context, {
    method: 'POST',
    url: '/v1/accounts/:account/catalog-migration',
    operationId: 'migrateAccount',
    tag: 'Operator',
    summary: 'Move an account to another version of its catalog',
    description:
      'Takes effect at the end of the paid period, as `scheduledChange` shows, or immediately if nothing is paid for. The ' +
      'upcoming invoice then shows the new prices. Requesting the current version cancels a scheduled move.',
    onlyOperators: true,
    params: accountParams,
    body,
    codes: [
      ...(['unknown_catalog_version', 'no_change', 'currency_fixed', 'catalog_not_compatible'] as const),
      ...(['unknown_plan', 'unknown_pack', 'interval_not_offered'] as const),
    ],
    command: ({ body: given }) => ({ type: 'migrateCatalog', ...given }),
  });
}

function startRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/catalogs/:catalog/migrations',
    {
      config: { access },
      schema: {
        operationId: 'migrateCatalog',
        tags,
        summary: 'Start a catalog migration',
        description:
          'Moves all accounts of a catalog to a version. Each account moves with a command of its own, at the end of its paid ' +
          'period, and records it in its audit log. An account that cannot move stays on its version; the migration lists it with ' +
          'the reason.',
        params: z.object({ catalog: id }),
        body,
        ...answers({ 202: z.object({ migrationId: z.string(), version: z.int() }) }, [
          ...(['unknown_catalog', 'unknown_catalog_version'] as const),
          ...POSTED,
        ]),
      },
    },
    async (request, reply) => {
      const asked = { ...request.params, ...request.body, actor: actorOf(principalOf(request)) };
      const begin = (): ReturnType<typeof perennial.catalogMigrations.start> =>
        perennial.catalogMigrations.start(asked);
      return reply.code(202).send(await perennial.within(COMMAND_TIMEOUT_MS, begin));
    },
  );
}

function listRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/catalogs/:catalog/migrations',
    {
      config: { access },
      schema: {
        operationId: 'listCatalogMigrations',
        tags,
        summary: 'List catalog migrations',
        params: z.object({ catalog: id }),
        querystring: page,
        ...answers({ 200: pageOf(migration) }, []),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.string().refine(isInstant), z.string()]);
      const found = await perennial.within(COMMAND_TIMEOUT_MS, () =>
        perennial.catalogMigrations.list(params.catalog, { after, count: limit + 1 }),
      );
      const { items, nextCursor } = toPage(found, limit, (each) => [each.startedAt, each.migrationId]);
      return { items: items.map(shown), nextCursor };
    },
  );
}

function readRoute(api: Api, { perennial }: ApiContext): void {
  const schema = migration.extend({
    left: listOf(accountLeft).meta({ description: 'The accounts that have not moved, by id.' }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Pass it as `cursor` to get more accounts. Null if there are none.' }),
  });
  api.get(
    '/v1/catalogs/:catalog/migrations/:migration',
    {
      config: { access },
      schema: {
        operationId: 'getCatalogMigration',
        tags,
        summary: 'Get migration progress',
        description: 'Includes a page of the accounts that have not moved, each with the reason.',
        params: z.object({ catalog: id, migration: id }),
        querystring: page,
        ...answers({ 200: schema.meta({ id: 'CatalogMigrationReport' }) }, ['unknown_catalog_migration']),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const { catalogMigrations } = perennial;
      const [after] = readPlace(cursor, [z.string()]) ?? [null];
      const report = await perennial.within(COMMAND_TIMEOUT_MS, () =>
        catalogMigrations.get(params.catalog, params.migration),
      );
      const found = await catalogMigrations.accountsLeft(report, { after, count: limit + 1 });
      const { items, nextCursor } = toPage(found, limit, (each) => [each.accountId]);
      return { ...shown(report), left: items.map(shownLeft), nextCursor };
    },
  );
}

function shown({ catalogName, ...report }: CatalogMigration): z.output<typeof migration> {
  return { ...report, catalog: catalogName };
}

function shownLeft({ accountId, ...left }: AccountLeft): z.output<typeof accountLeft> {
  return { account: accountId, ...left };
}
