import { z } from 'zod';

import { answers, POSTED } from '../answers.ts';
import { type Api, type ApiContext, principalOf } from '../api.ts';
import { COMMAND_TIMEOUT_MS, commandRoute } from '../command-routes.ts';
import { accountParams, count, id } from '../fields.ts';
import { actorOf } from '../principal.ts';

const body = z
  .strictObject({ version: count.exactOptional().meta({ description: 'The newest, where it is left out.' }) })
  .meta({ examples: [{ version: 2 }] });

/** CAT-2: accounts stay on the version they subscribed under until an operator moves them. */
export function catalogMigrationRoutes(api: Api, context: ApiContext): void {
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
  const { perennial } = context;
  api.post(
    '/v1/catalogs/:catalog/migrations',
    {
      config: { access: { scope: 'operator', portal: null } },
      schema: {
        operationId: 'migrateCatalog',
        tags: ['Catalogs'],
        summary: 'Move all accounts of a catalog to a version',
        description:
          'Begins; each account then takes the move as its own command, at the end of what it has paid, and audits it. One that cannot move ' +
          'stays where it is, and says why on its page in the Temporal UI.',
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
      return reply.code(202).send(await perennial.within(COMMAND_TIMEOUT_MS, () => perennial.migrateCatalog(asked)));
    },
  );
}
