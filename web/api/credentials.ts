/** Whose credentials requests carry: a cookie's, named by a header that no other site can send, or a token kept in memory. */
export type SessionKind = 'portal' | 'operator';

interface Credentials {
  readonly kind: SessionKind;
  /** Only in a frame of another site, which gets no cookie of ours. Gone with the page. */
  readonly bearer: string | null;
}

let current: Credentials = { kind: 'portal', bearer: null };

export function takeCookieOf(kind: SessionKind): void {
  current = { kind, bearer: null };
}

export function takeBearer(token: string): void {
  current = { kind: 'portal', bearer: token };
}

export function credentialHeaders(): Record<string, string> {
  return current.bearer === null
    ? { 'x-perennial-session': current.kind }
    : { authorization: `Bearer ${current.bearer}` };
}
