import { infiniteQueryOptions } from '@tanstack/react-query';

import { answered, api } from '../api/client.ts';
import { accountKey } from '../api/queries.ts';

const ENTRIES = 50;

type Cursor = string | undefined;

const nextOf = (page: { readonly nextCursor: string | null }): Cursor => page.nextCursor ?? undefined;

/** What was changed, newest first, as far as it was looked through. */
export const auditPages = (account: string) =>
  infiniteQueryOptions({
    queryKey: [...accountKey(account), 'audit', 'pages'],
    queryFn: ({ pageParam: cursor }: { pageParam: Cursor }) =>
      answered(
        api.GET('/v1/accounts/{account}/audit', {
          params: { path: { account }, query: { limit: ENTRIES, ...(cursor === undefined ? {} : { cursor }) } },
        }),
      ),
    initialPageParam: undefined as Cursor,
    getNextPageParam: nextOf,
  });

/** What the account was told, newest first. */
export const noticePages = (account: string) =>
  infiniteQueryOptions({
    queryKey: [...accountKey(account), 'notices', 'pages'],
    queryFn: ({ pageParam: cursor }: { pageParam: Cursor }) =>
      answered(
        api.GET('/v1/accounts/{account}/notices', {
          params: { path: { account }, query: { limit: ENTRIES, ...(cursor === undefined ? {} : { cursor }) } },
        }),
      ),
    initialPageParam: undefined as Cursor,
    getNextPageParam: nextOf,
  });
