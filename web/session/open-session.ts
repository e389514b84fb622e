import { takeBearer, takeCookieOf } from '../api/credentials.ts';
import { Problem } from '../api/problem.ts';
import type { OperatorSession, Session } from './session.ts';

type PortalSession = Extract<Session, { kind: 'portal' }>;

/** A token came with the link's fragment: it becomes a cookie, or, in a frame of another site, stays in memory. */
export async function openPortal(fragment: URLSearchParams): Promise<PortalSession> {
  const token = fragment.get('token');
  if (token !== null && isFramed()) {
    takeBearer(token);
    return sessionIn(token);
  }
  takeCookieOf('portal');
  if (token !== null) await send('POST', '/portal/session', { token });
  return { kind: 'portal', ...((await send('GET', '/portal/session')) as Omit<PortalSession, 'kind'>) };
}

/** A sign-in link's code, or the cookie of an earlier one; null where nobody has signed in. */
export async function openOperator(fragment: URLSearchParams): Promise<OperatorSession | null> {
  takeCookieOf('operator');
  const code = fragment.get('code');
  if (code === null) return earlierOperator();
  try {
    await send('POST', '/operator/session', { code });
  } catch (refused) {
    // A link is good once. Where it has signed in already, it may be followed again.
    const earlier = await earlierOperator();
    if (earlier === null) throw refused;
    return earlier;
  }
  return readOperator();
}

async function earlierOperator(): Promise<OperatorSession | null> {
  return readOperator().catch((error: unknown) => {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  });
}

export async function signInWithKey(key: string): Promise<OperatorSession> {
  takeCookieOf('operator');
  await send('POST', '/operator/session', { key });
  return readOperator();
}

export async function signOut(kind: Session['kind']): Promise<void> {
  await send('DELETE', `/${kind}/session`);
}

async function readOperator(): Promise<OperatorSession> {
  return { kind: 'operator', ...((await send('GET', '/operator/session')) as Omit<OperatorSession, 'kind'>) };
}

/** Fragments are taken out of the address before anything else, so that a token is in no history. */
export function takeFragment(): URLSearchParams {
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  if (window.location.hash !== '') {
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
  }
  return fragment;
}

function isFramed(): boolean {
  return window.self !== window.top;
}

/** What a token says of itself, to know where to go; whether it is true, the server decides with each request. */
function sessionIn(token: string): PortalSession {
  try {
    const payload = JSON.parse(
      new TextDecoder().decode(
        Uint8Array.from(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')), (char) =>
          char.charCodeAt(0),
        ),
      ),
    ) as { account: string; sub: string; role: 'admin' | 'member'; exp: number };
    const expiresAt = new Date(payload.exp * 1000).toISOString();
    return { kind: 'portal', accountId: payload.account, memberId: payload.sub, role: payload.role, expiresAt };
  } catch {
    throw new Problem(401, { code: 'unauthorized', detail: 'This link is incomplete.' });
  }
}

async function send(method: 'GET' | 'POST' | 'DELETE', url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer: unknown = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, answer as Readonly<Record<string, unknown>>);
  return answer;
}
