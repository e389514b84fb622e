import { tooMany } from './limit-rate.ts';
import { TokenBuckets } from '../limits/token-buckets.ts';

/** Credentials that mean nothing, from one address: each may cost a round trip to Postgres. */
const WRONG_A_MINUTE = 60;

/** Who guesses is soon not looked up any more. In this process only. */
export class Guesses {
  readonly #buckets = new TokenBuckets({ requests: WRONG_A_MINUTE, windowSeconds: 60 });

  /** @throws HttpRefusal `rate_limited`. */
  assertFew(address: string): void {
    const guess = this.#buckets.look(address);
    if (!guess.isAllowed) throw tooMany('Too many requests with invalid credentials.', guess);
  }

  note(address: string): void {
    this.#buckets.take(address);
  }
}
