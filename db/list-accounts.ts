import type { AccountDocument } from '../billing/account/document.ts';
import type { Phase } from '../billing/facts/phase.ts';
import type { Database, Transaction } from './database.ts';

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

export async function loadNotices(db: Database | Transaction, accountId: string): Promise<AccountDocument['notices']> {
  return db('notices').where({ accountId }).orderBy(['at', 'noticeId']).select('at', 'kind');
}

export async function loadAudit(db: Database | Transaction, accountId: string): Promise<AccountDocument['audit']> {
  return db('auditEntries')
    .where({ accountId })
    .orderBy(['at', 'auditId'])
    .select('at', 'actor', 'action', 'before', 'after');
}
