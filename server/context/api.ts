import type { IncomingMessage, ServerResponse } from 'node:http';

import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';

import type { StripeConnection } from '../../stripe/stripe-client.ts';
import type { Perennial } from '../../client/perennial.ts';
import type { Access, Authenticate } from '../auth/authenticate.ts';
import type { Idempotency } from './idempotency.ts';
import type { RateLimits } from '../auth/limit-rate.ts';
import type { Principal } from '../../client/credentials/principal.ts';

/** What the API answers with. */
export interface ApiContext {
  readonly perennial: Perennial;
  readonly authenticate: Authenticate;
  /** Whether test clocks may be used: never where Stripe's key is a live one. */
  readonly isSandbox: boolean;
  readonly logger: Logger;
  /** For the one thing that the API itself asks of Stripe: a page on which a card is saved. */
  readonly stripe: Pick<StripeConnection, 'apiKey' | 'apiBase'>;
  /** Where the process's Temporal worker serves its metrics, as `host:port`; `/metrics` has them too. */
  readonly workerMetricsAddress?: string;
  /** The signing secrets of Stripe's webhooks at the moment: two while one is being rotated. Default none: then nothing is taken. */
  readonly stripeWebhookSecrets?: () => readonly string[];
  /** Requests under way at once; more are told to come back. Default 1,000. */
  readonly maxUnderWay?: number;
  /** Default {@link DEFAULT_RATE_LIMITS}. */
  readonly rateLimits?: RateLimits;
  /** Where the pages are reached from outside, an origin; links are relative where it is not known. */
  readonly publicUrl?: string;
  /** Where the built pages are; without it there are none, and their paths say how to build them. */
  readonly pagesDirectory?: string;
  /** Origins whose pages may show a customer's pages in a frame. Default none but our own. */
  readonly frameOrigins?: readonly string[];
  /** Where operators find an account's workflow. */
  readonly temporal?: { readonly uiUrl: string | null; readonly namespace: string };
  /** Where a browser may be sent back to from Stripe's pages, beside `publicUrl`: origins. Default none. */
  readonly returnOrigins?: readonly string[];
}

/** A Fastify instance whose routes are typed by their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. Without it a route does not come into being. */
    access?: Access;
    /** How a POST under an Idempotency-Key is done once. Default `stored`. */
    idempotency?: Idempotency;
    /** Whether its answer stays open for hours: it is not counted among what is under way. */
    staysOpen?: boolean;
    /** How long it may take, where that is not the usual minute. */
    answerWithinMs?: number;
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** Who asks; only on routes that are not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error(`${request.url} is answered without knowing who asks`);
  return request.principal;
}
