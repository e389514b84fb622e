import type pg from 'pg';

import { nextTurningPoint } from '../../billing/schedule/dues.ts';
import { projectTo } from '../../billing/views/project.ts';
import { type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import type { Catalog } from '../../billing/catalog/catalog.ts';
import type { Facts, MeterCycle } from '../../billing/model/facts.ts';
import { catalogInForce } from '../../billing/model/catalog-in-force.ts';
import { loadCatalog } from '../account/catalogs.ts';
import type { Database } from '../database.ts';
import { loadAccount } from '../account/load-account.ts';
import type { AccountHead, AccountPlace } from '../tables.ts';

type Head = Pick<Facts, 'account' | 'subscription'>;

/** An account as `usage_state` tells it. */
export interface UsageState extends AccountHead {
  readonly place: AccountPlace;
  readonly meterCycles: readonly MeterCycle[];
}

export type UsageStates = Readonly<Record<string, UsageState>>;

/** Facts between two turning points: nothing comes by itself from the one to the other. */
interface Stretch {
  readonly facts: Head;
  readonly from: Instant | null;
  readonly until: Instant | null;
}

/** What use of an account is decided on. Whether it is still true, `record_usage` finds out. */
export interface KnownAccount {
  readonly accountId: string;
  readonly version: number;
  readonly place: AccountPlace;
  readonly catalog: Catalog;
  /** Null where it has to be worked out first, from all the facts. */
  readonly stretch: Stretch | null;
  readonly meterCycles: readonly MeterCycle[];
}

/** One whose facts are known for the instant in question. */
export type PresentAccount = KnownAccount & { readonly stretch: Stretch };

/** About 3 kB each. Twice as many are remembered at most: those in use, and those that were before. */
const LARGEST_COUNT = 5_000;

/**
 * The accounts that this process decided about last. It may be wrong about any of them: another process may have written since. What was
 * read once is good enough to decide on, because nothing is written on it that is not compared first.
 */
export class UsageAccounts {
  readonly #db: Database;
  /** In two generations: what is used moves to the younger, and the older is dropped whole. */
  #young = new Map<string, KnownAccount>();
  #old = new Map<string, KnownAccount>();
  /** Published versions never change (CAT-2). */
  readonly #catalogs = new Map<string, Catalog>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Those of the accounts that exist. */
  async find(pool: pg.Pool | pg.PoolClient, accountIds: readonly string[]): Promise<ReadonlyMap<string, KnownAccount>> {
    const unknown = accountIds.filter((accountId) => this.#get(accountId) === undefined);
    if (unknown.length > 0) await this.learn(await readStates(pool, unknown));
    const found = new Map<string, KnownAccount>();
    for (const accountId of accountIds) {
      const known = this.#get(accountId);
      if (known !== undefined) found.set(accountId, known);
    }
    return found;
  }

  async learn(states: UsageStates): Promise<void> {
    for (const [accountId, state] of Object.entries(states)) {
      const before = this.#get(accountId);
      const { version, place, meterCycles } = state;
      if (before?.version === version) this.#keep({ ...before, meterCycles });
      else {
        const { head, nextDueAt } = state;
        const stretch = head === null ? null : { facts: head, from: null, until: nextDueAt };
        const catalog = head === null ? null : await this.#catalogOf(head);
        if (catalog === null) await this.#load(accountId);
        else this.#keep({ accountId, version, place, catalog, stretch, meterCycles });
      }
    }
  }

  /** What was written on a known account. */
  remember(known: KnownAccount, meterCycles: readonly MeterCycle[]): void {
    if (this.#get(known.accountId) === known) this.#keep({ ...known, meterCycles });
  }

  /** It is in doubt what was written. */
  forget(accountIds: Iterable<string>): void {
    for (const accountId of accountIds) {
      this.#young.delete(accountId);
      this.#old.delete(accountId);
    }
  }

  /**
   * The account with facts that hold at an instant: where a turning point has come and no worker has worked it off yet, they are projected
   * from all of its facts. The projection is kept until the next one.
   */
  async project(known: KnownAccount, now: Instant): Promise<PresentAccount> {
    const fresh = await this.foresee(known, now);
    this.#keep(fresh);
    return fresh;
  }

  /** The same, for an instant that has not come yet: it is not kept. */
  async foresee(known: KnownAccount, now: Instant): Promise<PresentAccount> {
    const { facts, catalog: loaded, version, place } = await loadAccount(this.#db, known.accountId);
    const projected = projectTo(facts, loaded, now);
    const catalog = catalogInForce(projected, loaded);
    const until = nextTurningPoint(projected, catalog)?.at ?? null;
    const from = projected === facts ? null : projected.account.settledThrough;
    const { account, subscription } = projected;
    return {
      ...{ accountId: known.accountId, version, place, catalog, meterCycles: facts.meterCycles },
      stretch: { facts: { account, subscription }, from, until },
    };
  }

  async #load(accountId: string): Promise<void> {
    const { facts, catalog, version, place } = await loadAccount(this.#db, accountId);
    this.#keep({ accountId, version, place, catalog, stretch: null, meterCycles: facts.meterCycles });
  }

  #get(accountId: string): KnownAccount | undefined {
    const young = this.#young.get(accountId);
    if (young !== undefined) return young;
    const old = this.#old.get(accountId);
    if (old !== undefined) this.#keep(old);
    return old;
  }

  #keep(known: KnownAccount): void {
    if (this.#young.size >= LARGEST_COUNT && !this.#young.has(known.accountId)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(known.accountId, known);
  }

  async #catalogOf({ account: { catalogName, catalogVersion } }: Head): Promise<Catalog> {
    const key = `${catalogName} ${String(catalogVersion)}`;
    const known = this.#catalogs.get(key);
    if (known !== undefined) return known;
    const catalog = await loadCatalog(this.#db, catalogName, catalogVersion);
    this.#catalogs.set(key, catalog);
    return catalog;
  }
}

/** Whether what is known of an account holds at an instant. */
export function isPresent(known: KnownAccount, now: Instant): known is PresentAccount {
  if (known.stretch === null) return false;
  const { from, until } = known.stretch;
  return (from === null || from <= now) && (until === null || now < until);
}

export async function readStates(pool: pg.Pool | pg.PoolClient, accountIds: readonly string[]): Promise<UsageStates> {
  const { rows } = await pool.query<{ states: UsageStates }>({
    name: 'usage_state',
    text: 'select usage_state($1) as states',
    values: [accountIds],
  });
  return rows[0]?.states ?? {};
}

/** The accounts' clocks, each read once: a test clock stands in its table, any other is the wall's, with the account's offset. */
export class UsageClocks {
  readonly #pool: pg.Pool;
  readonly #given: ((accountId: string) => Promise<Instant>) | null;

  constructor(pool: pg.Pool, given: ((accountId: string) => Promise<Instant>) | null) {
    this.#pool = pool;
    this.#given = given;
  }

  /** What time it is for accounts, if it is `wallMs` on the wall. */
  async read(accounts: Iterable<KnownAccount>): Promise<(known: KnownAccount, wallMs: number) => Instant> {
    const all = [...accounts];
    const given = new Map<string, Instant>();
    if (this.#given !== null) for (const { accountId } of all) given.set(accountId, await this.#given(accountId));
    const clockIds = all.flatMap(({ place }) => (place.testClockId === null ? [] : [place.testClockId]));
    const clocks =
      this.#given === null && clockIds.length > 0 ? await this.#readClocks(clockIds) : new Map<string, Instant>();
    let last = { ms: Number.NaN, instant: '' as Instant };
    return ({ accountId, place: { testClockId, clockOffsetSeconds } }, wallMs) => {
      const stands = given.get(accountId) ?? (testClockId === null ? undefined : clocks.get(testClockId));
      if (stands !== undefined) return stands;
      const ms = wallMs + clockOffsetSeconds * 1000;
      // What arrives together has one instant, which is not written anew for each.
      if (last.ms !== ms) last = { ms, instant: instantFromEpochMs(ms) };
      return last.instant;
    };
  }

  async #readClocks(clockIds: readonly string[]): Promise<ReadonlyMap<string, Instant>> {
    const { rows } = await this.#pool.query<{ clock_id: string; now_at: Instant }>({
      name: 'usage_clocks',
      text: 'select clock_id, now_at from test_clocks where clock_id = any ($1)',
      values: [clockIds],
    });
    return new Map(rows.map((row) => [row.clock_id, row.now_at]));
  }
}
