import { createHmac, randomBytes } from 'node:crypto';

import type { Database } from '../../db/database.ts';
import { readRevisions } from '../../db/account/account-revisions.ts';
import { unknownAccount } from '../../db/account/load-account.ts';

interface Watcher {
  readonly accountId: string;
  revision: string;
  readonly told: (revision: string) => void;
}

const EVERY_MS = 1000;

/**
 * Tells whoever watches an account that something about it has changed, whichever process changed it. One statement a second asks about all
 * watched accounts of this process, and none while nobody watches. Nothing is asked of those who write: a notification from their transactions
 * (LISTEN/NOTIFY) would have all commits of the database wait for each other.
 */
export class AccountChanges {
  readonly #db: Database;
  readonly #everyMs: number;
  /**
   * Members watch, too, and must not find out by trying what a revision was made of (SEA-17), so it is told under a key. That of another process
   * is another: whoever comes back there reads once more.
   */
  readonly #key = randomBytes(32);
  readonly #watchers = new Set<Watcher>();
  #next: NodeJS.Timeout | null = null;
  #asking: Promise<void> | null = null;

  constructor(db: Database, everyMs = EVERY_MS) {
    this.#db = db;
    this.#everyMs = everyMs;
  }

  /** How many watch. */
  get size(): number {
    return this.#watchers.size;
  }

  /** As it is now. @throws Refusal `unknown_account`. */
  async revisionOf(accountId: string): Promise<string> {
    const revision = (await this.#read([accountId])).get(accountId);
    if (revision === undefined) throw unknownAccount(accountId);
    return revision;
  }

  /** Tells each revision that comes after the one that is known, until what is answered is called. */
  watch(accountId: string, known: string, told: (revision: string) => void): () => void {
    const watcher = { accountId, revision: known, told };
    this.#watchers.add(watcher);
    this.#plan();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#rest();
    };
  }

  /** Nobody is told anything any more. */
  async close(): Promise<void> {
    this.#watchers.clear();
    this.#rest();
    await this.#asking;
  }

  #plan(): void {
    if (this.#next !== null || this.#asking !== null || this.#watchers.size === 0) return;
    this.#next = setTimeout(() => {
      this.#next = null;
      this.#asking = this.#ask().finally(() => {
        this.#asking = null;
        this.#plan();
      });
    }, this.#everyMs);
    this.#next.unref();
  }

  #rest(): void {
    if (this.#next !== null) clearTimeout(this.#next);
    this.#next = null;
  }

  async #read(accountIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const told = (revision: string): string =>
      createHmac('sha256', this.#key).update(revision).digest('hex').slice(0, 32);
    const read = await readRevisions(this.#db, accountIds);
    return new Map([...read].map(([accountId, revision]) => [accountId, told(revision)]));
  }

  async #ask(): Promise<void> {
    let revisions: ReadonlyMap<string, string>;
    try {
      revisions = await this.#read([...new Set([...this.#watchers].map(({ accountId }) => accountId))]);
    } catch {
      // Postgres is away: what has changed meanwhile is told when it is back.
      return;
    }
    for (const watcher of this.#watchers) {
      const revision = revisions.get(watcher.accountId);
      if (revision === undefined || revision === watcher.revision) continue;
      watcher.revision = revision;
      watcher.told(revision);
    }
  }
}
