import type { Instant } from '../../billing/calendar/instant.ts';
import type { Database, Transaction } from '../database.ts';
import { type Queryable, run } from '../run-statement.ts';

export interface EndedInvoice {
  readonly invoiceId: string;
  readonly number: string | null;
  readonly status: 'void' | 'uncollectible' | 'paid';
  readonly stripeInvoiceId: string;
}

/** Invoices that ended here (void, uncollectible, paid by another way) while Stripe still has them open; those that cannot be ended there are left to a person. */
export function invoicesOpenAtStripe(db: Queryable, accountId: string): Promise<readonly EndedInvoice[]> {
  const text = `select invoice_id as "invoiceId", number, status, stripe_invoice_id as "stripeInvoiceId" from invoices
    where account_id = $1 and stripe_status = 'open' and collection_trouble is null
      and status in ('void', 'uncollectible', 'paid') and stripe_invoice_id is not null
    order by invoice_id`;
  return run(db, { name: 'invoices-open-at-stripe', text, values: [accountId] });
}

export interface StripeInvoice {
  readonly stripeInvoiceId: string;
  readonly stripeStatus: string;
  readonly stripeTotal: number;
  /** When Stripe made it, on its clock. */
  readonly stripeCreatedAt: Instant;
}

/** What Stripe said of an invoice last. Nothing of the invoice itself changes with it. */
export async function saveStripeInvoice(
  db: Database | Transaction,
  invoiceId: string,
  seen: StripeInvoice,
): Promise<void> {
  await db('invoices').where({ invoiceId }).update(seen);
}

export async function findStripeInvoice(
  db: Database | Transaction,
  invoiceId: string,
): Promise<{ accountId: string; stripeInvoiceId: string | null; status: string } | null> {
  const row = await db('invoices')
    .where({ invoiceId })
    .first<{ accountId: string; stripeInvoiceId: string | null; status: string } | undefined>(
      'accountId',
      'stripeInvoiceId',
      'status',
    );
  return row ?? null;
}

export async function saveStripeStatus(
  db: Database | Transaction,
  invoiceId: string,
  stripeStatus: string,
): Promise<void> {
  await db('invoices').where({ invoiceId }).whereNot({ stripeStatus }).update({ stripeStatus });
}

/** What keeps an invoice from being collected; null when nothing does any more. Answers whether that is news. */
export async function changeCollectionTrouble(
  trx: Transaction,
  invoiceId: string,
  collectionTrouble: string | null,
): Promise<boolean> {
  const changed = await trx('invoices')
    .where({ invoiceId })
    .whereRaw('collection_trouble is distinct from ?', [collectionTrouble])
    .update({ collectionTrouble });
  return changed > 0;
}

export async function saveStripeCustomer(
  db: Database | Transaction,
  accountId: string,
  stripeCustomerId: string,
): Promise<void> {
  await db('accounts').where({ accountId }).update({ stripeCustomerId });
}

/** Our invoice behind one of Stripe's; null where that one is none of ours. */
export async function findByStripeInvoice(
  db: Database | Transaction,
  stripeInvoiceId: string,
): Promise<{ invoiceId: string; accountId: string; status: string; stripeStatus: string | null } | null> {
  const row = await db('invoices')
    .where({ stripeInvoiceId })
    .first<{ invoiceId: string; accountId: string; status: string; stripeStatus: string | null } | undefined>(
      'invoiceId',
      'accountId',
      'status',
      'stripeStatus',
    );
  return row ?? null;
}

/** The account of a customer at Stripe; null where that one is none of ours. */
export async function findByStripeCustomer(
  db: Database | Transaction,
  stripeCustomerId: string,
): Promise<string | null> {
  const row = await db('accounts').where({ stripeCustomerId }).first<{ accountId: string } | undefined>('accountId');
  return row?.accountId ?? null;
}
