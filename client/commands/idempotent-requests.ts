import { v7 as uuid } from 'uuid';

import { instantFromEpochMs } from '../../billing/calendar/instant.ts';
import type { Database } from '../../db/database.ts';
import {
  answerRequest,
  type ClaimAnswer,
  claimRequest,
  releaseRequest,
  type RequestClaim,
} from '../../db/access/idempotent-requests.ts';

/** Longer than a request may take: whoever has not answered by then has died. */
const CLAIM_MS = 90_000;

/** Requests that are not commands, under their callers' idempotency keys: each is done once, and its answer kept for good. */
export class IdempotentRequests {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Whether to act. Who acts says how it ended, with {@link answered} or {@link released}. */
  async claim(
    request: Pick<RequestClaim, 'owner' | 'idempotencyKey' | 'digest'>,
  ): Promise<Exclude<ClaimAnswer, { kind: 'act' }> | { readonly kind: 'act'; readonly claim: RequestClaim }> {
    const nowMs = Date.now();
    const claim = { ...request, claimId: uuid(), claimedUntil: instantFromEpochMs(nowMs + CLAIM_MS) };
    const answer = await claimRequest(this.#db, claim, instantFromEpochMs(nowMs));
    return answer.kind === 'act' ? { kind: 'act', claim } : answer;
  }

  answered(claim: RequestClaim, status: number, answer: string): Promise<void> {
    return answerRequest(this.#db, claim, { status, answer });
  }

  released(claim: RequestClaim): Promise<void> {
    return releaseRequest(this.#db, claim);
  }
}
