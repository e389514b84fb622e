import { createHash, randomBytes } from 'node:crypto';

import { decodeProtectedHeader } from 'jose';

import { addSeconds, type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { Database } from '../../db/database.ts';
import { ensurePortalSecret, livePortalSecrets, rotatePortalSecret } from '../../db/access/portal-secrets.ts';
import { BriefCache } from './brief-cache.ts';

export interface InstallationSecret {
  /** Its digest, so that whatever was made with it tells with which, and processes need not agree on names. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

export interface InstallationSecretsOptions {
  /** The first makes, all are good for reading. Where none is given the installation's own are kept in the database. */
  readonly secrets?: readonly string[];
  /** How long the installation's secrets are trusted that were read. Default 5 seconds. */
  readonly cacheMs?: number;
  readonly nowMs?: () => number;
}

const CACHE_MS = 5000;
const LOOK_AGAIN_EVERY_MS = 1000;

/** What an installation signs and seals with: given by settings, or made by itself and kept in its database. Two may live at once. */
export class InstallationSecrets {
  readonly #db: Database;
  readonly #given: readonly InstallationSecret[];
  readonly #kept: BriefCache<readonly InstallationSecret[]>;
  readonly #nowMs: () => number;
  #lookedAgainAtMs = 0;

  constructor(db: Database, { secrets = [], cacheMs = CACHE_MS, nowMs = Date.now }: InstallationSecretsOptions = {}) {
    this.#db = db;
    this.#nowMs = nowMs;
    this.#given = secrets.map((secret) => secretOf(Buffer.from(secret, 'utf8')));
    this.#kept = new BriefCache(() => this.#readKept(), { ttlMs: cacheMs, maxEntries: 1, nowMs });
  }

  /** The one that what is new is made with. */
  async newest(): Promise<InstallationSecret> {
    const [secret] = await this.#all();
    if (secret === undefined) throw new Error('there is no secret to sign or seal with');
    return secret;
  }

  /**
   * The one that a token (JWS or JWE) says it was made with. Another process may have rotated a moment ago: a name that is not known is
   * looked up, but not for every stranger's token.
   */
  async behind(token: string): Promise<InstallationSecret | undefined> {
    const id = nameIn(token);
    const known = (await this.#all()).find((each) => each.id === id);
    if (known !== undefined || this.#given.length > 0 || id === null) return known;
    if (this.#nowMs() - this.#lookedAgainAtMs < LOOK_AGAIN_EVERY_MS) return undefined;
    this.#lookedAgainAtMs = this.#nowMs();
    this.#kept.forget('');
    return (await this.#all()).find((each) => each.id === id);
  }

  /** A new secret from now on; the one before reads for so long. Done twice, the older of three still reads. @throws Refusal where settings name it. */
  async rotate(retiresAfterSeconds: number): Promise<void> {
    if (this.#given.length > 0) {
      const message =
        'The portal token secret is set by PERENNIAL_SECRET. Put the new secret first, followed by a comma.';
      throw new Refusal({ code: 'invalid_request', message });
    }
    const now = instantFromEpochMs(this.#nowMs());
    await rotatePortalSecret(this.#db, this.#made(), addSeconds(now, retiresAfterSeconds));
    this.#kept.forget('');
  }

  #all(): Promise<readonly InstallationSecret[]> {
    return this.#given.length > 0 ? Promise.resolve(this.#given) : this.#kept.get('');
  }

  async #readKept(): Promise<readonly InstallationSecret[]> {
    const now = instantFromEpochMs(this.#nowMs());
    const found = await livePortalSecrets(this.#db, now);
    if (found.some(({ retiresAt }) => retiresAt === null)) return found.map(({ secret }) => secretOf(secret));
    await ensurePortalSecret(this.#db, this.#made());
    return (await livePortalSecrets(this.#db, now)).map(({ secret }) => secretOf(secret));
  }

  #made(): { secretId: string; secret: Buffer; createdAt: Instant } {
    const secret = randomBytes(32);
    return { secretId: secretOf(secret).id, secret, createdAt: instantFromEpochMs(this.#nowMs()) };
  }
}

function secretOf(bytes: Buffer): InstallationSecret {
  return { id: createHash('sha256').update('portal secret ').update(bytes).digest('base64url').slice(0, 12), bytes };
}

function nameIn(token: string): string | null {
  try {
    return decodeProtectedHeader(token).kid ?? null;
  } catch {
    return null;
  }
}
