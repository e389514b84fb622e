import { pino } from 'pino';

import type { Perennial } from '../../client/perennial.ts';
import type { ApiContext } from '../context/api.ts';
import { HttpRefusal } from '../answers/problem.ts';
import { buildApi } from '../server.ts';

/** The OpenAPI document, without anything running: describing routes asks nothing of what they work with. */
export async function openApiDocument(): Promise<object> {
  const nothing: unknown = {};
  const context: ApiContext = {
    perennial: nothing as Perennial,
    authenticate: () => Promise.reject(new HttpRefusal('unauthorized', 'No credentials are valid here.')),
    isSandbox: true,
    stripe: { apiKey: 'sk_test_never_asked', apiBase: null },
    logger: pino({ enabled: false }),
  };
  const app = buildApi(context);
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}
