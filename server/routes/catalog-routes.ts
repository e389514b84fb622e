import { z } from 'zod';

import { catalogFromObject, parseCatalogYaml } from '../../billing/catalog/load-catalog.ts';
import { answers, POSTED } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { catalogDocument } from '../schemas/catalog-document.ts';
import { accountParams, listOf } from '../schemas/fields.ts';

const published = z
  .object({ name: z.string(), version: z.int() })
  .meta({ id: 'CatalogVersion', description: 'A published version never changes.' });

const catalogVersion = published.extend({
  catalog: catalogDocument,
});

/** Larger than any catalog that a person can still read. */
const BODY_LIMIT_BYTES = 1_048_576;

export function catalogRoutes(api: Api, context: ApiContext): void {
  readRoutes(api, context);
  publishRoute(api, context);
}

function readRoutes(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account/catalog',
    {
      config: { access: { scope: 'accounts:read', portal: 'admin' } },
      schema: {
        operationId: 'getAccountCatalog',
        tags: ['Catalogs'],
        summary: 'Retrieve the catalog of an account',
        description:
          'The version of the catalog that the account is on: its plans with packs, prices, seats, and allowances. `selfServe` ' +
          'marks the plans that the account can choose itself.',
        params: accountParams,
        ...answers({ 200: catalogVersion }, ['unknown_account', 'member_not_admin']),
      },
    },
    ({ params }) => perennial.read.catalog(params.account),
  );
  api.get(
    '/v1/catalogs',
    {
      config: { access: { scope: 'accounts:read', portal: null } },
      schema: {
        operationId: 'listCatalogs',
        tags: ['Catalogs'],
        summary: 'List catalogs',
        description: 'The newest version of every catalog, by name.',
        ...answers({ 200: z.object({ items: listOf(catalogVersion) }) }, []),
      },
    },
    async () => {
      const catalogs = await perennial.catalogs();
      return {
        items: catalogs.map(({ version, catalog }) => ({ name: catalog.name, version, catalog })),
      };
    },
  );
}

function publishRoute(api: Api, { perennial }: ApiContext): void {
  void api.register((scope) => {
    const written = scope as unknown as Api;
    written.addContentTypeParser(['application/yaml', 'text/yaml'], { parseAs: 'string' }, (_request, body, done) => {
      done(null, body);
    });
    written.post(
      '/v1/catalogs',
      {
        bodyLimit: BODY_LIMIT_BYTES,
        config: { access: { scope: 'operator', portal: null } },
        schema: {
          operationId: 'publishCatalog',
          tags: ['Catalogs'],
          summary: 'Publish a catalog',
          description:
            'Accepts JSON, or the YAML file itself (`Content-Type: application/yaml`); errors then name the line. Publishing the ' +
            'same content again returns the same version; different content becomes the next version. Accounts stay on the version ' +
            'they have.',
          consumes: ['application/json', 'application/yaml'],
          body: z.union([z.record(z.string(), z.unknown()), z.string()]),
          ...answers({ 200: published }, ['invalid_catalog', ...POSTED]),
        },
      },
      ({ body }) =>
        perennial.publishCatalog(
          typeof body === 'string' ? parseCatalogYaml(body, 'catalog') : catalogFromObject(body, 'catalog'),
        ),
    );
    return Promise.resolve();
  });
}
