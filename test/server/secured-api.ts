import { Writable } from 'node:stream';

import { pino } from 'pino';

import type { ApiContext } from '../../server/context/api.ts';
import { authenticateBearer } from '../../server/auth/authenticate-bearer.ts';
import { logOptions } from '../../server/log.ts';
import { type Scope, scope } from '../../client/credentials/principal.ts';
import { startApi } from '../../server/server.ts';
import { textOf } from './answer-text.ts';
import { type Engine, openEngine } from '../engine/engine-under-test.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: AnswerBody;
}

/** What tests look for in an answer; what it really is, they find out by looking. */
export interface AnswerBody extends Readonly<Record<string, unknown>> {
  readonly code?: string;
  readonly id?: string;
  readonly memberId?: string;
  readonly secret?: string | null;
  readonly token?: string;
  readonly revokedAt?: string | null;
  readonly items?: readonly { readonly id: string }[];
  readonly nextCursor?: string | null;
}

export interface Asking {
  readonly bearer?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SecuredApi {
  readonly engine: Engine;
  readonly url: string;
  /** Everything that was logged so far, from trace level on. */
  readonly logged: readonly string[];
  /** The secret of a key with every scope. */
  readonly key: string;
  keyWith: (...scopes: readonly Scope[]) => Promise<string>;
  portalToken: (accountId: string, memberId: string, role: 'admin' | 'member') => Promise<string>;
  /** As the key with every scope, unless the bearer says otherwise. */
  ask: (method: string, path: string, asking?: Asking) => Promise<Answer>;
  close: () => Promise<void>;
}

/** The API as it is run, with real keys and tokens. */
export async function openSecuredApi(
  options: Partial<ApiContext> = {},
  own: Parameters<typeof openEngine>[0] = {},
): Promise<SecuredApi> {
  const engine = await openEngine(own);
  const { perennial } = engine;
  const logged: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString());
      done();
    },
  });
  const { url, close } = await startApi(
    {
      perennial,
      authenticate: authenticateBearer(perennial),
      isSandbox: true,
      stripe: engine.options.stripe,
      logger: pino(logOptions('trace'), sink),
      ...options,
    },
    { host: '127.0.0.1', port: 0 },
  );
  const keyWith = async (...scopes: readonly Scope[]): Promise<string> =>
    (await perennial.keys.create({ name: `test ${scopes.join(' ')}`, scopes })).secret;
  const key = await keyWith(...scope.options);
  const ask: SecuredApi['ask'] = async (method, path, { bearer = key, body, headers = {} } = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await textOf(answer);
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    const document = (isJson ? JSON.parse(text) : {}) as AnswerBody;
    return { status: answer.status, headers: answer.headers, text, body: document };
  };
  return {
    ...{ engine, url, logged, key, keyWith, ask },
    portalToken: async (accountId, memberId, role) => {
      const claims = await perennial.openPortalSession({ accountId, memberId, role, isOperator: true });
      return perennial.portalTokens.sign(claims);
    },
    close: async () => {
      await close();
      await engine.close();
    },
  };
}
