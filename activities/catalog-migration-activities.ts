import type { AccountClock } from './account-activities.ts';
import type { Instant } from '../billing/calendar/instant.ts';
import type { AccountsToMigrate } from '../db/account/catalog-migrations.ts';

/** The side effects of moving all accounts of a catalog to another version (CAT-2). The accounts do the moving themselves. */
export interface CatalogMigrationActivities {
  /** The next accounts that are on another version and not closed, by id; fewer than asked for at the end. */
  accountsToMigrate: (which: AccountsToMigrate) => Promise<readonly string[]>;
  /** What a run of an account is begun with whose own is missing; null where the account is closed and needs none. */
  clockOfOpenAccount: (accountId: string) => Promise<AccountClock | null>;
  /** Writes down how far it has come; twice says the same. */
  noteCatalogMigration: (
    migrationId: string,
    progress: { readonly accountsTold: number; readonly endedAt: Instant | null },
  ) => Promise<void>;
}
