import autocannon from 'autocannon';

/** A server and what it wants to see of whoever asks. */
export interface Target {
  readonly url: string;
  readonly key: string;
}

export interface Load {
  readonly path: string;
  /** One request for each, in order: written before the clock starts, as the rows of the baselines are. */
  readonly bodies: readonly string[];
  readonly connections: number;
}

export interface Loaded {
  readonly perSecond: number;
  readonly p50Ms: number;
}

/** Asks as fast as answers come, on so many connections. @throws Error when anything else than a 2xx comes back. */
export async function load({ url, key }: Target, { path, bodies, connections }: Load): Promise<Loaded> {
  const left = bodies.values();
  const startedAt = performance.now();
  let answeredAt = startedAt;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options = {
      url: `${url}${path}`,
      connections,
      amount: bodies.length,
      method: 'POST' as const,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      requests: [{ setupRequest: (request: autocannon.Request) => ({ ...request, body: left.next().value ?? '' }) }],
    };
    const asking = autocannon(options, (error: Error | null, ended) => {
      if (error === null) resolve(ended);
      else reject(error);
    });
    // It ends when its own clock ticks next, up to a second after the last answer.
    asking.on('response', () => {
      answeredAt = performance.now();
    });
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(
      `${path}: ${String(result.non2xx)} answers were not 2xx, ${String(result.errors)} connections failed`,
    );
  }
  return { perSecond: (bodies.length * 1000) / (answeredAt - startedAt), p50Ms: result.latency.p50 };
}
