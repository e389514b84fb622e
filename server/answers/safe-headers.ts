import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';

/**
 * What helmet says to browsers with such options. The same for every answer, so it is asked once, when a server is built, instead of a
 * dozen functions for each request.
 */
export function headersOfHelmet(options: HelmetOptions): Readonly<Record<string, string>> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, (error?: unknown) => {
    if (error !== undefined) throw new Error('helmet refused its options', { cause: error });
  });
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}

/** What browsers heed about data as well: not to guess what it is, to come back by TLS, to show it in no frame and give it to no other site. */
const FOR_DATA: HelmetOptions = {
  contentSecurityPolicy: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  referrerPolicy: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/** Every answer has them; documents have more, and the pages say more again (`serve-pages.ts`). */
export function sendSafeHeaders(app: FastifyInstance): void {
  const ofData = headersOfHelmet(FOR_DATA);
  const ofDocuments = headersOfHelmet({ contentSecurityPolicy: false });
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(request.url.startsWith('/v1/') ? ofData : ofDocuments);
    done();
  });
}
