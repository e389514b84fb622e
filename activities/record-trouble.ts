import { decideCollectionTrouble } from '../billing/dunning/decide-payment.ts';
import type { Database } from '../db/database.ts';
import { loadAccount } from '../db/account/load-account.ts';
import { saveDecision } from '../db/account/save-decision.ts';
import { changeCollectionTrouble } from '../db/stripe/stripe-invoices.ts';

/** Tells operators, by an audit entry (AUD-2), what Stripe will never take as it is. Once, however often it is tried and told. */
export async function recordTrouble(
  db: Database,
  accountId: string,
  invoice: { readonly invoiceId: string; readonly number: string | null },
  message: string,
): Promise<void> {
  await db.transaction(async (trx) => {
    const { facts, catalog } = await loadAccount(trx, accountId, 'exclusive');
    const isNews = await changeCollectionTrouble(trx, invoice.invoiceId, message);
    if (isNews) await saveDecision(trx, decideCollectionTrouble(facts, catalog, invoice, message));
  });
}
