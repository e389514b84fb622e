import type { Client } from '@temporalio/client';

import type { Instant } from '../billing/calendar/instant.ts';
import type { Database } from '../db/database.ts';

/** What the operations of the client share. */
export interface Border {
  readonly client: Client;
  readonly db: Database;
  readonly taskQueue: string;
  readonly now: (accountId: string) => Promise<Instant>;
}
