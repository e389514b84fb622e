/** Every workflow there is, by the name under which it is started: what a worker bundles. */
export { accountWorkflow } from './account/account-workflow.ts';
export { catalogMigrationWorkflow } from './catalog-migration/catalog-migration-workflow.ts';
export { accountReconciliationWorkflow, reconciliationWorkflow } from './reconciliation/reconciliation-workflow.ts';
