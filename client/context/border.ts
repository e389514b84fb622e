import type { Client } from '@temporalio/client';

import type { Instant } from '../../billing/calendar/instant.ts';
import type { CatalogCache } from '../../db/account/catalogs.ts';
import type { Database } from '../../db/database.ts';
import type { AccessReader } from '../../db/access/read-access.ts';
import type { UsageRecorder } from '../../db/usage/record-usage.ts';
import type { UpdateGate } from './update-gate.ts';

/** What the operations of the client share. */
export interface Border {
  readonly client: Client;
  readonly db: Database;
  readonly usage: UsageRecorder;
  readonly access: AccessReader;
  readonly catalogs: CatalogCache;
  readonly taskQueue: string;
  readonly gate: UpdateGate;
  /** The instant it is for an account that exists. */
  readonly now: (accountId: string) => Promise<Instant>;
  /** The clock that was given in place of the accounts' own, if any: it also stamps signups. */
  readonly givenNow: ((accountId: string) => Promise<Instant>) | null;
}
