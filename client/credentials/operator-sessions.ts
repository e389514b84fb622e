import { hkdfSync } from 'node:crypto';

import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';

import type { InstallationSecret, InstallationSecrets } from './installation-secrets.ts';

/** What a sealed text is for. One made for one purpose cannot be opened for another: its key is another one. */
export type SealPurpose = 'session' | 'sign-in';

export interface Sealed {
  /** A server key's secret. Whether it is good is not said here: it is asked at every use. */
  readonly key: string;
  /** Seconds since 1970. */
  readonly expiresAtSeconds: number;
}

export interface Opened extends Sealed {
  /** Of this seal and no other. */
  readonly sealId: string;
}

export type FoundSeal = { readonly kind: 'live'; readonly sealed: Opened } | { readonly kind: 'unknown' | 'expired' };

/** A day's work: who wants more signs in again. */
export const MAX_SESSION_SECONDS = 8 * 3600;
/** From the terminal to the browser. */
export const SIGN_IN_SECONDS = 600;

const LIFETIMES: Readonly<Record<SealPurpose, number>> = { session: MAX_SESSION_SECONDS, 'sign-in': SIGN_IN_SECONDS };
const ISSUER = 'perennial';
const KEY_BYTES = 32;

const payloadShape = z.object({ key: z.string(), exp: z.int(), jti: z.string() });

/**
 * An operator's key on its way through a browser: sealed (JWE, RFC 7516, direct encryption with A256GCM) so that only this installation can
 * read it. Nothing is stored, and nothing is decided: every request that brings one is checked as if it brought the key, so that a key that
 * is revoked ends its sessions. That a sign-in code is good once, `SignInCodes` sees to.
 */
export class OperatorSessions {
  readonly #secrets: InstallationSecrets;
  readonly #nowMs: () => number;

  constructor(secrets: InstallationSecrets, { nowMs = Date.now }: { readonly nowMs?: () => number } = {}) {
    this.#secrets = secrets;
    this.#nowMs = nowMs;
  }

  /** When something sealed now for this purpose ends, at the latest. */
  endOf(purpose: SealPurpose): number {
    return Math.floor(this.#nowMs() / 1000) + LIFETIMES[purpose];
  }

  async seal(purpose: SealPurpose, { key, expiresAtSeconds }: Sealed): Promise<string> {
    const secret = await this.#secrets.newest();
    return new EncryptJWT({ key })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: typeOf(purpose), kid: secret.id })
      .setIssuer(ISSUER)
      .setAudience(audienceOf(purpose))
      .setJti(uuid())
      .setIssuedAt(Math.floor(this.#nowMs() / 1000))
      .setExpirationTime(expiresAtSeconds)
      .encrypt(keyFor(purpose, secret));
  }

  /** What was sealed, if we sealed it for this purpose and its time is not over. */
  async open(purpose: SealPurpose, text: string): Promise<FoundSeal> {
    const secret = await this.#secrets.behind(text);
    if (secret === undefined) return { kind: 'unknown' };
    try {
      const { payload } = await jwtDecrypt(text, keyFor(purpose, secret), {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        audience: audienceOf(purpose),
        issuer: ISSUER,
        typ: typeOf(purpose),
        requiredClaims: ['exp', 'iat'],
        maxTokenAge: LIFETIMES[purpose],
        currentDate: new Date(this.#nowMs()),
      });
      const { key, exp, jti } = payloadShape.parse(payload);
      return { kind: 'live', sealed: { key, expiresAtSeconds: exp, sealId: jti } };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { kind: 'expired' };
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return { kind: 'unknown' };
      throw error;
    }
  }
}

function audienceOf(purpose: SealPurpose): string {
  return `perennial-operator-${purpose}`;
}

function typeOf(purpose: SealPurpose): string {
  return `operator-${purpose}+jwt`;
}

/** HKDF (RFC 5869): what seals is not what signs portal tokens, though one secret is behind both. */
function keyFor(purpose: SealPurpose, { bytes }: InstallationSecret): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', bytes, '', audienceOf(purpose), KEY_BYTES));
}
