import type { FastifyRequest } from 'fastify';

import { HttpRefusal } from '../answers/problem.ts';

/**
 * Signing somebody in, or out, is for our own pages. Browsers say where a request comes from: `Sec-Fetch-Site` wherever the connection can be
 * trusted, `Origin` with every POST. What says neither is no browser, and has no cookies that it would send unasked.
 * @throws HttpRefusal `forbidden`.
 */
export function assertSameOrigin({ headers, host }: FastifyRequest, publicUrl: string | undefined): void {
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  if (site !== undefined && site !== 'same-origin') throw foreign();
  if (site !== undefined || origin === undefined) return;
  if (origin === publicUrl || hostOf(origin) === host) return;
  throw foreign();
}

/** Null for what is no origin, as the `null` of a sandboxed frame. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function foreign(): HttpRefusal {
  return new HttpRefusal('forbidden', 'This endpoint is available to pages of the same origin only.');
}
