import { createHash } from 'node:crypto';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { shownTo } from './shown-to.ts';

/** A document, and how much of it an ETag is about. */
interface Cached {
  readonly shown: object;
  /** Fields that are another with every answer, and no reason to send it again. */
  readonly but?: readonly string[];
  /** What the ETag begins with, for whoever writes under it. */
  readonly version?: number;
}

/**
 * Lets the one who asks, and nobody in between, keep the answer: it is asked for again each time, and sent only where it has changed. The ETag
 * is a digest of what they see (SEA-17): one of more than that could be tried against guesses until it tells the rest.
 * @returns whether they have it as it is; then 304 is the answer.
 */
export function isAsItWas(request: FastifyRequest, reply: FastifyReply, { shown, but = [], version }: Cached): boolean {
  const seen = Object.entries(shownTo(request, shown) as object).filter(([name]) => !but.includes(name));
  const etag = `"${version === undefined ? '' : `${String(version)}-`}${digestOf(seen)}"`;
  void reply.headers({ etag, 'cache-control': 'private, no-cache', vary: 'authorization' });
  const known = (request.headers['if-none-match'] ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return known.includes(etag);
}

function digestOf(seen: unknown): string {
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url').slice(0, 16);
}
