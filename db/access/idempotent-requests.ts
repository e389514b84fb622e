import type { Instant } from '../../billing/calendar/instant.ts';
import type { Database } from '../database.ts';
import type { IdempotentRequestRow } from '../tables.ts';

/** What is asked for, and who asks; `claimId` is the one try that asks now. */
export type RequestClaim = Pick<
  IdempotentRequestRow,
  'owner' | 'idempotencyKey' | 'digest' | 'claimId' | 'claimedUntil'
>;

export type ClaimAnswer =
  /** Nobody has: act, then say how it ended. */
  | { readonly kind: 'act' }
  | { readonly kind: 'answered'; readonly status: number; readonly answer: string }
  /** Somebody else acts on it now. */
  | { readonly kind: 'in-progress' }
  /** The key stands for another request. */
  | { readonly kind: 'conflict' };

/**
 * One of all who repeat a request gets to act. A claim that was not answered by `claimedUntil` is given to the next who asks: its holder
 * has died, and what it did is done again, which every act behind an Idempotency-Key must bear.
 */
export async function claimRequest(db: Database, claim: RequestClaim, now: Instant): Promise<ClaimAnswer> {
  const taken = (await db('idempotentRequests')
    .insert(claim)
    .onConflict(['owner', 'idempotencyKey'])
    .merge(['claimId', 'claimedUntil'])
    .whereRaw(
      'idempotent_requests.status is null and idempotent_requests.claimed_until <= ? and idempotent_requests.digest = ?',
      [now, claim.digest],
    )
    .returning('claimId')) as unknown[];
  if (taken.length === 1) return { kind: 'act' };
  const { owner, idempotencyKey } = claim;
  const found = await db('idempotentRequests').where({ owner, idempotencyKey }).first();
  // Released in between: whoever had it was refused, and so the request may be sent again.
  if (found === undefined) return { kind: 'in-progress' };
  if (found.digest !== claim.digest) return { kind: 'conflict' };
  const { status, answer } = found;
  return status === null || answer === null ? { kind: 'in-progress' } : { kind: 'answered', status, answer };
}

/** Done once: whoever repeats the request gets this from now on. A claim that was given to somebody else changes nothing. */
export async function answerRequest(
  db: Database,
  { owner, idempotencyKey, claimId }: RequestClaim,
  { status, answer }: { readonly status: number; readonly answer: string },
): Promise<void> {
  await db('idempotentRequests').where({ owner, idempotencyKey, claimId, status: null }).update({ status, answer });
}

/** Refused, or broken: it leaves no trace, and may be sent again at once. */
export async function releaseRequest(db: Database, { owner, idempotencyKey, claimId }: RequestClaim): Promise<void> {
  await db('idempotentRequests').where({ owner, idempotencyKey, claimId, status: null }).delete();
}
