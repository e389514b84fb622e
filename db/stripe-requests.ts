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

/** What Stripe answered to a request, once that is known for certain. */
export interface Answered {
  readonly idempotencyKey: string;
  readonly outcome: object;
}

export async function recordOutcome(db: Database | Transaction, { idempotencyKey, outcome }: Answered): Promise<void> {
  await db('stripeRequests')
    .where({ idempotencyKey })
    .update({ outcome: JSON.stringify(outcome) });
}

/**
 * A try to collect has ended as our books say: nothing keeps the invoice from it any more. `stripeStatus`: how it stands there now; null: as
 * noted. `answered`: what Stripe said to the try; null where that is written down, or nothing was asked.
 */
export async function saveCollected(
  trx: Transaction,
  invoiceId: string,
  stripeStatus: string | null,
  answered: Answered | null,
): Promise<void> {
  const statement = trx.raw(
    `with answer as (update stripe_requests set outcome = :outcome where idempotency_key = :key)
     update invoices set collection_trouble = null, stripe_status = coalesce(:stripeStatus, stripe_status)
     where invoice_id = :invoiceId and (collection_trouble is not null or stripe_status is distinct from coalesce(:stripeStatus, stripe_status))`,
    {
      invoiceId,
      stripeStatus,
      key: answered?.idempotencyKey ?? null,
      outcome: answered === null ? null : JSON.stringify(answered.outcome),
    },
  );
  await statement.options({ name: 'save-collected' });
}

/** Takes back a request that Stripe would not begin: nothing came of it, and its key is free for another try (invariant 8). */
export async function forgetRequest(db: Database | Transaction, idempotencyKey: string): Promise<void> {
  await db('stripeRequests').where({ idempotencyKey, outcome: null }).delete();
}
