import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { answered, api, type Schemas } from './client.ts';
import { problemOf } from './problem.ts';

/** All that is read of one account begins with this key, so that one word from the server makes all of it new. */
export function accountKey(account: string): readonly ['account', string] {
  return ['account', account];
}

/** What an admin is answered; a member's answers lack the amounts (SEA-17). */
export type AccountView = Schemas['Account'] | Schemas['AccountForMembers'];

export function isWithAmounts(view: AccountView): view is Schemas['Account'] {
  return 'currency' in view;
}

const path = (account: string) => ({ params: { path: { account } } });

export const accountQuery = (account: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'account'],
    queryFn: (): Promise<AccountView> => answered(api.GET('/v1/accounts/{account}', path(account))),
  });

/** What is sold to the account, as the version it is on (CAT-2); for admins. */
export const catalogQuery = (account: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'catalog'],
    queryFn: async () => (await answered(api.GET('/v1/accounts/{account}/catalog', path(account)))).catalog,
    staleTime: 60_000,
  });

export const membersQuery = (account: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'members'],
    queryFn: () =>
      everyPage((query) => api.GET('/v1/accounts/{account}/members', { params: { path: { account }, query } })),
  });

/** Whoever looks, read by themselves: a long list need not have them. Null where they are no member. */
export const ownMemberQuery = (account: string, member: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'members', member],
    queryFn: async (): Promise<{ readonly member: Schemas['Member'] | null }> => {
      const params = { path: { account, member } };
      try {
        return { member: await answered(api.GET('/v1/accounts/{account}/members/{member}', { params })) };
      } catch (error) {
        if (problemOf(error).code === 'unknown_member') return { member: null };
        throw error;
      }
    },
  });

export const upcomingQuery = (account: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'upcoming'],
    queryFn: async () => (await answered(api.GET('/v1/accounts/{account}/invoices/upcoming', path(account)))).invoice,
  });

export const invoicesQuery = (account: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'invoices'],
    queryFn: () =>
      everyPage((query) => api.GET('/v1/accounts/{account}/invoices', { params: { path: { account }, query } })),
  });

export const invoiceQuery = (account: string, number: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'invoices', number],
    queryFn: () =>
      answered(api.GET('/v1/accounts/{account}/invoices/{number}', { params: { path: { account, number } } })),
    placeholderData: keepPreviousData,
  });

export const creditNotesQuery = (account: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'credit-notes'],
    queryFn: () =>
      everyPage((query) => api.GET('/v1/accounts/{account}/credit-notes', { params: { path: { account }, query } })),
  });

export const noticesQuery = (account: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'notices'],
    queryFn: () =>
      everyPage((query) => api.GET('/v1/accounts/{account}/notices', { params: { path: { account }, query } })),
  });

export const auditQuery = (account: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'audit'],
    queryFn: () =>
      everyPage((query) => api.GET('/v1/accounts/{account}/audit', { params: { path: { account }, query } })),
  });

/** What was used, on days of UTC that are both included (CRE-20). */
export interface UsageQuestion {
  readonly from: string;
  readonly to: string;
  readonly cyclesFrom?: string;
  readonly cyclesUntil?: string;
  readonly by: 'feature' | 'member' | 'model';
}

export const usageQuery = (account: string, question: UsageQuestion) =>
  queryOptions({
    queryKey: [...accountKey(account), 'usage', question],
    queryFn: () =>
      answered(api.GET('/v1/accounts/{account}/analytics', { params: { path: { account }, query: { ...question } } })),
    placeholderData: keepPreviousData,
  });

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** A list's pages are asked for to the end, or to so many: what a person looks through. */
const MOST_PAGES = 20;

/** A list as a whole. @throws Problem. */
export async function everyPage<Item>(
  page: (query: {
    limit: number;
    cursor?: string;
  }) => Promise<{ data?: Page<Item>; error?: unknown; response: Response }>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const found: Page<Item> = await answered(page({ limit: 100, ...(cursor === null ? {} : { cursor }) }));
    items.push(...found.items);
    cursor = found.nextCursor;
    if (cursor === null) break;
  }
  return items;
}
