import type { AccountBooks, InvoiceOnFile } from '../../billing/reconciliation/books.ts';
import { loadCreditNotes } from '../account/credit-notes.ts';
import { type Database, readConsistently, type Transaction } from '../database.ts';
import { loadAccount, loadInvoices } from '../account/load-account.ts';
import { sumUse } from '../usage/sums-of-use.ts';

export interface LoadedBooks {
  readonly books: AccountBooks;
  /** Null where nothing was ever to be collected. */
  readonly stripeCustomerId: string | null;
}

/** All of an account that a reconciliation compares (AUD-3), as of one instant. @throws Refusal `unknown_account`. */
export function loadBooks(db: Database, accountId: string): Promise<LoadedBooks> {
  return readConsistently(db, async (snapshot) => {
    const { facts, catalog, place } = await loadAccount(snapshot, accountId);
    const { use, events } = (await sumUse(snapshot, accountId)).get(accountId) ?? {
      use: [],
      events: { known: 0, inLedger: 0, different: 0 },
    };
    const books = {
      account: facts.account,
      isEnded: facts.subscription === null,
      catalog,
      use,
      events,
      invoices: await invoicesOnFile(snapshot, accountId),
      pendingLines: facts.pendingLines,
      creditNotes: await loadCreditNotes(snapshot, { accountId }),
    };
    return { books, stripeCustomerId: place.stripeCustomerId };
  });
}

async function invoicesOnFile(db: Database | Transaction, accountId: string): Promise<readonly InvoiceOnFile[]> {
  const recorded = await db('auditEntries')
    .where({ accountId, action: 'payment.recorded' })
    .select<{ after: { readonly number?: string } | null }[]>('after');
  const paidOutside = new Set(recorded.map(({ after }) => after?.number));
  const troubled = await db('invoices')
    .where({ accountId, status: 'open' })
    .whereNotNull('collectionTrouble')
    .select<{ invoiceId: string; collectionTrouble: string }[]>(['invoiceId', 'collectionTrouble']);
  const troubles = new Map(troubled.map(({ invoiceId, collectionTrouble }) => [invoiceId, collectionTrouble]));
  return (await loadInvoices(db, accountId)).map(({ stripe, ...invoice }) => ({
    ...invoice,
    stripeInvoiceId: stripe?.id ?? null,
    collectionTrouble: troubles.get(invoice.invoiceId) ?? null,
    isPaidOutside: invoice.number !== null && paidOutside.has(invoice.number),
  }));
}
