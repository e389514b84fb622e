import type { Database } from './database.ts';

export interface AccountsToMigrate {
  readonly catalogName: string;
  readonly version: number;
  readonly after: string | null;
  readonly count: number;
}

/** Accounts of a catalog that are on another version, and not on their way to this one, in the order of their ids' bytes. */
export async function accountsToMigrate(
  db: Database,
  { catalogName, version, after, count }: AccountsToMigrate,
): Promise<readonly string[]> {
  const query = db('accounts')
    .where({ catalogName, closedAt: null })
    .whereNot({ catalogVersion: version })
    .whereRaw('next_catalog_version is distinct from ?', [version])
    .orderByRaw('account_id collate "C"')
    .limit(count)
    .select<{ accountId: string }[]>('accountId');
  if (after !== null) void query.whereRaw('account_id collate "C" > ?', [after]);
  return (await query).map(({ accountId }) => accountId);
}
