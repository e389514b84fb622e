import { EventEmitter, once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, it } from 'vitest';

import { answerErrors } from '../../server/answers/answer-errors.ts';
import { limitUnderWay } from '../../server/limits/limit-under-way.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

/** What may take 50 ms. */
async function slowly(answer: (reply: { readonly raw: NodeJS.WritableStream }) => Promise<unknown>): Promise<string> {
  app = Fastify();
  answerErrors(app);
  limitUnderWay(app);
  app.get('/slow', { config: { access: 'public', answerWithinMs: 50 } }, (_request, reply) => answer(reply));
  app.get('/quick', { config: { access: 'public' } }, () => ({ late: false }));
  return app.listen({ host: '127.0.0.1', port: 0 });
}

it('given what takes longer than it may, then the answer says so, once, and the server goes on', async () => {
  const url = await slowly(() => wait(2_000, { late: true }));
  const answer = await fetch(`${url}/slow`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    code: 'unavailable',
    detail: 'The request took too long. It may still complete.',
  });
  await wait(2_100);
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

it('given as many under way as may be, then one more is told to come back; when one has hung up, the next is let in', async () => {
  app = Fastify();
  answerErrors(app);
  limitUnderWay(app, 1);
  const asked = new EventEmitter();
  app.get('/v1/slow', { config: { access: 'public' } }, () => {
    asked.emit('slow');
    return new Promise(() => undefined);
  });
  app.get('/v1/quick', { config: { access: 'public' } }, () => ({ answered: true }));
  app.get('/healthz', { config: { access: 'public' } }, () => ({ alive: true }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const caller = new AbortController();
  const isAsked = once(asked, 'slow');
  const slow = fetch(`${url}/v1/slow`, { signal: caller.signal });
  await isAsked;
  const refused = await fetch(`${url}/v1/quick`);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ code: 'unavailable', detail: 'Too many requests are in progress.' });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  caller.abort();
  await expect(slow).rejects.toThrow();
  await expect.poll(async () => (await fetch(`${url}/v1/quick`)).status).toBe(200);
  expect((await fetch(`${url}/v1/quick`)).status).toBe(200);
});
