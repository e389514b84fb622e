import { createHash, randomBytes } from 'node:crypto';

import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';

import { addSeconds, type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import type { MemberRole } from '../../billing/facts/facts.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { Database } from '../../db/database.ts';
import { ensurePortalSecret, livePortalSecrets, rotatePortalSecret } from '../../db/portal-secrets.ts';
import { BriefCache } from './brief-cache.ts';

/** One person of one account, for a short time: all that a token says. */
export interface PortalClaims {
  readonly tokenId: string;
  readonly accountId: string;
  readonly memberId: string;
  readonly role: MemberRole;
  /** Seconds since 1970, as in the token. */
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
}

export type FoundToken =
  { readonly kind: 'live'; readonly claims: PortalClaims } | { readonly kind: 'unknown' | 'expired' };

export interface PortalTokensOptions {
  /** The first signs, all verify. Where none is given the installation's own are kept in the database. */
  readonly secrets?: readonly string[];
  /** How long the installation's secrets are trusted that were read. Default 5 seconds. */
  readonly cacheMs?: number;
  readonly nowMs?: () => number;
}

export const MAX_TOKEN_SECONDS = 3600;

const ISSUER = 'perennial';
const AUDIENCE = 'perennial-portal';
const ALGORITHM = 'HS256';
const TYPE = 'portal+jwt';
const CACHE_MS = 5000;
const LOOK_AGAIN_EVERY_MS = 1000;
/** What signed the last token before a rotation verifies as long as that may live, and a little for processes that read late. */
const RETIRES_AFTER_SECONDS = MAX_TOKEN_SECONDS + 60;

interface Secret {
  readonly id: string;
  readonly bytes: Uint8Array;
}

const payloadShape = z.object({
  jti: z.string(),
  sub: z.string(),
  account: z.string(),
  role: z.enum(['admin', 'member']),
  iat: z.int(),
  exp: z.int(),
});

/** Short-lived tokens for the pages: JWTs (RFC 7519) signed with HS256, for one account, one member, one role. */
export class PortalTokens {
  readonly #db: Database;
  readonly #given: readonly Secret[];
  readonly #kept: BriefCache<readonly Secret[]>;
  readonly #nowMs: () => number;
  #lookedAgainAtMs = 0;

  constructor(db: Database, { secrets = [], cacheMs = CACHE_MS, nowMs = Date.now }: PortalTokensOptions = {}) {
    this.#db = db;
    this.#nowMs = nowMs;
    this.#given = secrets.map((secret) => secretOf(Buffer.from(secret, 'utf8')));
    this.#kept = new BriefCache(() => this.#readKept(), { ttlMs: cacheMs, maxEntries: 1, nowMs });
  }

  /** What a new token will say. Nothing is kept of it: a session is its token. */
  claimsFor(who: Pick<PortalClaims, 'accountId' | 'memberId' | 'role'>, expiresInSeconds: number): PortalClaims {
    if (expiresInSeconds > MAX_TOKEN_SECONDS) throw new RangeError('a portal token lives an hour at most');
    const issuedAtSeconds = Math.floor(this.#nowMs() / 1000);
    return { tokenId: uuid(), ...who, issuedAtSeconds, expiresAtSeconds: issuedAtSeconds + expiresInSeconds };
  }

  /** The same claims under the same secret are the same token, so a repeated request can be answered without storing it. */
  async sign(claims: PortalClaims): Promise<string> {
    const [secret] = await this.#secrets();
    if (secret === undefined) throw new Error('there is no secret to sign portal tokens with');
    return new SignJWT({ account: claims.accountId, role: claims.role })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: secret.id })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(claims.memberId)
      .setJti(claims.tokenId)
      .setIssuedAt(claims.issuedAtSeconds)
      .setExpirationTime(claims.expiresAtSeconds)
      .sign(secret.bytes);
  }

  /** What a token says, if we signed it, it is meant for the pages, and its time is not over. */
  async find(token: string): Promise<FoundToken> {
    const secret = await this.#secretNamed(keyIdOf(token));
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
      const { jti, sub, account, role, iat, exp } = payloadShape.parse(payload);
      const claims = { tokenId: jti, accountId: account, memberId: sub, role };
      return { kind: 'live', claims: { ...claims, issuedAtSeconds: iat, expiresAtSeconds: exp } };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { kind: 'expired' };
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return { kind: 'unknown' };
      throw error;
    }
  }

  /** A new secret signs from now on; tokens of the one before live to their end. Done twice, the older of three still verifies. @throws Refusal where settings name it. */
  async rotate(): Promise<void> {
    if (this.#given.length > 0) {
      const message =
        'The secret of portal tokens is set by PERENNIAL_SECRET; put the new one before it, with a comma.';
      throw new Refusal({ code: 'invalid_request', message });
    }
    const now = instantFromEpochMs(this.#nowMs());
    await rotatePortalSecret(this.#db, this.#newSecret(), addSeconds(now, RETIRES_AFTER_SECONDS));
    this.#kept.forget('');
  }

  /** Another process may have rotated a moment ago: a name that is not known is looked up, but not for every stranger's token. */
  async #secretNamed(id: string | null): Promise<Secret | undefined> {
    const known = (await this.#secrets()).find((each) => each.id === id);
    if (known !== undefined || this.#given.length > 0 || id === null) return known;
    if (this.#nowMs() - this.#lookedAgainAtMs < LOOK_AGAIN_EVERY_MS) return undefined;
    this.#lookedAgainAtMs = this.#nowMs();
    this.#kept.forget('');
    return (await this.#secrets()).find((each) => each.id === id);
  }

  #secrets(): Promise<readonly Secret[]> {
    return this.#given.length > 0 ? Promise.resolve(this.#given) : this.#kept.get('');
  }

  async #readKept(): Promise<readonly Secret[]> {
    const now = instantFromEpochMs(this.#nowMs());
    const found = await livePortalSecrets(this.#db, now);
    if (found.some(({ retiresAt }) => retiresAt === null)) return found.map(({ secret }) => secretOf(secret));
    await ensurePortalSecret(this.#db, this.#newSecret());
    return (await livePortalSecrets(this.#db, now)).map(({ secret }) => secretOf(secret));
  }

  #newSecret(): { secretId: string; secret: Buffer; createdAt: Instant } {
    const secret = randomBytes(32);
    return { secretId: secretOf(secret).id, secret, createdAt: instantFromEpochMs(this.#nowMs()) };
  }
}

/** Named by its digest, so that a token tells which of several signed it, and processes need not agree on names. */
function secretOf(bytes: Buffer): Secret {
  return { id: createHash('sha256').update('portal secret ').update(bytes).digest('base64url').slice(0, 12), bytes };
}

function keyIdOf(token: string): string | null {
  try {
    return decodeProtectedHeader(token).kid ?? null;
  } catch {
    return null;
  }
}
