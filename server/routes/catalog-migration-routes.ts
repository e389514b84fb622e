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
  .strictObject({ version: count.exactOptional().meta({ description: 'The newest, where it is left out.' }) })
  .meta({ examples: [{ version: 2 }] });

const migration = z
  .object({
    migrationId: z.string(),
    catalog: z.string(),
    fromVersions: listOf(z.int()).meta({ description: 'Those that accounts were on when it began.' }),
    version: z.int().meta({ description: 'The one that they are to move to.' }),
    status: z.enum(['running', 'done', 'failed']).meta({
      description:
        '`done`: every account has been told. `failed`: it was broken off before; a new one tells those that are left.',
    }),
    startedBy: z.string().meta({ examples: ['key:k1'] }),
    startedAt: instant,
    endedAt: instant.nullable(),
    accountsTold: z.int(),
    accountsMoved: z.int().meta({
      description: 'Those of them that have taken the move: at once, or at the end of what they have paid.',
    }),
    accountsLeft: z.int().meta({ description: 'Those that are on another version now, and not on their way to it.' }),
  })
  .meta({ id: 'CatalogMigration', description: 'Its instants are the wall’s.' });

const accountLeft = z
  .object({
    account: z.string(),
    version: z.int().meta({ description: 'The version that it is on.' }),
    refusal: z.object({ code: z.string(), message: z.string() }).nullable().meta({
      description:
        'What speaks against its move, as it stands now; null: nothing does, it has not been told yet, or has not answered.',
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
      'At the end of what is paid, as `scheduledChange` then says; at once where nothing is. The upcoming invoice has the new prices from ' +
      'then on. Asking for the version that it is on takes a move back.',
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
        summary: 'Move all accounts of a catalog to a version',
        description:
          'Begins; each account then takes the move as its own command, at the end of what it has paid, and audits it. One that cannot move ' +
          'stays where it is: the migration names it, and why.',
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
        summary: 'Moves of all accounts of a catalog, newest first',
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
    left: listOf(accountLeft).meta({ description: 'The accounts that are left, by id.' }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Ask for more accounts with it; null where there are none.' }),
  });
  api.get(
    '/v1/catalogs/:catalog/migrations/:migration',
    {
      config: { access },
      schema: {
        operationId: 'getCatalogMigration',
        tags,
        summary: 'How far a move of all accounts has come',
        description: 'And a page at a time of the accounts that have not moved, each with what speaks against it.',
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
