import { createHash } from 'node:crypto';

import type { FastifyReply, FastifyRequest } from 'fastify';

/** Of what is shown, as part of an ETag. */
export function digestOf(shown: unknown): string {
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 16);
}

/**
 * Lets the one who asks, and nobody in between, keep the answer: it is asked for again each time, and sent only where it has changed.
 * @returns whether they have it as it is; then 304 is the answer.
 */
export function isAsItWas({ headers }: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  const etag = `"${tag}"`;
  void reply.headers({ etag, 'cache-control': 'private, no-cache', vary: 'authorization' });
  const known = (headers['if-none-match'] ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return known.includes(etag);
}
