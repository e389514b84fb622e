import type { Catalog } from '../../billing/catalog/catalog.ts';
import type { Account, Invoice, Line } from '../../billing/model/facts.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type ReadAccount, readAccount, withoutNothingCarried } from './account-statement.ts';
import { publishedCatalog } from './catalogs.ts';
import { type Database, isTransaction, type Transaction } from '../database.ts';
import { inPipelinedTransaction, PipelinedTransaction } from '../pipelined-transaction.ts';
import { type Queryable, write } from '../run-statement.ts';
import type { AccountPlace, AccountRow } from '../tables.ts';

export interface LoadedAccount extends Omit<ReadAccount, 'catalogDigest' | 'nextCatalogDigest'> {
  /** The version that the account is on, with the one that it moves to, if any (CAT-2). */
  readonly catalog: Catalog;
}

/** `none`: just read. `shared`: no command comes in between. `exclusive`: to change billing facts. */
export type AccountLock = 'none' | 'shared' | 'exclusive';

/** All facts of an account, as one consistent whole, which stays true while a lock is held. @throws Refusal `unknown_account`. */
export async function loadAccount(
  db: Queryable,
  accountId: string,
  lock: AccountLock = 'none',
): Promise<LoadedAccount> {
  const found = await findAccount(db, accountId, lock);
  if (found === null) throw unknownAccount(accountId);
  return found;
}

/**
 * All facts of an account, held alone while `act` decides about them and writes what it decided. Lock and read go out together, and so do
 * what is written and the commit: Postgres runs one after the other, and what is read is what is there once the lock is had.
 * @throws Refusal `unknown_account`.
 */
export function holdingAccount<Result>(
  db: Database,
  accountId: string,
  act: (trx: PipelinedTransaction, loaded: LoadedAccount) => Promise<Result>,
): Promise<Result> {
  return inPipelinedTransaction(db, async (trx) => act(trx, await loadAccount(trx, accountId, 'exclusive')));
}

export async function findAccount(db: Queryable, accountId: string, lock: AccountLock): Promise<LoadedAccount | null> {
  if (lock !== 'none') await lockAccount(db, accountId, lock);
  const found = await readAccount(db, accountId);
  if (found === null) return null;
  const { catalogDigest, nextCatalogDigest, ...loaded } = found;
  const { catalogName, nextCatalogVersion: version } = loaded.facts.account;
  const catalog = await publishedCatalog(db, catalogName, catalogDigest);
  if (version === null || nextCatalogDigest === null) return { ...loaded, catalog };
  const successor = { version, catalog: await publishedCatalog(db, catalogName, nextCatalogDigest) };
  return { ...loaded, catalog: { ...catalog, successor } };
}

/** Where an account lives, without its facts; and whether it is closed, for then nobody may be at home. */
type Place = AccountPlace & Pick<AccountRow, 'closedAt'>;

/** @throws Refusal `unknown_account`. */
export async function loadPlace(db: Database | Transaction, accountId: string): Promise<Place> {
  const columns = ['testClockId', 'clockOffsetSeconds', 'stripeCustomerId', 'closedAt'];
  const place = await db('accounts').where({ accountId }).first<Place | undefined>(columns);
  if (place === undefined) throw unknownAccount(accountId);
  return place;
}

/** The catalog that an account is on, and in which version (CAT-2). @throws Refusal `unknown_account`. */
export async function loadCatalogVersion(
  db: Database | Transaction,
  accountId: string,
): Promise<Pick<Account, 'catalogName' | 'catalogVersion'>> {
  const row = await db('accounts')
    .where({ accountId })
    .first<Pick<Account, 'catalogName' | 'catalogVersion'> | undefined>('catalogName', 'catalogVersion');
  if (row === undefined) throw unknownAccount(accountId);
  return row;
}

export function unknownAccount(accountId: string): Refusal {
  return new Refusal({ code: 'unknown_account', message: `There is no account "${accountId}".`, field: 'account' });
}

