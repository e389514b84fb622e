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

/** Every answer has them; the pages say more (`serve-pages.ts`). */
export function sendSafeHeaders(app: FastifyInstance): void {
  const headers = headersOfHelmet({ contentSecurityPolicy: false });
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}
