import type { Database, Transaction } from '../database.ts';
import { type Queryable, run, write } from '../run-statement.ts';
import type { StripeInvoice } from './stripe-invoices.ts';

/**
 * Writes down what is about to be asked of Stripe, under the key that names the business act (INV-4). A repeat must ask the very
 * same: what was written first is returned. `seen`: what Stripe has just said of an invoice, noted in the same statement.
 */
export async function recordRequest<Parameters extends object>(
  db: Queryable,
  asked: { readonly idempotencyKey: string; readonly accountId: string; readonly parameters: Parameters },
  seen: (StripeInvoice & { readonly invoiceId: string }) | null = null,
): Promise<{ readonly parameters: Parameters; readonly outcome: unknown }> {
  const { idempotencyKey, accountId, parameters } = asked;
  const values = [idempotencyKey, accountId, JSON.stringify(parameters)];
  const [first] = await run<{ parameters: Parameters }>(
    db,
    seen === null
      ? { name: 'record-request', text: RECORD, values }
      : { name: 'record-request-seen', text: `${SEEN} ${RECORD}`, values: [...values, ...valuesOf(seen)] },
  );
  if (first !== undefined) return { parameters: first.parameters, outcome: null };
  const text = 'select parameters, outcome from stripe_requests where idempotency_key = $1';
  const known = { name: 'known-request', text, values: [idempotencyKey] };
  const [row] = await run<{ parameters: Parameters; outcome: unknown }>(db, known);
  if (row === undefined) throw new Error(`the request ${idempotencyKey} was taken back while it was made`);
  return row;
}

const RECORD = `insert into stripe_requests (idempotency_key, account_id, parameters) values ($1, $2, $3)
  on conflict (idempotency_key) do nothing returning parameters`;

const SEEN = `with seen as (update invoices set stripe_invoice_id = $5, stripe_status = $6, stripe_total = $7, stripe_created_at = $8
  where invoice_id = $4)`;

function valuesOf(seen: StripeInvoice & { readonly invoiceId: string }): readonly unknown[] {
  const { invoiceId, stripeInvoiceId, stripeStatus, stripeTotal, stripeCreatedAt } = seen;
  return [invoiceId, stripeInvoiceId, stripeStatus, stripeTotal, stripeCreatedAt];
}

/** What Stripe answered to a request, once that is known for certain. */
export interface Answered {
  readonly idempotencyKey: string;
  readonly outcome: object;
}

export async function recordOutcome(on: Queryable, { idempotencyKey, outcome }: Answered): Promise<void> {
  const text = 'update stripe_requests set outcome = $2 where idempotency_key = $1';
  await write(on, { name: 'record-outcome', text, values: [idempotencyKey, JSON.stringify(outcome)] });
}

/** Takes back a request that Stripe would not begin: nothing came of it, and its key is free for another try (invariant 8). */
export async function forgetRequest(db: Database | Transaction, idempotencyKey: string): Promise<void> {
  await db('stripeRequests').where({ idempotencyKey, outcome: null }).delete();
}
