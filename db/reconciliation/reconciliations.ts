import type { Instant } from '../../billing/calendar/instant.ts';
import type { Difference } from '../../billing/reconciliation/difference.ts';
import type { Cut } from '../account/account-pages.ts';
import type { Database } from '../database.ts';
import type { ReconciliationRow } from '../tables.ts';

/** A comparison of all accounts' books, and how far it has come. */
export type Reconciliation = ReconciliationRow & { readonly differenceCount: number };

/** Twice: it is the one that was begun. */
export async function beginReconciliation(
  db: Database,
  begun: Pick<ReconciliationRow, 'reconciliationId' | 'startedBy' | 'startedAt'>,
): Promise<void> {
  await db('reconciliations').insert(begun).onConflict('reconciliationId').ignore();
}

/** `accountsLookedAt` is a total, not what came since: twice says the same. */
export async function noteReconciliation(
  db: Database,
  reconciliationId: string,
  progress: Pick<ReconciliationRow, 'accountsLookedAt' | 'endedAt'>,
): Promise<void> {
  await db('reconciliations').where({ reconciliationId }).update(progress);
}

/** In the place of what was found in the account before, in this reconciliation. */
export async function saveDifferences(
  db: Database,
  reconciliationId: string,
  accountId: string,
  differences: readonly Difference[],
): Promise<void> {
  await db.transaction(async (trx) => {
    await trx('reconciliationDifferences').where({ reconciliationId, accountId }).delete();
    const rows = differences.map(({ expected, found, ...difference }, position) => ({
      ...{ reconciliationId, accountId, position, ...difference },
      expected: JSON.stringify(expected),
      found: JSON.stringify(found),
    }));
    if (rows.length > 0) await trx('reconciliationDifferences').insert(rows);
  });
}

/** Newest first. */
export async function reconciliationPage(
  db: Database,
  { after, count }: Cut<readonly [Instant, string]>,
): Promise<readonly Reconciliation[]> {
  const query = reading(db)
    .orderBy([
      { column: 'startedAt', order: 'desc' },
      { column: 'reconciliationId', order: 'desc' },
    ])
    .limit(count);
  if (after !== null) void query.whereRaw('(started_at, reconciliation_id) < (?::timestamptz, ?)', [...after]);
  return query;
}

export async function findReconciliation(db: Database, reconciliationId: string): Promise<Reconciliation | null> {
  const [found] = await reading(db).where({ reconciliationId });
  return found ?? null;
}

function reading(db: Database) {
  const counted =
    '(select count(*) from reconciliation_differences d where d.reconciliation_id = reconciliations.reconciliation_id)';
  return db('reconciliations').select<Reconciliation[]>(db.raw(`reconciliations.*, ${counted} as difference_count`));
}

export type AccountDifference = Difference & { readonly accountId: string };

/** By account, in the order of its bytes, each one's in the order in which they were found. */
export async function differencePage(
  db: Database,
  reconciliationId: string,
  { after, count }: Cut<readonly [string, number]>,
): Promise<readonly (AccountDifference & { readonly position: number })[]> {
  const columns = ['accountId', 'position', 'kind', 'about', 'sentence', 'expected', 'found'];
  const query = db('reconciliationDifferences')
    .where({ reconciliationId })
    .orderByRaw('account_id collate "C", position')
    .limit(count)
    .select<(AccountDifference & { position: number })[]>(columns);
  if (after !== null) void query.whereRaw('(account_id collate "C", position) > (?, ?)', [...after]);
  return query;
}

/** The next accounts in the order of their ids' bytes, so that whoever signs up meanwhile moves nobody. */
export async function accountIdsAfter(db: Database, after: string | null, count: number): Promise<readonly string[]> {
  const query = db('accounts')
    .orderByRaw('account_id collate "C"')
    .limit(count)
    .select<{ accountId: string }[]>('accountId');
  if (after !== null) void query.whereRaw('account_id collate "C" > ?', [after]);
  return (await query).map(({ accountId }) => accountId);
}
