import autocannon from 'autocannon';

/** A server and what it wants to see of whoever asks. */
export interface Target {
  readonly url: string;
  readonly key: string;
}

export interface Load {
  readonly path: string;
  /** A new body for every request. */
  readonly body: () => string;
  readonly connections: number;
  /** Requests in all: each is waited for, so that what was answered can be counted afterwards. */
  readonly count: number;
}

export interface Loaded {
  readonly perSecond: number;
  readonly p50Ms: number;
}

/** Asks as fast as answers come, on so many connections. @throws Error when anything else than a 2xx comes back. */
export async function load({ url, key }: Target, { path, body, connections, count }: Load): Promise<Loaded> {
  const startedAt = performance.now();
  const result = await autocannon({
    url: `${url}${path}`,
    connections,
    amount: count,
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    requests: [{ setupRequest: (request) => ({ ...request, body: body() }) }],
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(
      `${path}: ${String(result.non2xx)} answers were not 2xx, ${String(result.errors)} connections failed`,
    );
  }
  return { perSecond: count / seconds, p50Ms: result.latency.p50 };
}
