import {
  addSeconds,
  epochMs,
  formatInstant,
  type Instant,
  instantFromEpochMs,
} from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import {
  type ApiKey,
  findApiKey,
  insertApiKey,
  listApiKeys,
  lockApiKey,
  noteApiKeyUse,
  replaceApiKey,
  revokeApiKey,
} from '../../db/access/api-keys.ts';
import type { Database, Transaction } from '../../db/database.ts';
import type { ApiKeyRow } from '../../db/tables.ts';
import { type Scope, scope } from './principal.ts';
import { BriefCache } from './brief-cache.ts';
import { digestOf, isSecretOf, keyIdOf, newSecretKey } from './secret-key.ts';

export interface NewKey {
  /** For people: which program has it. */
  readonly name: string;
  /** As of {@link Scope}; whatever was typed is read once, here. */
  readonly scopes: readonly string[];
  /** Null: until it is revoked. */
  readonly expiresAt?: Instant | null;
}

/** A key that was made, with its secret, for the only time. */
export interface MadeKey {
  readonly key: ApiKey;
  readonly secret: string;
}

/** Who a secret belongs to. */
export type FoundKey =
  { readonly kind: 'live'; readonly key: ApiKey } | { readonly kind: 'unknown' | 'expired' | 'revoked' };

export interface ServerKeysOptions {
  /** How long a key is trusted that was looked up: a revocation takes effect everywhere within this time. Default 5 seconds. */
  readonly cacheMs?: number;
  readonly nowMs?: () => number;
}

const CACHE_MS = 5000;
const MAX_CACHED = 10_000;
const USE_NOTED_EVERY_MS = 60_000;
const DEFAULT_OVERLAP_HOURS = 24;
const MAX_OVERLAP_HOURS = 24 * 90;
const MAX_NAME_LENGTH = 200;

/** An installation's server keys: made, looked up at every request, rotated, revoked. Their secrets are known only to whoever made them. */
export class ServerKeys {
  readonly #db: Database;
  readonly #nowMs: () => number;
  readonly #known: BriefCache<ApiKeyRow | null>;
  readonly #useNotedAtMs = new Map<string, number>();

  constructor(db: Database, { cacheMs = CACHE_MS, nowMs = Date.now }: ServerKeysOptions = {}) {
    this.#db = db;
    this.#nowMs = nowMs;
    this.#known = new BriefCache((keyId) => findApiKey(db, keyId), { ttlMs: cacheMs, maxEntries: MAX_CACHED, nowMs });
  }

  /** @throws Refusal `invalid_request`. Done twice, it makes two keys: one that nobody has the secret of does no harm. */
  async create({ name, scopes, expiresAt = null }: NewKey): Promise<MadeKey> {
    assertName(name);
    const now = this.#now();
    if (expiresAt !== null && expiresAt <= now)
      throw invalid('expiresAt', `${formatInstant(expiresAt)} is not in the future`);
    return this.#insert(this.#db, { name, scopes: assertScopes(scopes), expiresAt, familyId: null });
  }

  /** Newest first, without secrets. @throws Refusal `unknown_key` for a cursor that is none. */
  async list({ limit = 100, after = null }: { limit?: number; after?: string | null } = {}): Promise<
    readonly ApiKey[]
  > {
    const before = after === null ? null : await this.#find(after);
    return listApiKeys(this.#db, { limit, before });
  }

  /**
   * A successor with the same name, scopes and end; the old key lives on for so many hours, so that programs can change over. A key is
   * rotated once: two who rotate it at the same time get one successor and one refusal. @throws Refusal `unknown_key`, `key_not_live`.
   */
  async rotate(keyId: string, overlapHours = DEFAULT_OVERLAP_HOURS): Promise<MadeKey> {
    const isSensible = Number.isSafeInteger(overlapHours) && overlapHours >= 0 && overlapHours <= MAX_OVERLAP_HOURS;
    if (!isSensible)
      throw invalid('overlapHours', `expected a whole number of hours from 0 to ${String(MAX_OVERLAP_HOURS)}`);
    const made = await this.#db.transaction(async (trx) => {
      const old = await lockApiKey(trx, keyId);
      if (old === null) throw unknownKey(keyId);
      this.#assertRotatable(old);
      const { name, familyId, expiresAt } = old;
      const successor = await this.#insert(trx, { name, scopes: assertScopes(old.scopes), expiresAt, familyId });
      const livesUntil = addSeconds(this.#now(), overlapHours * 3600);
      await replaceApiKey(trx, keyId, { successorId: successor.key.keyId, expiresAt: livesUntil });
      return successor;
    });
    this.#known.forget(keyId);
    return made;
  }

