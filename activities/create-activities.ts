import type Stripe from 'stripe';

import { accountsToMigrate, noteCatalogMigration } from '../db/account/catalog-migrations.ts';
import { clockOfOpenAccount } from '../db/account/account-clock.ts';
import type { Database } from '../db/database.ts';
import type { AccountActivities } from './account-activities.ts';
import { createApplyCommands } from './apply-commands.ts';
import { createAttachPaymentMethod } from './attach-payment-method.ts';
import type { CatalogMigrationActivities } from './catalog-migration-activities.ts';
import { createCloseAtStripe } from './close-at-stripe.ts';
import { createCollectInvoice } from './collect-invoice.ts';
import { createLookAtInvoice } from './look-at-invoice.ts';
import { createReadAccount } from './read-account.ts';
import { createReconciliationActivities } from './reconcile-accounts.ts';
import type { ReconciliationActivities } from './reconciliation-activities.ts';
import { createRefundCreditNote } from './refund-credit-note.ts';
import { createWorkOffDue } from './work-off-due.ts';

/** All side effects of the workflows, on one database and one Stripe account, which `hasty` asks where a queue waits. */
export function createActivities(
  db: Database,
  stripe: Stripe,
  hasty: Stripe = stripe,
): AccountActivities & ReconciliationActivities & CatalogMigrationActivities {
  const clients = { patient: stripe, hasty };
  return {
    readAccount: createReadAccount(db),
    applyCommands: createApplyCommands(db),
    attachPaymentMethod: createAttachPaymentMethod(db, clients),
    workOffDue: createWorkOffDue(db),
    collectInvoice: createCollectInvoice(db, clients),
    refundCreditNote: createRefundCreditNote(db, clients),
    lookAtInvoice: createLookAtInvoice(db, hasty),
    closeAtStripe: createCloseAtStripe(db, stripe),
    ...createReconciliationActivities(db, stripe),
    accountsToMigrate: (which) => accountsToMigrate(db, which),
    clockOfOpenAccount: (accountId) => clockOfOpenAccount(db, accountId),
    noteCatalogMigration: (migrationId, progress) => noteCatalogMigration(db, migrationId, progress),
  };
}
