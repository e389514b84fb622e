import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { answered, api } from '../api/client.ts';
import { OPERATOR_KEY } from './queries.ts';

const REPORTS = 25;
const DIFFERENCES = 100;

/** Comparisons of all accounts' books, newest first. */
export const reconciliationsQuery = queryOptions({
  queryKey: [...OPERATOR_KEY, 'reconciliations'],
  queryFn: async () =>
    (await answered(api.GET('/v1/reconciliations', { params: { query: { limit: REPORTS } } }))).items,
});

/** One of them, with what differs, as far as it was looked through. */
export const reconciliationQuery = (reconciliation: string) =>
  infiniteQueryOptions({
    queryKey: [...OPERATOR_KEY, 'reconciliations', reconciliation],
    queryFn: ({ pageParam: cursor }: { pageParam: string | undefined }) =>
      answered(
        api.GET('/v1/reconciliations/{reconciliation}', {
          params: {
            path: { reconciliation },
            query: { limit: DIFFERENCES, ...(cursor === undefined ? {} : { cursor }) },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
