import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Whose pages: a customer's people, or the operators of the installation. */
export type SessionName = 'portal' | 'operator';

const HEADER = 'x-perennial-session';
const COOKIES: Readonly<Record<SessionName, string>> = { portal: 'perennial_portal', operator: 'perennial_operator' };
/** Browsers keep no longer one (RFC 6265, 6.1). */
const MAX_LENGTH = 4096;

/**
 * The session that a request asks to be made in. A page of another origin cannot send the header: it would take a CORS preflight, which
 * nobody grants. So a cookie, which browsers send by themselves, counts only where one of our own pages asked.
 */
export function sessionAskedFor({ headers }: FastifyRequest): SessionName | null {
  const name = headers[HEADER];
  return name === 'portal' || name === 'operator' ? name : null;
}

/** What is in a session's cookie; null where there is none. */
export function sessionCookie({ headers, server }: FastifyRequest, session: SessionName): string | null {
  const { cookie } = headers;
  if (cookie === undefined) return null;
  const value = server.parseCookie(cookie)[COOKIES[session]];
  return value === undefined || value === '' || value.length > MAX_LENGTH ? null : value;
}

export interface CookieTerms {
  /** Only over TLS: where the pages are reached so. */
  readonly isSecure: boolean;
}

export function keepSession(
  reply: FastifyReply,
  session: SessionName,
  value: string,
  { isSecure, maxAgeSeconds }: CookieTerms & { readonly maxAgeSeconds: number },
): void {
  void reply.setCookie(COOKIES[session], value, { ...attributes(isSecure), maxAge: maxAgeSeconds });
}

export function endSession(reply: FastifyReply, session: SessionName, { isSecure }: CookieTerms): void {
  void reply.clearCookie(COOKIES[session], attributes(isSecure));
}

function attributes(secure: boolean): CookieSerializeOptions {
  return { httpOnly: true, sameSite: 'strict', path: '/', secure };
}
