import { WorkflowNotFoundError } from '@temporalio/client';
import { v7 as uuid } from 'uuid';

import { whyNotServed } from '../../billing/subscription/migrate-catalog.ts';
import { type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { RefusalCode } from '../../billing/refusal-codes.ts';
import type { Cut } from '../../db/account/account-pages.ts';
import {
  accountsToMigrate,
  beginCatalogMigration,
  type CatalogMigration as Recorded,
  catalogMigrationPage,
  findCatalogMigration,
} from '../../db/account/catalog-migrations.ts';
import { catalogVersionNamed, loadCatalog } from '../../db/account/catalogs.ts';
import type {
  catalogMigrationWorkflow,
  MigrationPace,
} from '../../workflows/catalog-migration/catalog-migration-workflow.ts';
import type { Border } from '../context/border.ts';
import { readPresentFacts } from '../queries/read-facts.ts';

/** `failed`: it was broken off before all accounts were told; a new one tells those that are left. */
export type CatalogMigration = Recorded & { readonly status: 'running' | 'done' | 'failed' };

/** An account that is not on its way to the version it was to move to. */
export interface AccountLeft {
  readonly accountId: string;
  /** The version that it is on. */
  readonly version: number;
  /** Why it refuses to move; null where nothing speaks against it: it has not been told yet, or has not answered. */
  readonly refusal: { readonly code: RefusalCode; readonly message: string } | null;
}

/** CAT-2: moving all accounts of a catalog to another version, and how far that has come. */
export class CatalogMigrations {
  readonly #border: Border;

  constructor(border: Border) {
    this.#border = border;
  }

  /** Has every account of a catalog told to move to a version, the newest where none is named. @throws Refusal `unknown_catalog`, `unknown_catalog_version`. */
  async start({ catalog, version: wanted, actor, pace }: CatalogMigrationInput): Promise<{
    readonly migrationId: string;
    readonly version: number;
  }> {
    const { client, db, taskQueue } = this.#border;
    const { version } = await catalogVersionNamed(db, catalog, wanted ?? null);
    const migrationId = uuid();
    const startedAt = instantFromEpochMs(Date.now());
    // Before it runs: one that never began is found, and has failed.
    await beginCatalogMigration(db, { migrationId, catalogName: catalog, version, startedBy: actor, startedAt });
    const start = { migrationId, catalogName: catalog, version, actor };
    await client.workflow.start<typeof catalogMigrationWorkflow>('catalogMigrationWorkflow', {
      ...{ workflowId: workflowIdOf(migrationId), taskQueue },
      args: [pace === undefined ? start : { ...start, pace }],
      staticSummary: `moves the accounts of ${catalog} to version ${String(version)}`,
    });
    return { migrationId, version };
  }

  /** One catalog's, newest first. */
  async list(catalog: string, cut: Cut<readonly [Instant, string]>): Promise<readonly CatalogMigration[]> {
    const found = await catalogMigrationPage(this.#border.db, catalog, cut);
    return Promise.all(found.map((each) => this.#withStatus(each)));
  }

  /** @throws Refusal `unknown_catalog_migration`. */
  async get(catalog: string, migrationId: string): Promise<CatalogMigration> {
    return this.#withStatus(await this.#find(catalog, migrationId));
  }

  /** The accounts that are left, by id, each with what speaks against its move as it stands now. */
  async accountsLeft(
    { catalogName, version }: Pick<Recorded, 'catalogName' | 'version'>,
    cut: Cut<string>,
  ): Promise<readonly AccountLeft[]> {
    const { db } = this.#border;
    const next = await loadCatalog(db, catalogName, version);
    const left: AccountLeft[] = [];
    for (const accountId of await accountsToMigrate(db, { catalogName, version, ...cut }))
      left.push(await this.#look(accountId, next));
    return left;
  }

  async #look(accountId: string, next: Catalog): Promise<AccountLeft> {
    const { facts, catalog } = await readPresentFacts(this.#border, accountId);
    const problem = whyNotServed(next, facts, catalog);
    const refusal = problem === null ? null : { code: problem.code, message: problem.message };
    return { accountId, version: facts.account.catalogVersion, refusal };
  }

  /** Only Temporal knows whether what has not ended still runs; and it may have ended between two looks. */
  async #withStatus(seen: Recorded): Promise<CatalogMigration> {
    if (seen.endedAt !== null) return { ...seen, status: 'done' };
    if (await this.#isRunning(seen.migrationId)) return { ...seen, status: 'running' };
    const again = await this.#find(seen.catalogName, seen.migrationId);
    return { ...again, status: again.endedAt === null ? 'failed' : 'done' };
  }

  async #isRunning(migrationId: string): Promise<boolean> {
    try {
      const { status } = await this.#border.client.workflow.getHandle(workflowIdOf(migrationId)).describe();
      return status.name === 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  async #find(catalog: string, migrationId: string): Promise<Recorded> {
    const found = await findCatalogMigration(this.#border.db, catalog, migrationId);
    if (found !== null) return found;
    const message = `The catalog "${catalog}" has no migration "${migrationId}".`;
    throw new Refusal({ code: 'unknown_catalog_migration', message, field: 'migration' });
  }
}

export interface CatalogMigrationInput {
  readonly catalog: string;
  readonly version?: number;
  readonly actor: string;
  /** How many accounts at a time; as the workflow has it where it is left out. */
  readonly pace?: MigrationPace;
}

function workflowIdOf(migrationId: string): string {
  return `catalog-migration/${migrationId}`;
}
