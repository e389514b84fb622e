import type { FastifyInstance } from 'fastify';

import { unavailableNow } from './failures.ts';

/** Longer than a command may take, whose payment is waited for. */
const ANSWER_WITHIN_MS = 60_000;

/**
 * Nobody waits for ever: what takes too long is answered so, though it may still be done. Fastify's own limit (`handlerTimeout`) makes a
 * signal for every request and aborts it at its end, which nothing here listens to, and which would be an eighth of what recording
 * an event costs.
 */
export function limitTime(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const timer = setTimeout(() => {
      // Sent, or in somebody else's hands because it stays open.
      if (reply.sent) return;
      // What has begun cannot become another answer.
      if (reply.raw.headersSent) reply.raw.destroy();
      else void reply.send(unavailableNow('This took too long; it may still be done.'));
    }, request.routeOptions.config.answerWithinMs ?? ANSWER_WITHIN_MS);
    // 'close' comes once, also when the caller has hung up.
    reply.raw.once('close', () => {
      clearTimeout(timer);
    });
    done();
  });
}
