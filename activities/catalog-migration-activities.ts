import type { AccountsToMigrate } from '../db/catalog-migrations.ts';

/** The side effects of moving all accounts of a catalog to another version (CAT-2): only reading. The accounts do the rest themselves. */
export interface CatalogMigrationActivities {
  /** The next accounts that are on another version and not closed, by id; fewer than asked for at the end. */
  accountsToMigrate: (which: AccountsToMigrate) => Promise<readonly string[]>;
}
