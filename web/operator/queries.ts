import { queryOptions } from '@tanstack/react-query';

import { answered, api, type Schemas } from '../api/client.ts';
import { everyPage } from '../api/queries.ts';

/** All that is read across accounts begins with this key. */
export const OPERATOR_KEY = ['operator'] as const;

export interface AccountsAsked {
  readonly search: string;
  readonly phase: Schemas['Phase'] | null;
  readonly plan: string | null;
  readonly cursor: string | null;
}

const ROWS = 25;
/** The list has no connection that says when something has changed: it is asked for as often as changes have to show. */
export const REFRESH_MS = 2_000;

export const accountsQuery = ({ search, phase, plan, cursor }: AccountsAsked) =>
  queryOptions({
    queryKey: [...OPERATOR_KEY, 'accounts', { search, phase, plan, cursor }],
    queryFn: () =>
      answered(
        api.GET('/v1/accounts', {
          params: {
            query: {
              limit: ROWS,
              ...(search === '' ? {} : { search }),
              ...(phase === null ? {} : { phase }),
              ...(plan === null ? {} : { plan }),
              ...(cursor === null ? {} : { cursor }),
            },
          },
        }),
      ),
  });

/** A catalog in its newest version. */
export interface Sold {
  readonly name: string;
  readonly version: number;
  readonly catalog: Schemas['Catalog'];
}

export const catalogsQuery = queryOptions({
  queryKey: [...OPERATOR_KEY, 'catalogs'],
  queryFn: async (): Promise<readonly Sold[]> => (await answered(api.GET('/v1/catalogs'))).items,
});

export const clocksQuery = queryOptions({
  queryKey: [...OPERATOR_KEY, 'test-clocks'],
  queryFn: () => everyPage((query) => api.GET('/v1/test-clocks', { params: { query } })),
});
