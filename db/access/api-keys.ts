import type { Instant } from '../../billing/calendar/instant.ts';
import type { Database, Transaction } from '../database.ts';
import type { ApiKeyRow } from '../tables.ts';

/** A server key as it may be shown. */
export type ApiKey = Omit<ApiKeyRow, 'secretDigest'>;

const SHOWN = [
  ...([
    'keyId',
    'familyId',
    'name',
    'scopes',
    'createdAt',
    'lastUsedAt',
    'expiresAt',
    'revokedAt',
    'rotatedTo',
  ] as const),
];

/** False when the id is taken: it is short, so its maker tries another. */
export async function insertApiKey(
  db: Database | Transaction,
  key: Pick<ApiKeyRow, 'keyId' | 'familyId' | 'name' | 'scopes' | 'secretDigest' | 'createdAt' | 'expiresAt'>,
): Promise<boolean> {
  const made = (await db('apiKeys')
    .insert({ ...key, scopes: JSON.stringify(key.scopes) })
    .onConflict('keyId')
    .ignore()
    .returning('keyId')) as unknown[];
  return made.length === 1;
}

/** With the digest of its secret, to compare with. */
export async function findApiKey(db: Database | Transaction, keyId: string): Promise<ApiKeyRow | null> {
  return (await db('apiKeys').where({ keyId }).first<ApiKeyRow | undefined>()) ?? null;
}

/** As {@link findApiKey}, and nobody else changes it until the transaction ends. */
export async function lockApiKey(trx: Transaction, keyId: string): Promise<ApiKeyRow | null> {
  return (await trx('apiKeys').where({ keyId }).forUpdate().first<ApiKeyRow | undefined>()) ?? null;
}

/** Newest first, also those that are over. */
export async function listApiKeys(
  db: Database,
  after: { limit: number; before: ApiKey | null },
): Promise<readonly ApiKey[]> {
  const { limit, before } = after;
  return db('apiKeys')
    .modify((query) => {
      if (before !== null) void query.whereRaw('(created_at, key_id) < (?, ?)', [before.createdAt, before.keyId]);
    })
    .orderBy([
      { column: 'createdAt', order: 'desc' },
      { column: 'keyId', order: 'desc' },
    ])
    .limit(limit)
    .select<ApiKey[]>(SHOWN);
}

/** The old key lives on until `expiresAt`, or until its own end where that comes earlier. */
export async function replaceApiKey(
  trx: Transaction,
  keyId: string,
  { successorId, expiresAt }: { readonly successorId: string; readonly expiresAt: Instant },
): Promise<void> {
  await trx('apiKeys')
    .where({ keyId })
    .update({ rotatedTo: successorId, expiresAt: trx.raw('least(expires_at, ?::timestamptz)', [expiresAt]) });
}

/** For good; a key that is revoked already keeps its instant. Null where there is no such key. */
export async function revokeApiKey(db: Database, keyId: string, revokedAt: Instant): Promise<ApiKey | null> {
  await db('apiKeys').where({ keyId, revokedAt: null }).update({ revokedAt });
  return (await db('apiKeys').where({ keyId }).first<ApiKey | undefined>(SHOWN)) ?? null;
}

/** For people who wonder whether a key is still in use; written late, and lost in a crash, without harm. */
export async function noteApiKeyUse(db: Database, keyId: string, lastUsedAt: Instant): Promise<void> {
  await db('apiKeys')
    .where({ keyId })
    .whereRaw('coalesce(last_used_at < ?::timestamptz, true)', [lastUsedAt])
    .update({ lastUsedAt });
}
