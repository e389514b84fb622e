import type { MeterCycle } from '../model/facts.ts';
import type { AccountBooks, ProviderBooks } from './books.ts';
import { compareInvoices } from './compare-invoices.ts';
import { compareOverage } from './compare-overage.ts';
import { compareProvider } from './compare-provider.ts';
import { compareUse } from './compare-use.ts';
import type { Difference } from './difference.ts';

/** AUD-3: the ledger, the invoices and the provider agree, or each difference is named. Nothing is mended: a person decides what is right. */
export function reconcile(books: AccountBooks, provider: ProviderBooks): readonly Difference[] {
  const meterCycles = books.use.flatMap(({ balance }): MeterCycle[] => (balance === null ? [] : [balance]));
  return [
    ...compareUse(books),
    ...compareOverage({ ...books, meterCycles }),
    ...compareInvoices(books),
    ...compareProvider(books, provider),
  ];
}

/** Of a customer that the provider does not know yet. */
export const NO_PROVIDER_BOOKS: ProviderBooks = { invoices: [], creditNotes: [], loosePayments: [] };
