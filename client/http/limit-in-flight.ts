import type { FastifyInstance } from 'fastify';

import { unavailableNow } from './failures.ts';

const DEFAULT_MAX_IN_FLIGHT = 1000;

/** Under overload a quick "come back" is worth more than a slow answer: what is under way gets done. Probes are always let in; what stays open has a limit of its own. */
export function limitInFlight(app: FastifyInstance, max = DEFAULT_MAX_IN_FLIGHT): void {
  let inFlight = 0;
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.url.startsWith('/v1') || request.routeOptions.config.staysOpen === true) {
      done();
      return;
    }
    if (inFlight >= max) {
      done(unavailableNow('Too much is under way at once.'));
      return;
    }
    inFlight++;
    // 'close' comes once, also when the caller has hung up.
    reply.raw.once('close', () => {
      inFlight--;
    });
    done();
  });
}
