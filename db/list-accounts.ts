import type { AccountDocument } from '../billing/account/document.ts';
import type { Phase } from '../billing/facts/phase.ts';
import type { Database } from './database.ts';

export interface AccountListing {
  readonly accountId: string;
  readonly catalog: string;
  readonly phase: Phase;
  readonly plan: string | null;
}

export async function listAccounts(db: Database, limit: number): Promise<readonly AccountListing[]> {
  return (await db('accounts')
    .leftJoin('subscriptions', 'subscriptions.accountId', 'accounts.accountId')
    .orderBy('accounts.accountId')
    .limit(limit)
    .select('accounts.accountId', 'accounts.catalogName as catalog', 'phase', 'plan')) as AccountListing[];
}

export async function loadNotices(db: Database, accountId: string): Promise<AccountDocument['notices']> {
  return (await db('notices').where({ accountId }).orderBy(['at', 'noticeId']).select('at', 'kind')) as AccountDocument['notices'];
}

export async function loadAudit(db: Database, accountId: string): Promise<AccountDocument['audit']> {
  const columns = ['at', 'actor', 'action', 'before', 'after'];
  return (await db('auditEntries').where({ accountId }).orderBy(['at', 'auditId']).select(columns)) as AccountDocument['audit'];
}
