import { setTimeout as pause } from 'node:timers/promises';

import { createHttpClient, type HttpClient } from '../sdk/http-client.ts';
import type { Ground } from './play-scenario.ts';
import { answered } from './remote-answer.ts';
import { remoteEngine } from './remote-engine.ts';
import { TestClock } from './test-clock.ts';

export interface Installation {
  /** Of the API, without a path. */
  readonly url: string;
  /** With the scopes that scenarios need: all of them. */
  readonly key: string;
}

const MOST_WAITS = 100;

/**
 * A running sandbox, through its HTTP API alone. What was signed up there stays, under marked names, on a clock that nobody moves any more.
 * @throws RemoteProblem where the key is not known, or it is no sandbox.
 */
export async function openRemoteGround({ url, key }: Installation): Promise<Ground & { close(): Promise<void> }> {
  const http = createHttpClient(url, key);
  http.use({ onRequest: ({ request }) => askWhenThereIsRoom(request) });
  // Told before anything is played: a key that is not known, and an installation that takes real money.
  await answered(http.GET('/v1/test-clocks', { params: { query: { limit: 1 } } }));
  const client = remoteEngine(http);
  return {
    client,
    worker: null,
    publish: async ({ writtenCatalog }, name) => publish(http, { ...writtenCatalog, name }),
    createClock: (start, mark) => TestClock.create(client, `scenario${mark}`, start),
    close: () => Promise.resolve(),
  };
}

async function publish(
  http: HttpClient,
  catalog: Readonly<Record<string, unknown>>,
): Promise<{ readonly version: number }> {
  return answered(http.POST('/v1/catalogs', { body: catalog }));
}

/** Many scenarios are more than the requests a minute that a key has. What was too much was not done, so it is asked again. */
async function askWhenThereIsRoom(request: Request): Promise<Response> {
  for (let waits = 0; ; waits++) {
    const response = await fetch(request.clone());
    if (response.status !== 429 || waits === MOST_WAITS) return response;
    await pause(1000 * Number(response.headers.get('retry-after') ?? '1'));
  }
}
