import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import type { Schemas } from '../api/client.ts';
import { invoicesQuery } from '../api/queries.ts';

type Invoice = Schemas['Invoice'];

export function useInvoices(account: string): UseQueryResult<readonly Invoice[]> {
  return useQuery(invoicesQuery(account));
}

/** Open invoices that are owed now: one that was sent and is not due yet is not (CRE-18). */
export function owedOf(invoices: readonly Invoice[], now: string): readonly (Invoice & { readonly number: string })[] {
  return invoices.filter(
    (invoice): invoice is Invoice & { number: string } =>
      invoice.status === 'open' && invoice.number !== null && (invoice.dueAt === undefined || invoice.dueAt <= now),
  );
}
