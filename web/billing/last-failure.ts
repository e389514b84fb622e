import { queryOptions } from '@tanstack/react-query';

import { answered, api } from '../api/client.ts';
import { accountKey } from '../api/queries.ts';

/** Of the audit's newest entries; a failure that is older than so many is told without its reason. */
const ENTRIES = 50;

/** Why the last try to collect an invoice failed: `declined`, `requires_action`, …; null where nothing is known. */
export const lastFailureQuery = (account: string, number: string) =>
  queryOptions({
    queryKey: [...accountKey(account), 'last failure', number],
    queryFn: async (): Promise<string | null> => {
      const page = await answered(
        api.GET('/v1/accounts/{account}/audit', { params: { path: { account }, query: { limit: ENTRIES } } }),
      );
      for (const { action, after } of page.items) {
        const { number: of, reason } = (after ?? {}) as { readonly number?: unknown; readonly reason?: unknown };
        if (action === 'payment.failed' && of === number) return typeof reason === 'string' ? reason : null;
      }
      return null;
    },
  });
