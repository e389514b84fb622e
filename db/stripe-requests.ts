import type { Database, Transaction } from './database.ts';
import type { StripeInvoice } from './stripe-invoices.ts';

/**
 * Writes down what is about to be asked of Stripe, under the key that names the business act (INV-4). A repeat must ask the very
 * same: what was written first is returned. `seen`: what Stripe has just said of an invoice, noted in the same statement.
 */
export async function recordRequest<Parameters extends object>(
  db: Database | Transaction,
  asked: { readonly idempotencyKey: string; readonly accountId: string; readonly parameters: Parameters },
  seen: (StripeInvoice & { readonly invoiceId: string }) | null = null,
): Promise<{ readonly parameters: Parameters; readonly outcome: unknown }> {
  const { idempotencyKey, accountId, parameters } = asked;
  const request = db('stripeRequests')
    .insert({ idempotencyKey, accountId, parameters: JSON.stringify(parameters) })
    .onConflict('idempotencyKey')
    .ignore()
    .returning<{ parameters: Parameters }[]>('parameters');
  if (seen !== null) {
    const { invoiceId, ...noted } = seen;
    void request.with('seen', db('invoices').where({ invoiceId }).update(noted));
  }
  const [first] = await request;
  if (first !== undefined) return { parameters: first.parameters, outcome: null };
  const row = await db('stripeRequests').where({ idempotencyKey }).first<{
    parameters: Parameters;
    outcome: unknown;
  }>('parameters', 'outcome');
  return row;
}

/** The answer to a request, once it is known for certain. */
export async function recordOutcome(
  db: Database | Transaction,
  idempotencyKey: string,
  outcome: object,
): Promise<void> {
  await db('stripeRequests')
    .where({ idempotencyKey })
    .update({ outcome: JSON.stringify(outcome) });
}

/** Takes back a request that Stripe would not begin: nothing came of it, and its key is free for another try (invariant 8). */
export async function forgetRequest(db: Database | Transaction, idempotencyKey: string): Promise<void> {
  await db('stripeRequests').where({ idempotencyKey, outcome: null }).delete();
}
