import { type Database, isTransaction, type Transaction } from '../database.ts';

/** The open account of an owner in a catalog (TRI-6). In a transaction, two signups of one owner wait for each other. */
export async function ownersAccount(
  db: Database | Transaction,
  ownerId: string,
  catalogName: string,
): Promise<string | null> {
  if (isTransaction(db)) await db.raw('select pg_advisory_xact_lock(hashtext(?))', [`owner ${catalogName} ${ownerId}`]);
  const row = await db('accounts')
    .where({ ownerId, catalogName, closedAt: null })
    .first<{ accountId: string } | undefined>('accountId');
  return row?.accountId ?? null;
}

/** Whether an id was that of an account which is closed: it is not given again. */
export async function isClosedAccount(db: Database | Transaction, accountId: string): Promise<boolean> {
  const row = (await db('accounts').where({ accountId }).whereNotNull('closedAt').first('accountId')) as unknown;
  return row !== undefined;
}

/** Whether an owner had an account of this catalog that is closed now: then there is no second trial (TRI-6). */
export async function hadAccountBefore(
  db: Database | Transaction,
  ownerId: string,
  catalogName: string,
): Promise<boolean> {
  const row = (await db('accounts')
    .where({ ownerId, catalogName })
    .whereNotNull('closedAt')
    .first('accountId')) as unknown;
  return row !== undefined;
}
