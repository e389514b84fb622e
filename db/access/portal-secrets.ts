import type { Instant } from '../../billing/calendar/instant.ts';
import type { Database, Transaction } from '../database.ts';
import type { PortalSecret } from '../tables.ts';

type NewSecret = Pick<PortalSecret, 'secretId' | 'secret'> & { readonly createdAt: Instant };

/** Those that verify at `now`; the one that signs is first. Empty before the first is made. */
export async function livePortalSecrets(db: Database | Transaction, now: Instant): Promise<readonly PortalSecret[]> {
  return db('portalSecrets')
    .where((live) => {
      void live.whereNull('retiresAt').orWhere('retiresAt', '>', now);
    })
    .orderByRaw('retires_at desc nulls first')
    .select<PortalSecret[]>('secretId', 'secret', 'retiresAt');
}

/** The first secret of an installation. Where several processes make it at once, one is kept. */
export async function ensurePortalSecret(db: Database, first: NewSecret): Promise<void> {
  // No target is named: the index that lets only one sign has no columns.
  await db('portalSecrets').insert(first).onConflict().ignore();
}

/** `next` signs from now on; what signed before verifies until `retiresAt`. What has retired is forgotten. */
export async function rotatePortalSecret(db: Database, next: NewSecret, retiresAt: Instant): Promise<void> {
  await db.transaction(async (trx) => {
    // One rotation at a time, else both would make one that signs.
    await trx.raw('select pg_advisory_xact_lock(hashtext(?))', ['portal secrets']);
    await trx('portalSecrets').where('retiresAt', '<=', next.createdAt).delete();
    await trx('portalSecrets').whereNull('retiresAt').update({ retiresAt });
    await trx('portalSecrets').insert(next);
  });
}
