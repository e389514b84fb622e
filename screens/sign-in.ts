import type { BrowserContext } from 'playwright-core';

import type { HttpClient } from '../sdk/http-client.ts';
import type { Shot } from './shots.ts';

export interface Installation {
  readonly url: string;
  readonly key: string;
  readonly client: HttpClient;
}

/** A context of the browser becomes that of somebody who has signed in. */
export async function signIn(
  context: BrowserContext,
  { url, key, client }: Installation,
  as: Shot['as'],
): Promise<void> {
  if (as === 'operator') {
    const answer = await context.request.post(`${url}/operator/session`, { data: { key } });
    if (!answer.ok()) throw new Error(`signing in was answered ${String(answer.status())}`);
    return;
  }
  const { account, memberId, role } = as;
  const { data } = await client.POST('/v1/accounts/{account}/portal-sessions', {
    params: { path: { account } },
    body: { memberId, role },
  });
  if (data === undefined) throw new Error(`there is no session for ${memberId} of ${account}`);
  await context.request.post(`${url}/portal/session`, { data: { token: data.token } });
}
