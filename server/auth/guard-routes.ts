import type { FastifyInstance } from 'fastify';

import { z } from 'zod';

import { type Authenticate, authorize } from './authenticate.ts';
import type { LimitRate } from './limit-rate.ts';
import type { Presently } from './present-role.ts';
import { shownTo } from '../answers/shown-to.ts';

export interface Guards {
  readonly authenticate: Authenticate;
  /** Also counts what is refused after it. */
  readonly limit: LimitRate;
  /** What a token's person may be by now; looked up only of what was let through so far. Default: what the token says. */
  readonly presently?: Presently;
}

/**
 * No route can forget who may use it: one without `config.access` does not come into being, and one hook asks before anything of the
 * request is read.
 */
export function guardRoutes(app: FastifyInstance, { authenticate, limit, presently }: Guards): void {
  app.addHook('onRoute', ({ url, method, config }) => {
    if (!url.startsWith('/v1')) return;
    const access = config?.access;
    const name = `${String(method)} ${url}`;
    if (access === undefined) throw new Error(`${name} does not say who may use it (config.access)`);
    if (access === 'public' || access.portal === null) return;
    if (!url.includes('/:account')) throw new Error(`${name} is open to portal tokens and has no :account in its path`);
    if (access.portal === 'self' && !url.includes('/:member')) throw new Error(`${name} has no :member in its path`);
    if ('forMembers' in access) assertNoAmounts(name, access.forMembers);
  });
  app.addHook('onRequest', async (request, reply) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === 'public') return;
    request.principal = await authenticate(request);
    limit(request.principal, access, reply);
    authorize(request.principal, access, request.params);
    if (presently === undefined) return;
    request.principal = await presently(request.principal);
    authorize(request.principal, access, request.params);
  });
  app.addHook('preSerialization', (request, reply, payload, done) => {
    if (reply.statusCode >= 400) {
      done(null, payload);
      return;
    }
    try {
      done(null, shownTo(request, payload));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

const AMOUNT = /cents|amount|total|price|card|payment|brand|last4/i;

function assertNoAmounts(name: string, schema: z.ZodType): void {
  const amounts = propertiesOf(z.toJSONSchema(schema, { unrepresentable: 'any' })).filter((each) => AMOUNT.test(each));
  if (amounts.length > 0) throw new Error(`${name} would show members ${amounts.join(', ')}`);
}

function propertiesOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties } = schema as { properties?: object };
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(propertiesOf)];
}
