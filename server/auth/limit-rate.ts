import type { FastifyReply } from 'fastify';

import { formatCount } from '../../billing/model/counts.ts';
import type { Access } from './authenticate.ts';
import { ownerOf, type Principal } from '../../client/credentials/principal.ts';
import { HttpRefusal } from '../answers/problem.ts';
import { type Taken, TokenBuckets } from '../limits/token-buckets.ts';

/** Requests a minute, of one key (with those it was rotated from) or one portal user, in one process; null: as many as come. */
export interface RateLimits {
  readonly default: number | null;
  /** Recording usage and asking for access, which is what a product does all day. */
  readonly usage: number | null;
  /** A portal user: a person who clicks. */
  readonly portal: number | null;
}

export const DEFAULT_RATE_LIMITS: RateLimits = { default: 1200, usage: 600_000, portal: 600 };

const WINDOW_SECONDS = 60;

/** From settings: 0 is no limit, null the usual one. */
export function rateLimitsOf(settings: { readonly [Name in keyof RateLimits]: number | null }): RateLimits {
  const limit = (name: keyof RateLimits): number | null => {
    const wanted = settings[name] ?? DEFAULT_RATE_LIMITS[name];
    return wanted === 0 ? null : wanted;
  };
  return { default: limit('default'), usage: limit('usage'), portal: limit('portal') };
}

type LimitName = keyof RateLimits;

/** @throws HttpRefusal `rate_limited`. */
export type LimitRate = (principal: Principal, access: Access, reply: FastifyReply) => void;

/** Every answer to somebody who is known says how much is left; too much is refused before anything is read. */
export function limitRate(limits: RateLimits = DEFAULT_RATE_LIMITS): LimitRate {
  const buckets = new Map(
    (Object.keys(limits) as LimitName[]).flatMap((name) => {
      const requests = limits[name];
      return requests === null ? [] : [[name, new TokenBuckets({ requests, windowSeconds: WINDOW_SECONDS })] as const];
    }),
  );
  return (principal, access, reply) => {
    const name = limitOf(principal, access);
    const bucket = buckets.get(name);
    if (bucket === undefined) return;
    const taken = bucket.take(ownerOf(principal));
    tell(reply, name, bucket, taken);
    if (!taken.isAllowed)
      throw tooMany(`The limit of ${formatCount(bucket.quota.requests)} requests per minute was exceeded.`, taken);
  };
}

function limitOf(principal: Principal, access: Access): LimitName {
  if (principal.kind === 'portal') return 'portal';
  const isUsage = access !== 'public' && (access.scope === 'usage:write' || access.scope === 'access:check');
  return isUsage ? 'usage' : 'default';
}

/** The names and the form of draft-ietf-httpapi-ratelimit-headers-10. */
function tell(reply: FastifyReply, name: LimitName, { quota }: TokenBuckets, { remaining, resetSeconds }: Taken): void {
  void reply.header('ratelimit-policy', `"${name}";q=${String(quota.requests)};w=${String(quota.windowSeconds)}`);
  void reply.header('ratelimit', `"${name}";r=${String(remaining)};t=${String(resetSeconds)}`);
}

export function tooMany(message: string, { retryAfterSeconds }: Taken): HttpRefusal {
  return new HttpRefusal('rate_limited', message, { 'retry-after': String(retryAfterSeconds) });
}
