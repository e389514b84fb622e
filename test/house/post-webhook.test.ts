import { type AddressInfo, createServer, type Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import { postWebhook, type WebhookAnswer } from '../../workers/outgoing/post-webhook.ts';
import { lookupPublic } from '../../workers/outgoing/public-address.ts';

const message = { headers: { 'content-type': 'application/json' }, body: '{}' };

/** One try at an endpoint that does this with the connection once it has heard something. */
async function tryAt(misbehave: (socket: Socket) => void): Promise<WebhookAnswer> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      misbehave(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await postWebhook({ ...message, url: `http://127.0.0.1:${String(port)}/`, allowPrivate: true });
  } finally {
    server.close();
  }
}

/** What a lookup says, and what it throws at nobody: vitest fails a run in which an error is caught by nobody. */
function lookedUp(hostname: string, all: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    lookupPublic(hostname, { all }, (error) => {
      resolve(error?.message);
    });
  });
}

describe('a try at an endpoint, on production settings', () => {
  it('given a host that does not resolve, then it is an ordinary failed try', async () => {
    const answer = await postWebhook({ ...message, url: 'https://nowhere.invalid/hooks', allowPrivate: false });
    expect(answer).toMatchObject({ status: null, response: null });
    expect(answer.problem).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(await lookedUp('nowhere.invalid', true)).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(await lookedUp('nowhere.invalid', false)).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it('given a host that resolves to this machine, then it is a failed try that says so', async () => {
    const answer = await postWebhook({ ...message, url: 'https://localhost/hooks', allowPrivate: false });
    expect(answer.problem).toContain('not on the public internet');
    expect(await lookedUp('localhost', false)).toContain('not on the public internet');
  });

  it('given an address that cannot be read, or headers that cannot be sent, then it is a failed try', async () => {
    expect((await postWebhook({ ...message, url: 'nonsense', allowPrivate: false })).problem).toContain('Invalid URL');
    const broken = { ...message, headers: { 'webhook-id': 'a\nb' }, url: 'https://nowhere.invalid/' };
    expect((await postWebhook({ ...broken, allowPrivate: false })).problem).toContain('webhook-id');
  });
});

describe('a try at an endpoint that misbehaves', () => {
  const cases: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
    ['closes without a word', (socket) => socket.end(), /socket hang up/],
    ['resets the connection', (socket) => socket.resetAndDestroy(), /ECONNRESET|socket hang up/],
    ['speaks no HTTP', (socket) => socket.write('220 smtp.example.com ESMTP\r\n\r\n'), /Parse Error/],
    ['has endless headers', (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(90_000)}`), /Header overflow/],
    [
      'breaks off in the middle of its answer',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
        setTimeout(() => socket.destroy(), 30);
      },
      /aborted/,
    ],
    [
      'goes over to another protocol',
      (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
      /closed without an answer/,
    ],
  ];
  for (const [name, misbehave, problem] of cases) {
    it(`given one that ${name}, then the try has failed`, async () => {
      const answer = await tryAt(misbehave);
      expect(answer.status).toBeNull();
      expect(answer.problem).toMatch(problem);
    });
  }

  it('given early hints, or a book for an answer, then the status counts', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n';
    expect((await tryAt((socket) => socket.write(early))).status).toBe(204);
    const book = await tryAt((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(400_000)}`);
      setTimeout(() => socket.resetAndDestroy(), 30);
    });
    expect([book.status, book.response?.length]).toEqual([200, 1_024]);
  });
});
