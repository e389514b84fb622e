import { v7 as uuid } from 'uuid';

import { catalogVersionNamed } from '../db/catalogs.ts';
import type { catalogMigrationWorkflow } from '../workflows/catalog-migration/catalog-migration-workflow.ts';
import type { Border } from './border.ts';

export interface CatalogMigration {
  readonly migrationId: string;
  readonly version: number;
}

/** CAT-2: has every account of a catalog told to move to a version, the newest where none is named. @throws Refusal `unknown_catalog`. */
export async function startCatalogMigration(
  { client, db, taskQueue }: Border,
  { catalog, version: wanted, actor }: { readonly catalog: string; readonly version?: number; readonly actor: string },
): Promise<CatalogMigration> {
  const { version } = await catalogVersionNamed(db, catalog, wanted ?? null);
  const migrationId = uuid();
  await client.workflow.start<typeof catalogMigrationWorkflow>('catalogMigrationWorkflow', {
    ...{ workflowId: `catalog-migration/${migrationId}`, taskQueue },
    args: [{ migrationId, catalogName: catalog, version, actor }],
    staticSummary: `moves the accounts of ${catalog} to version ${String(version)}`,
  });
  return { migrationId, version };
}
