import { errors, jwtVerify, SignJWT } from 'jose';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';

import type { MemberRole } from '../../billing/model/facts.ts';
import type { InstallationSecrets } from './installation-secrets.ts';

/** One person of one account, for a short time: all that a token says. */
export interface PortalClaims {
  readonly tokenId: string;
  readonly accountId: string;
  readonly memberId: string;
  /** The most that they may be: what they are by now is looked up (SEA-17). */
  readonly role: MemberRole;
  /** An operator, who acts for the account without being one of its people. */
  readonly isSupport: boolean;
  /** Seconds since 1970, as in the token. */
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
}

export type FoundToken =
  { readonly kind: 'live'; readonly claims: PortalClaims } | { readonly kind: 'unknown' | 'expired' };

export const MAX_TOKEN_SECONDS = 3600;

const ISSUER = 'perennial';
const AUDIENCE = 'perennial-portal';
const ALGORITHM = 'HS256';
const TYPE = 'portal+jwt';
/** What signed the last token before a rotation verifies as long as that may live, and a little for processes that read late. */
const RETIRES_AFTER_SECONDS = MAX_TOKEN_SECONDS + 60;

const payloadShape = z.object({
  jti: z.string(),
  sub: z.string(),
  account: z.string(),
  role: z.enum(['admin', 'member']),
  support: z.literal(true).optional(),
  iat: z.int(),
  exp: z.int(),
});

/** Short-lived tokens for the pages: JWTs (RFC 7519) signed with HS256, for one account, one member, one role. */
export class PortalTokens {
  readonly #secrets: InstallationSecrets;
  readonly #nowMs: () => number;

  constructor(secrets: InstallationSecrets, { nowMs = Date.now }: { readonly nowMs?: () => number } = {}) {
    this.#secrets = secrets;
    this.#nowMs = nowMs;
  }

  /** What a new token will say. Nothing is kept of it: a session is its token. */
  claimsFor(
    {
      isSupport = false,
      ...who
    }: Pick<PortalClaims, 'accountId' | 'memberId' | 'role'> & { readonly isSupport?: boolean },
    expiresInSeconds: number,
  ): PortalClaims {
    if (expiresInSeconds > MAX_TOKEN_SECONDS) throw new RangeError('a portal token lives an hour at most');
    const issuedAtSeconds = Math.floor(this.#nowMs() / 1000);
    return {
      tokenId: uuid(),
      ...who,
      isSupport,
      issuedAtSeconds,
      expiresAtSeconds: issuedAtSeconds + expiresInSeconds,
    };
  }

  /** The same claims under the same secret are the same token, so a repeated request can be answered without storing it. */
  async sign(claims: PortalClaims): Promise<string> {
    const { id, bytes } = await this.#secrets.newest();
    const support = claims.isSupport ? { support: true } : {};
    return new SignJWT({ account: claims.accountId, role: claims.role, ...support })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: id })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(claims.memberId)
      .setJti(claims.tokenId)
      .setIssuedAt(claims.issuedAtSeconds)
      .setExpirationTime(claims.expiresAtSeconds)
      .sign(bytes);
  }

  /** What a token says, if we signed it, it is meant for the pages, and its time is not over. */
  async find(token: string): Promise<FoundToken> {
    const secret = await this.#secrets.behind(token);
    if (secret === undefined) return { kind: 'unknown' };
    try {
      const { payload } = await jwtVerify(token, secret.bytes, {
        algorithms: [ALGORITHM],
        audience: AUDIENCE,
        issuer: ISSUER,
        typ: TYPE,
        requiredClaims: ['exp', 'iat', 'jti', 'sub'],
        maxTokenAge: MAX_TOKEN_SECONDS,
        currentDate: new Date(this.#nowMs()),
      });
      const { jti, sub, account, role, support = false, iat, exp } = payloadShape.parse(payload);
      const claims = { tokenId: jti, accountId: account, memberId: sub, role, isSupport: support };
      return { kind: 'live', claims: { ...claims, issuedAtSeconds: iat, expiresAtSeconds: exp } };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { kind: 'expired' };
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return { kind: 'unknown' };
      throw error;
    }
  }

  /** A new secret signs from now on; tokens of the one before live to their end. Done twice, the older of three still verifies. @throws Refusal where settings name it. */
  rotate(): Promise<void> {
    return this.#secrets.rotate(RETIRES_AFTER_SECONDS);
  }
}
