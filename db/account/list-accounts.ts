import type { AccountDocument } from '../../billing/model/document.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import type { Interval } from '../../billing/calendar/period.ts';
import type { Phase } from '../../billing/model/phase.ts';
import type { Database, Transaction } from '../database.ts';

export interface AccountListing {
  readonly accountId: string;
  readonly catalog: string;
  readonly phase: Phase;
  readonly plan: string | null;
}

export async function listAccounts(db: Database, limit: number): Promise<readonly AccountListing[]> {
  return db('accounts')
    .leftJoin('subscriptions', 'subscriptions.accountId', 'accounts.accountId')
    .orderBy('accounts.accountId')
    .limit(limit)
    .select<AccountListing[]>('accounts.accountId', 'accounts.catalogName as catalog', 'phase', 'plan');
}

/** What an operator sees of an account among all others. */
export interface AccountOverview extends AccountListing {
  readonly ownerId: string;
  /** Of a paid plan. */
  readonly interval: Interval | null;
  readonly testClockId: string | null;
  readonly closedAt: Instant | null;
  /** What changes it next by itself, payments apart; null where nothing does. */
  readonly nextDueAt: Instant | null;
  /** Seats that exist, those that await removal included. */
  readonly seats: number;
  readonly currency: string;
  /** What is on open invoices, due or not, in minor units. */
  readonly openCents: number;
}

export async function loadNotices(db: Database | Transaction, accountId: string): Promise<AccountDocument['notices']> {
  return db('notices').where({ accountId }).orderBy(['at', 'noticeId']).select('at', 'kind', 'detail');
}

export async function loadAudit(db: Database | Transaction, accountId: string): Promise<AccountDocument['audit']> {
  return db('auditEntries')
    .where({ accountId })
    .orderBy(['at', 'auditId'])
    .select('at', 'actor', 'action', 'before', 'after');
}
