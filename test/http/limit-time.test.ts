import { setTimeout as wait } from 'node:timers/promises';

import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, it } from 'vitest';

import { answerErrors } from '../../client/http/answer-errors.ts';
import { limitTime } from '../../client/http/limit-time.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

/** What may take 50 ms. */
async function slowly(answer: (reply: { readonly raw: NodeJS.WritableStream }) => Promise<unknown>): Promise<string> {
  app = Fastify();
  answerErrors(app);
  limitTime(app);
  app.get('/slow', { config: { access: 'public', answerWithinMs: 50 } }, (_request, reply) => answer(reply));
  app.get('/quick', { config: { access: 'public' } }, () => ({ late: false }));
  return app.listen({ host: '127.0.0.1', port: 0 });
}

it('given what takes longer than it may, then the answer says so, once, and the server goes on', async () => {
  const url = await slowly(() => wait(200, { late: true }));
  const answer = await fetch(`${url}/slow`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    code: 'unavailable',
    detail: 'This took too long; it may still be done.',
  });
  await wait(250);
  expect(await (await fetch(`${url}/quick`)).json()).toEqual({ late: false });
});

it('given an answer that has begun and does not end, then its connection ends', async () => {
  const url = await slowly(({ raw }) => {
    raw.write('the beginning');
    return new Promise(() => undefined);
  });
  const ended = fetch(`${url}/slow`, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.text());
  await expect(ended).rejects.toThrow('terminated');
  expect(await (await fetch(`${url}/quick`)).json()).toEqual({ late: false });
});