  /** At once here, and in other processes within the time that keys are cached. Revoking twice is revoking once. @throws Refusal `unknown_key`. */
  async revoke(keyId: string): Promise<ApiKey> {
    const revoked = await revokeApiKey(this.#db, keyId, this.#now());
    if (revoked === null) throw unknownKey(keyId);
    this.#known.forget(keyId);
    return revoked;
  }

  /** Whose secret this is. Costs no round trip for a key that was seen in the last seconds. */
  async find(secret: string): Promise<FoundKey> {
    const keyId = keyIdOf(secret);
    if (keyId === null) return { kind: 'unknown' };
    const row = await this.#known.get(keyId);
    if (!isSecretOf(secret, row?.secretDigest ?? null) || row === null) return { kind: 'unknown' };
    const state = this.#stateOf(row);
    if (state !== 'live') return { kind: state };
    this.#noteUse(row);
    return { kind: 'live', key: shown(row) };
  }

  /** Whether {@link find} would have to ask the database. */
  isAtHand(secret: string): boolean {
    const keyId = keyIdOf(secret);
    return keyId === null || this.#known.peek(keyId) !== undefined;
  }

  #stateOf({ revokedAt, expiresAt }: ApiKeyRow): 'live' | 'expired' | 'revoked' {
    if (revokedAt !== null) return 'revoked';
    return expiresAt !== null && epochMs(expiresAt) <= this.#nowMs() ? 'expired' : 'live';
  }

  #assertRotatable(old: ApiKeyRow): void {
    const state = this.#stateOf(old);
    if (state !== 'live') {
      throw new Refusal({ code: 'key_not_live', message: `The key ${old.keyId} was ${state}.`, field: 'key' });
    }
    if (old.rotatedTo === null) return;
    const message = `The key ${old.keyId} was already rotated; its successor is ${old.rotatedTo}.`;
    throw new Refusal({ code: 'key_not_live', message, field: 'key' });
  }

  async #insert(
    db: Database | Transaction,
    wanted: Pick<ApiKeyRow, 'name' | 'expiresAt'> & {
      readonly scopes: readonly Scope[];
      readonly familyId: string | null;
    },
  ): Promise<MadeKey> {
    const { keyId, secret } = newSecretKey();
    const { name, scopes, expiresAt } = wanted;
    const made = { keyId, familyId: wanted.familyId ?? keyId, name, scopes, expiresAt, createdAt: this.#now() };
    if (!(await insertApiKey(db, { ...made, secretDigest: digestOf(secret) }))) return this.#insert(db, wanted);
    return { key: { ...made, lastUsedAt: null, revokedAt: null, rotatedTo: null }, secret };
  }

  /** Off the request's way, at most once a minute: it is a hint for people. */
  #noteUse({ keyId }: ApiKeyRow): void {
    const nowMs = this.#nowMs();
    if (nowMs - (this.#useNotedAtMs.get(keyId) ?? 0) < USE_NOTED_EVERY_MS) return;
    this.#useNotedAtMs.set(keyId, nowMs);
    noteApiKeyUse(this.#db, keyId, this.#now()).catch(() => {
      this.#useNotedAtMs.delete(keyId);
    });
  }

  async #find(keyId: string): Promise<ApiKey> {
    const row = await findApiKey(this.#db, keyId);
    if (row === null) throw unknownKey(keyId);
    return shown(row);
  }

  #now(): Instant {
    return instantFromEpochMs(this.#nowMs());
  }
}

function shown({ secretDigest: _digest, ...key }: ApiKeyRow): ApiKey {
  return key;
}

function assertName(name: string): void {
  const isSensible = name.trim() !== '' && name.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(name);
  if (!isSensible) throw invalid('name', `expected 1 to ${String(MAX_NAME_LENGTH)} characters in one line`);
}

/** Each once. Also for scopes that were typed, or stored by another version. */
function assertScopes(scopes: readonly string[]): readonly Scope[] {
  const wanted = [...new Set(scopes)].map((each) => {
    const parsed = scope.safeParse(each);
    if (parsed.success) return parsed.data;
    throw invalid('scopes', `expected ${scope.options.join(', ')}, found "${each.slice(0, 60)}"`);
  });
  if (wanted.length === 0) throw invalid('scopes', `expected at least one of ${scope.options.join(', ')}`);
  return wanted;
}

function invalid(field: string, problem: string): Refusal {
  return new Refusal({ code: 'invalid_request', message: `${field}: ${problem}.`, field });
}

function unknownKey(keyId: string): Refusal {
  return new Refusal({ code: 'unknown_key', message: `There is no key "${keyId.slice(0, 60)}".`, field: 'key' });
}
