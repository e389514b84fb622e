import { Writable } from 'node:stream';

import { pino } from 'pino';

import type { ApiContext } from '../../server/context/api.ts';
import { logOptions } from '../../server/log.ts';
import { type Principal, scope } from '../../client/credentials/principal.ts';
import { HttpRefusal } from '../../server/answers/problem.ts';
import { startApi } from '../../server/server.ts';
import { createHttpClient, type HttpClient } from '../../sdk/http-client.ts';
import { documentedCodes } from './documented-codes.ts';
import { type Engine, openEngine } from '../engine/engine-under-test.ts';

export interface ApiUnderTest {
  readonly engine: Engine;
  readonly url: string;
  /** What was logged so far, a line each. */
  readonly logged: readonly string[];
  /** A token for somebody, which is good as long as the test runs. */
  tokenOf: (principal: Principal) => string;
  /** A key with every scope. */
  readonly key: string;
  /** The generated client; it fails when an answer's code is not one that the operation documents. */
  clientOf: (token: string) => HttpClient;
  readonly client: HttpClient;
  close: () => Promise<void>;
}

/** The API on a port of its own, on an engine of its own. Who may ask is told to it: keys and portal tokens have tests of their own. */
export async function openApi(
  options: Partial<ApiContext> = {},
  own: Parameters<typeof openEngine>[0] = {},
): Promise<ApiUnderTest> {
  const engine = await openEngine(own);
  const principals = new Map<string, Principal>();
  const logged: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString());
      done();
    },
  });
  const tokenOf = (principal: Principal): string => {
    const token = `token-${String(principals.size + 1)}`;
    principals.set(token, principal);
    return token;
  };
  const { url, close } = await startApi(
    {
      perennial: engine.perennial,
      authenticate: ({ headers }) => {
        const found = principals.get(headers.authorization?.replace('Bearer ', '') ?? '');
        return found === undefined
          ? Promise.reject(new HttpRefusal('unauthorized', 'This key does not exist.'))
          : Promise.resolve(found);
      },
      isSandbox: true,
      stripe: engine.options.stripe,
      logger: pino(logOptions('info'), sink),
      ...options,
    },
    { host: '127.0.0.1', port: 0 },
  );
  const clientOf = (token: string): HttpClient => {
    const client = createHttpClient(url, token);
    client.use(documentedCodes);
    return client;
  };
  const key = tokenOf({ kind: 'key', keyId: 'test', scopes: scope.options });
  return {
    ...{ engine, url, logged, tokenOf, clientOf, key },
    client: clientOf(key),
    close: async () => {
      await close();
      await engine.close();
    },
  };
}
