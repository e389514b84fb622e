import type { FastifyRequest } from 'fastify';

/**
 * SEA-17: what of a document the one who asks gets to see. For members that is what the route's schema for them names; what it does not name
 * is not there any more. Whatever else an answer says about a document, its ETag above all, is made of this and of nothing else.
 * @throws Error for a route that has nothing for members.
 */
export function shownTo({ principal, routeOptions, url }: FastifyRequest, document: unknown): unknown {
  const { access } = routeOptions.config;
  if (principal?.kind !== 'portal' || principal.role !== 'member') return document;
  if (access === undefined || access === 'public' || !('forMembers' in access)) {
    throw new Error(`${url} has nothing for members`);
  }
  return access.forMembers.parse(document);
}
