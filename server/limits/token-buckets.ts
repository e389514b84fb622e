export interface Quota {
  /** As many at once; and over time, as many in each window. */
  readonly requests: number;
  readonly windowSeconds: number;
}

export interface Taken {
  readonly isAllowed: boolean;
  /** Requests that could be made now, after this one. */
  readonly remaining: number;
  /** Seconds until there is room for one more; 0 where there is. */
  readonly retryAfterSeconds: number;
  /** Seconds until all of the quota is there again. */
  readonly resetSeconds: number;
}

interface Bucket {
  /** What is left, at `atMs`; it fills as time passes. */
  tokens: number;
  atMs: number;
}

/** Buckets that are full again say nothing; they are looked for each time so many more exist. */
const SWEEP_EVERY = 10_000;

/** One bucket for each owner: a request takes a token, and tokens come back evenly. In this process only. */
export class TokenBuckets {
  readonly quota: Quota;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = SWEEP_EVERY;

  constructor(quota: Quota, nowMs: () => number = Date.now) {
    this.quota = quota;
    this.#nowMs = nowMs;
  }

  take(owner: string): Taken {
    const bucket = this.#filled(owner);
    const isAllowed = bucket.tokens >= 1;
    if (isAllowed) bucket.tokens -= 1;
    return this.#describe(bucket, isAllowed);
  }

  /** How a take would go, without taking. */
  look(owner: string): Taken {
    const bucket = this.#filled(owner);
    return this.#describe(bucket, bucket.tokens >= 1);
  }

  #filled(owner: string): Bucket {
    const nowMs = this.#nowMs();
    const bucket = this.#buckets.get(owner);
    if (bucket === undefined) return this.#add(owner, nowMs);
    // A clock that was set back gives nothing, and takes nothing.
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(this.quota.requests, bucket.tokens + passedMs * this.#perMs);
    bucket.atMs = nowMs;
    return bucket;
  }

  #add(owner: string, atMs: number): Bucket {
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(atMs);
    const bucket = { tokens: this.quota.requests, atMs };
    this.#buckets.set(owner, bucket);
    return bucket;
  }

  #sweep(nowMs: number): void {
    for (const [owner, { tokens, atMs }] of this.#buckets) {
      if (tokens + (nowMs - atMs) * this.#perMs >= this.quota.requests) this.#buckets.delete(owner);
    }
    this.#sweepAt = this.#buckets.size + SWEEP_EVERY;
  }

  #describe({ tokens }: Bucket, isAllowed: boolean): Taken {
    const secondsFor = (missing: number): number => Math.max(0, Math.ceil(missing / this.#perMs / 1000));
    return {
      isAllowed,
      remaining: Math.floor(tokens),
      retryAfterSeconds: isAllowed ? 0 : Math.max(1, secondsFor(1 - tokens)),
      resetSeconds: secondsFor(this.quota.requests - tokens),
    };
  }

  get #perMs(): number {
    return this.quota.requests / (this.quota.windowSeconds * 1000);
  }
}