/** One of the numbers that say what an advisory lock is about; the other is a hash of the account's id. */
export const ACCOUNT_LOCKS = 1;

/**
 * Holds an account until the transaction ends. Not by locking its row: Postgres lets new sharers pass those who wait to lock a row
 * exclusively, so an account in constant use would never get to its own boundary. Advisory locks are given in the order they are asked
 * for. Two accounts with one hash only wait for each other.
 */
export async function lockAccount(on: Queryable, accountId: string, lock: 'shared' | 'exclusive'): Promise<void> {
  if (!(on instanceof PipelinedTransaction || isTransaction(on)))
    throw new Error('a lock lasts as long as a transaction, and there is none');
  const take = lock === 'exclusive' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  const text = `select ${take}($1, hashtext($2))`;
  await write(on, { name: `lock-account-${lock}`, text, values: [ACCOUNT_LOCKS, accountId] });
}

const LINE_COLUMNS = [
  ...['lineId', 'kind', 'quantity', 'amount', 'periodStart', 'periodEnd', 'description', 'explanation', 'carries'],
];

/** The lines of some of an account's invoices, each invoice's in their order, in one query. */
async function loadLinesOf(
  db: Database | Transaction,
  accountId: string,
  invoices: readonly { readonly invoiceId: string }[],
): Promise<(invoiceId: string) => readonly Line[]> {
  const lines = new Map(invoices.map(({ invoiceId }): [string, Line[]] => [invoiceId, []]));
  if (invoices.length === 0) return () => [];
  const rows = await db('invoiceLines')
    .where({ accountId })
    .whereIn('invoiceId', [...lines.keys()])
    .orderBy(['position', 'lineId'])
    .select<(Line & { invoiceId: string })[]>([...LINE_COLUMNS, 'invoiceId']);
  for (const { invoiceId, ...line } of rows) lines.get(invoiceId)?.push(withoutNothingCarried(line));
  return (invoiceId) => lines.get(invoiceId) ?? [];
}

type InvoiceRow = Omit<Invoice, 'lines'>;

const INVOICE_COLUMNS = [
  ...['invoiceId', 'number', 'purpose', 'status', 'currency', 'issuedAt', 'periodStart', 'periodEnd', 'total'],
  ...['dueAt', 'attempts', 'nextAttemptAt', 'paidAt', 'seatNumbers', 'keptSeats', 'commandIds'],
];

/** A draft that charged nothing in the end was discarded, and never was an invoice (CRE-12). */
export const IS_INVOICE = "not (number is null and status = 'void')";

/** Every invoice, or those with given ids, with its lines, oldest first, and what Stripe knows of it. */
export async function loadInvoices(
  db: Database | Transaction,
  accountId: string,
  only?: readonly string[],
): Promise<readonly (Invoice & { stripe: { id: string; status: string; total: number } | null })[]> {
  const stripeColumns = ['stripeInvoiceId', 'stripeStatus', 'stripeTotal'];
  const rows = await db('invoices')
    .where({ accountId })
    .whereRaw(IS_INVOICE)
    .where((those) => {
      if (only !== undefined) void those.whereIn('invoiceId', only);
    })
    .orderBy(['issuedAt', 'number'])
    .select<
      (InvoiceRow & {
        stripeInvoiceId: string | null;
        stripeStatus: string | null;
        stripeTotal: number | null;
      })[]
    >([...INVOICE_COLUMNS, ...stripeColumns]);
  const linesOf = await loadLinesOf(db, accountId, rows);
  return rows.map(({ stripeInvoiceId, stripeStatus, stripeTotal, ...invoice }) => ({
    ...invoice,
    lines: linesOf(invoice.invoiceId),
    stripe:
      stripeInvoiceId === null
        ? null
        : { id: stripeInvoiceId, status: stripeStatus ?? 'unknown', total: stripeTotal ?? 0 },
  }));
}
