import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { answers } from '../answers/answers.ts';
import { type Api, type ApiContext, principalOf } from '../context/api.ts';
import { type Access, authorize } from '../auth/authenticate.ts';
import { EventStream } from '../answers/event-stream.ts';
import { accountParams } from '../schemas/fields.ts';
import { ownerOf, type Principal } from '../../client/credentials/principal.ts';
import { HttpRefusal } from '../answers/problem.ts';

const revision = z.object({ revision: z.string() });
const access = { scope: 'accounts:read', portal: 'member', forMembers: revision } as const satisfies Access;

/** Each keeps a connection. */
const MOST = 1000;
/** Of one portal user, who has so many tabs; of one key, which several operators may have signed in with. */
const MOST_OF = { portal: 10, key: 100 } as const;
const RETRY_AFTER_SECONDS = '30';
/** A revoked key is refused within 5 seconds everywhere, so here too. */
const CHECK_EVERY_MS = 5000;
const CHECKS_A_BEAT = 3;

/** An answer that stays open: each change of an account, as it happens. */
export function changeRoutes(api: Api, context: ApiContext): void {
  const watchers = new Watchers();
  const { response, ...codes } = answers({}, ['unknown_account']);
  const events = {
    description:
      '`event: revision` with `data: {"revision": "…"}`, initially and with every change; a comment line every 15 seconds.',
    content: { 'text/event-stream': { schema: z.string() as z.ZodType } },
  };
  api.addHook('preClose', (done) => {
    watchers.endAll();
    done();
  });
  api.get(
    '/v1/accounts/:account/changes',
    {
      config: { access, staysOpen: true },
      exposeHeadRoute: false,
      schema: {
        operationId: 'watchAccount',
        tags: ['Accounts'],
        summary: 'Stream account changes',
        description:
          'Server-sent events, within a second of any change to decisions, balances, invoices, notices, audit log, or test clock ' +
          'of the account. A revision signals that something has changed, not what: fetch what you display again. The stream ends ' +
          'when the credentials expire.',
        params: accountParams,
        response: { ...response, 200: events },
        ...codes,
      },
    },
    async (request, reply) => {
      await watch(context, watchers, { account: request.params.account, request, reply });
      return reply;
    },
  );
}

interface Watch {
  readonly account: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function watch(
  { perennial: { changes }, authenticate }: ApiContext,
  watchers: Watchers,
  { account, request, reply }: Watch,
): Promise<void> {
  const leave = watchers.enter(principalOf(request));
  let first: string;
  try {
    first = await changes.revisionOf(account);
  } catch (error) {
    leave();
    throw error;
  }
  const stream = new EventStream(reply);
  const tell = (found: string): void => {
    stream.send('revision', { revision: found });
  };
  tell(first);
  const stop = changes.watch(account, first, tell);
  let checks = 0;
  const check = setInterval(() => {
    if (++checks % CHECKS_A_BEAT === 0) stream.beat();
    void isStillAllowed(request, authenticate).then((isAllowed) => {
      if (!isAllowed) stream.end();
    });
  }, CHECK_EVERY_MS);
  watchers.add(stream);
  stream.onEnd(() => {
    clearInterval(check);
    stop();
    leave();
    watchers.delete(stream);
  });
}

async function isStillAllowed(request: FastifyRequest, authenticate: ApiContext['authenticate']): Promise<boolean> {
  try {
    authorize(await authenticate(request), access, request.params);
    return true;
  } catch (error) {
    // Postgres may be away: that says nothing about who asks.
    return !(error instanceof HttpRefusal);
  }
}

/** Who watches in this process. */
class Watchers {
  readonly #open = new Set<EventStream>();
  readonly #countOf = new Map<string, number>();
  #count = 0;

  /** Takes a place, and answers how it is left. @throws HttpRefusal `rate_limited` where there is none. */
  enter(principal: Principal): () => void {
    const owner = ownerOf(principal);
    const own = this.#countOf.get(owner) ?? 0;
    if (own >= MOST_OF[principal.kind] || this.#count >= MOST) {
      const whose = own >= MOST_OF[principal.kind] ? `You have ${String(own)}` : `There are ${String(this.#count)}`;
      const message = `${whose} open change streams, which is the maximum.`;
      throw new HttpRefusal('rate_limited', message, { 'retry-after': RETRY_AFTER_SECONDS });
    }
    this.#count++;
    this.#countOf.set(owner, own + 1);
    return () => {
      this.#count--;
      const left = (this.#countOf.get(owner) ?? 1) - 1;
      if (left === 0) this.#countOf.delete(owner);
      else this.#countOf.set(owner, left);
    };
  }

  add(stream: EventStream): void {
    this.#open.add(stream);
  }

  delete(stream: EventStream): void {
    this.#open.delete(stream);
  }

  endAll(): void {
    for (const stream of this.#open) stream.end();
  }
}
