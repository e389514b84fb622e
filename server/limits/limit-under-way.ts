import type { FastifyInstance, FastifyReply } from 'fastify';

import { unavailableNow } from '../answers/failures.ts';

const DEFAULT_MAX_UNDER_WAY = 1000;
/** Longer than a command may take, whose payment is waited for. */
const ANSWER_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

interface UnderWay {
  readonly reply: FastifyReply;
  readonly answerBy: number;
}

/**
 * Requests that are not answered yet: only so many at once, for under overload a quick "come back" is worth more than a slow answer; and
 * none for ever. Fastify's own limit (`handlerTimeout`) makes a signal for every request and aborts it at its end, which nothing here
 * listens to, and a timer for each would cost more than to look at all of them now and then.
 */
export function limitUnderWay(app: FastifyInstance, max = DEFAULT_MAX_UNDER_WAY): void {
  const places = new Places<UnderWay>();
  let count = 0;
  app.addHook('onRequest', (request, reply, done) => {
    const { staysOpen = false, answerWithinMs = ANSWER_WITHIN_MS } = request.routeOptions.config;
    // Probes are always let in; what stays open has a limit of its own.
    const counts = !staysOpen && request.url.startsWith('/v1');
    if (counts && count >= max) {
      done(unavailableNow('Too many requests are in progress.'));
      return;
    }
    if (counts) count++;
    const place = places.take({ reply, answerBy: Date.now() + answerWithinMs });
    // 'close' comes once, also when the caller has hung up.
    reply.raw.on('close', () => {
      if (counts) count--;
      places.leave(place);
    });
    done();
  });
  const looking = setInterval(() => {
    const now = Date.now();
    for (const each of places.taken()) if (each.answerBy <= now) answerLate(each.reply);
  }, LOOK_EVERY_MS).unref();
  app.addHook('onClose', (_app, done) => {
    clearInterval(looking);
    done();
  });
}

/**
 * What is under way, by numbered places that are used again. Not a Map: one that thousands a second come to and leave grows a new table all
 * the time, and what stood in the old ones is kept alive until the next full collection.
 */
class Places<Item> {
  readonly #items: (Item | null)[] = [];
  readonly #free: number[] = [];

  take(item: Item): number {
    const place = this.#free.pop() ?? this.#items.length;
    this.#items[place] = item;
    return place;
  }

  leave(place: number): void {
    this.#items[place] = null;
    this.#free.push(place);
  }

  *taken(): Iterable<Item> {
    for (const item of this.#items) if (item !== null) yield item;
  }
}

function answerLate(reply: FastifyReply): void {
  // Sent, or in somebody else's hands because it stays open.
  if (reply.sent) return;
  // What has begun cannot become another answer.
  if (reply.raw.headersSent) reply.raw.destroy();
  else void reply.send(unavailableNow('The request took too long. It may still complete.'));
}
