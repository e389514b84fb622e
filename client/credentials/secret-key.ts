import { hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/**
 * `perennial_<8 public characters>_<32 random bytes, base64url>`: the beginning tells people and secret scanners what it is, the public part
 * finds it, the rest proves it.
 */
const KEY_FORMAT = /^perennial_([a-z0-9]{8})_([\w-]{43})$/;
const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export interface SecretKey {
  /** Its public part. */
  readonly keyId: string;
  /** The whole of it, shown once. */
  readonly secret: string;
}

export function newSecretKey(): SecretKey {
  const keyId = Array.from({ length: 8 }, () => ID_CHARACTERS[randomInt(ID_CHARACTERS.length)]).join('');
  return { keyId, secret: `perennial_${keyId}_${randomBytes(32).toString('base64url')}` };
}

/** The public part of a key as it was sent, or null for what cannot be a key. */
export function keyIdOf(secret: string): string | null {
  return KEY_FORMAT.exec(secret)?.[1] ?? null;
}

/** SHA-256 is enough for 32 random bytes: there is nothing to guess that a slow hash would protect. */
export function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

const NO_DIGEST = Buffer.alloc(32);

/** Takes as long whatever is wrong with the secret, and where there is nothing to compare with. */
export function isSecretOf(secret: string, secretDigest: Buffer | null): boolean {
  return timingSafeEqual(digestOf(secret), secretDigest ?? NO_DIGEST) && secretDigest !== null;
}
