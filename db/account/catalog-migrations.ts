import { migrationCommandId } from '../../billing/subscription/migrate-catalog.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { Cut } from './account-pages.ts';
import type { Database } from '../database.ts';
import type { CatalogMigrationRow } from '../tables.ts';

interface Destination {
  readonly catalogName: string;
  readonly version: number;
}

export interface AccountsToMigrate extends Destination {
  readonly after: string | null;
  readonly count: number;
}

/** Accounts of a catalog that are on another version, and not on their way to this one, in the order of their ids' bytes. */
export async function accountsToMigrate(
  db: Database,
  { after, count, ...destination }: AccountsToMigrate,
): Promise<readonly string[]> {
  const query = elsewhere(db, destination)
    .orderByRaw('account_id collate "C"')
    .limit(count)
    .select<{ accountId: string }[]>('accountId');
  if (after !== null) void query.whereRaw('account_id collate "C" > ?', [after]);
  return (await query).map(({ accountId }) => accountId);
}

function elsewhere(db: Database, { catalogName, version }: Destination) {
  return db('accounts')
    .where({ catalogName, closedAt: null })
    .whereNot({ catalogVersion: version })
    .whereRaw('next_catalog_version is distinct from ?', [version]);
}

/** A move of all accounts of a catalog, and how far it has come. */
export type CatalogMigration = CatalogMigrationRow & {
  /** Those that have taken the move: at once, or at the end of what they have paid. */
  readonly accountsMoved: number;
  /** Those that are on another version, and not on their way to this one. */
  readonly accountsLeft: number;
};

export async function beginCatalogMigration(
  db: Database,
  begun: Pick<CatalogMigrationRow, 'migrationId' | 'catalogName' | 'version' | 'startedBy' | 'startedAt'>,
): Promise<void> {
  const versions = await elsewhere(db, begun)
    .distinct('catalogVersion')
    .orderBy('catalogVersion')
    .select<{ catalogVersion: number }[]>();
  await db('catalogMigrations').insert({ ...begun, fromVersions: versions.map((each) => each.catalogVersion) });
}

/** `accountsTold` is a total, not what came since: twice says the same. */
export async function noteCatalogMigration(
  db: Database,
  migrationId: string,
  progress: Pick<CatalogMigrationRow, 'accountsTold' | 'endedAt'>,
): Promise<void> {
  await db('catalogMigrations').where({ migrationId }).update(progress);
}

/** One catalog's, newest first. */
export async function catalogMigrationPage(
  db: Database,
  catalogName: string,
  { after, count }: Cut<readonly [Instant, string]>,
): Promise<readonly CatalogMigration[]> {
  const query = db('catalogMigrations')
    .where({ catalogName })
    .orderBy([
      { column: 'startedAt', order: 'desc' },
      { column: 'migrationId', order: 'desc' },
    ])
    .limit(count);
  if (after !== null) void query.whereRaw('(started_at, migration_id) < (?::timestamptz, ?)', [...after]);
  const rows: readonly CatalogMigrationRow[] = await query;
  return Promise.all(rows.map((row) => counted(db, row)));
}

export async function findCatalogMigration(
  db: Database,
  catalogName: string,
  migrationId: string,
): Promise<CatalogMigration | null> {
  const row = await db('catalogMigrations').where({ catalogName, migrationId }).first();
  return row === undefined ? null : counted(db, row);
}

async function counted(db: Database, row: CatalogMigrationRow): Promise<CatalogMigration> {
  const commandId = migrationCommandId(row.migrationId);
  const moved = db('commands').where({ type: 'migrateCatalog', commandId }).select(db.raw('count(*)'));
  const left = elsewhere(db, row).select(db.raw('count(*)'));
  const { rows } = await db.raw<{ rows: [Pick<CatalogMigration, 'accountsMoved' | 'accountsLeft'>] }>(
    'select ? as accounts_moved, ? as accounts_left',
    [moved, left],
  );
  return { ...row, ...rows[0] };
}
