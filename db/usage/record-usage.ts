import pg from 'pg';

import type { BalanceChange } from '../../billing/usage/balance-sheet.ts';
import {
  type Arrival,
  decideEvents,
  type EventOutcome,
  type KnownWork,
  type UsageEvent,
  type UsageGround,
} from '../../billing/usage/decide-events.ts';
import { type TimelyWindow, timelyWindow } from '../../billing/usage/decide-usage.ts';
import { type Instant, latest } from '../../billing/calendar/instant.ts';
import type { MeterCycle } from '../../billing/model/facts.ts';
import type { Database } from '../database.ts';
import { ACCOUNT_LOCKS, unknownAccount } from '../account/load-account.ts';
import {
  isPresent,
  type KnownAccount,
  type PresentAccount,
  readStates,
  UsageAccounts,
  UsageClocks,
} from './usage-accounts.ts';
import { type DecidedUsage, type MissedUsage, usageStatement, writeUsage } from './usage-statement.ts';
import { type Batch, type Turn, type Work, WorkQueue } from '../work-queue.ts';

/** How often an account is decided about again, because it changed meanwhile, before it is held until it is done. */
const TRIES = 3;

/** Events that arrived together, for one account. */
interface Parcel extends Work {
  readonly accountId: string;
  readonly size: number;
  readonly events: readonly UsageEvent[];
  readonly wallMs: number;
  /** Stamped once (CAL-4), as soon as it is known which clock is the account's. */
  now: Instant | null;
  /** What the ids of its events are known to name already: hardly ever anything. */
  recorded: ReadonlyMap<string, KnownWork>;
  readonly resolve: (recorded: RecordedUse) => void;
  readonly reject: (reason: unknown) => void;
}

/** What became of events that came together. */
export interface RecordedUse {
  /** One for each event, in order. */
  readonly outcomes: readonly EventOutcome[];
  /** A balance has changed that was closed with a subscription's last invoice: it needs one more (CRE-12). */
  readonly isAfterEnd: boolean;
}

type Parcels = Batch<Parcel>;

const NONE: ReadonlyMap<string, KnownWork> = new Map();

/** What was decided, and whose it is. */
interface Decided {
  readonly known: KnownAccount;
  readonly parcels: readonly Parcel[];
  readonly outcomes: readonly (readonly EventOutcome[])[];
  readonly usage: DecidedUsage;
  readonly isAfterEnd: boolean;
}

export interface UsageSource {
  readonly db: Database;
  /** For the hot path, which has no time for a query builder. */
  readonly pool: pg.Pool;
  /** Stands in for the accounts' own clocks. */
  readonly givenNow: ((accountId: string) => Promise<Instant>) | null;
  /** Told of every batch that goes to Postgres, how many events it has. */
  readonly onBatch: (events: number) => void;
}

/**
 * Records use, many events of many accounts in one round trip; acknowledged means committed. Events are decided here, on what this process
 * knows, and written if that is still true; an account that has changed meanwhile is decided about again and holds up nobody. Whatever
 * happens at once, in however many processes: accrued overage never exceeds the cap (CRE-6), and an event counts once (CRE-11).
 */
export class UsageRecorder {
  readonly #pool: pg.Pool;
  readonly #accounts: UsageAccounts;
  readonly #clocks: UsageClocks;
  readonly #queue: WorkQueue<Parcel>;
  readonly #onBatch: (events: number) => void;
  /** Months whose partitions are there. */
  readonly #months = new Set<string>();

  constructor({ db, pool, givenNow, onBatch }: UsageSource) {
    this.#pool = pool;
    this.#accounts = new UsageAccounts(db);
    this.#clocks = new UsageClocks(pool, givenNow);
    this.#onBatch = onBatch;
    this.#queue = new WorkQueue((parcels, turn) => this.#record(parcels, turn));
  }

  /**
   * What became of each event. Rejects when Postgres does not answer: then it is in doubt what was recorded, and the same
   * events may be sent again.
   */
  record(accountId: string, events: readonly UsageEvent[], wallMs: number): Promise<RecordedUse> {
    return new Promise((resolve, reject) => {
      const parcel = {
        accountId,
        size: events.length,
        events,
        wallMs,
        now: null,
        recorded: NONE,
      };
      this.#queue.add({ ...parcel, resolve, reject });
    });
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    await this.#pool.end();
  }

  async #record(parcels: Parcels, turn: Turn): Promise<void> {
    let left = parcels;
    try {
      for (let tries = 0; tries < TRIES && left.size > 0; tries++) left = await this.#attempt(left, turn, tries > 0);
    } catch (error) {
      this.#accounts.forget(left.keys());
      if (!isAnswer(error)) {
        rejectAll(left, error);
        return;
      }
      // Postgres said no to the whole statement. Whoever is the reason fails alone.
      this.#months.clear();
    }
    for (const [accountId, own] of left) await this.#recordAlone(accountId, own);
  }

  /**
   * Decides, writes when its turn has come, and answers. What is returned has to be decided again: also where the batch before did not
   * leave what this one was decided on.
   */
  async #attempt(parcels: Parcels, turn: Turn, waits: boolean): Promise<Parcels> {
    const found = await this.#accounts.find(this.#pool, [...parcels.keys()]);
    const decided = await this.#decideAll(parcels, found);
    if (decided.length === 0) return new Map();
    await this.#makeMonths(decided);
    this.#onBatch(decided.reduce((sum, { usage }) => sum + usage.askedIds.length + usage.decision.entries.length, 0));
    const statement = usageStatement(
      decided.map((each) => each.usage),
      waits,
    );
    await turn.comes;
    const writing = writeUsage(this.#pool, statement);
    // What is sent next waits in Postgres for this one's balances, not here for its answer.
    turn.pass();
    const missed = await writing;
    const missing = new Set(missed?.missed);
    for (const each of decided) if (!missing.has(each.known.accountId)) settle(each);
    if (missed === null) return new Map();
    await this.#learn(missed, parcels);
    return new Map([...parcels].filter(([accountId]) => missing.has(accountId)));
  }

  /** Where an account is not there, or cannot be decided about, its parcels are answered here. */
  async #decideAll(parcels: Parcels, found: ReadonlyMap<string, KnownAccount>): Promise<readonly Decided[]> {
    const clock = await this.#clocks.read(found.values());
    const decided: Decided[] = [];
    for (const [accountId, own] of parcels) {
      const known = found.get(accountId);
      if (known === undefined) refuseAll(own);
      else {
        for (const parcel of own) parcel.now ??= clock(known, parcel.wallMs);
        try {
          const now = latestOf(own);
          const present = isPresent(known, now) ? known : await this.#accounts.project(known, now);
          decided.push(this.#decide(present, own, await this.#ahead(present, own, now)));
        } catch (error) {
          rejectAll(new Map([[accountId, own]]), error);
        }
      }
    }
    return decided;
  }

  /** Whoever loses every race, because others write as often, is decided about while nobody else may. */
  async #recordAlone(accountId: string, parcels: readonly Parcel[]): Promise<void> {
    try {
      const decided = await this.#holding(accountId, (client) => this.#decideAlone(client, accountId, parcels));
      if (decided === null) refuseAll(parcels);
      else settle(decided);
    } catch (error) {
      this.#accounts.forget([accountId]);
      rejectAll(new Map([[accountId, parcels]]), error);
    }
  }

  async #decideAlone(client: pg.PoolClient, accountId: string, parcels: readonly Parcel[]): Promise<Decided | null> {
    const own = new Map([[accountId, parcels]]);
    for (let tries = 0; tries < TRIES; tries++) {
      await this.#accounts.learn(await readStates(client, [accountId]));
      const found = await this.#accounts.find(client, [accountId]);
      const [decided] = await this.#decideAll(own, found);
      if (decided === undefined) return null;
      await this.#makeMonths([decided]);
      const missed = await writeUsage(client, usageStatement([decided.usage], true));
      if (missed === null) return decided;
      // Under the lock nothing changes: only what the ledger has was not known before.
      if (missed.recorded.length + missed.held.length === 0)
        throw new Error(`${accountId} changed while it was locked`);
      learnRecorded(missed, own);
    }
    throw new Error(`${accountId} is decided otherwise here than in Postgres`);
  }

  async #holding<Result>(accountId: string, act: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    let isBroken = true;
    try {
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [ACCOUNT_LOCKS, accountId]);
      const result = await act(client).catch(async (error: unknown) => {
        await client.query('rollback');
        isBroken = false;
        throw error;
      });
      await client.query('commit');
      isBroken = false;
      return result;
    } finally {
      client.release(isBroken);
    }
  }

  /** Facts for events whose date is ahead of the clock and beyond what comes by itself next (CAL-1): hardly ever needed. */
  async #ahead(known: PresentAccount, parcels: readonly Parcel[], now: Instant): Promise<UsageGround['ahead']> {
    const { until } = known.stretch;
    const latestAt = latestEvent(parcels, now);
    if (until === null || latestAt < until) return null;
    const { catalog, stretch } = await this.#accounts.foresee(known, latestAt);
    return { from: until, facts: stretch.facts, catalog };
  }

  /** What comes next is decided on what this will leave, before it is written: should it not be, that is missed too. */
  #decide(known: PresentAccount, parcels: readonly Parcel[], ahead: UsageGround['ahead']): Decided {
    const decided = decide(known, parcels, ahead);
    this.#accounts.remember(known, balancesAfter(known.meterCycles, decided.usage.decision.balances));
    return decided;
  }

  async #learn(missed: MissedUsage, parcels: Parcels): Promise<void> {
    learnRecorded(missed, parcels);
    await this.#accounts.learn(missed.states);
  }

  async #makeMonths(decided: readonly Decided[]): Promise<void> {
    let last = '';
    for (const { usage } of decided) {
      for (const { occurredAt } of usage.decision.entries) {
        if (last !== '' && occurredAt.startsWith(last)) continue;
        last = occurredAt.slice(0, 7);
        if (this.#months.has(last)) continue;
        await this.#pool.query('select make_usage_month($1)', [occurredAt]);
        this.#months.add(last);
      }
    }
  }
}

function decide(known: PresentAccount, parcels: readonly Parcel[], ahead: UsageGround['ahead']): Decided {
  const { catalog, stretch, meterCycles, accountId, version } = known;
  const arrivals = parcels.map((parcel): Arrival => {
    const now = stampOf(parcel);
    return { now, window: windowOf(now), events: parcel.events };
  });
  const recorded = recordedOf(parcels);
  const { facts } = stretch;
  const decision = decideEvents({ catalog, facts, ahead, meterCycles, recorded }, arrivals);
  const askedIds = askedOf(parcels, decision.outcomes, recorded);
  const now = latestOf(parcels);
  const isAfterEnd =
    facts.subscription === null && decision.balances.some(({ after }) => after.end <= now && after.priceMinor !== null);
  return { known, parcels, outcomes: decision.outcomes, usage: { accountId, version, askedIds, decision }, isAfterEnd };
}

function recordedOf(parcels: readonly Parcel[]): ReadonlyMap<string, KnownWork> {
  const known = parcels.filter(({ recorded }) => recorded.size > 0);
  return known.length === 0 ? NONE : new Map(known.flatMap(({ recorded }) => [...recorded]));
}

/** Events that were refused on what is known here. Should the ledger have one, it gets the answer that it got then. */
function askedOf(
  parcels: readonly Parcel[],
  outcomes: readonly (readonly EventOutcome[])[],
  recorded: ReadonlyMap<string, KnownWork>,
): readonly string[] {
  const asked: string[] = [];
  for (const [index, { events }] of parcels.entries()) {
    for (const [place, { eventId }] of events.entries()) {
      if (outcomes[index]?.[place]?.status === 'refused' && !recorded.has(eventId)) asked.push(eventId);
    }
  }
  return asked;
}

/** Acknowledges: it is committed. */
function settle({ parcels, outcomes, isAfterEnd }: Decided): void {
  for (const [index, parcel] of parcels.entries()) parcel.resolve({ outcomes: outcomes[index] ?? [], isAfterEnd });
}

let lastWindow: { readonly now: Instant; readonly window: TimelyWindow } | null = null;

/** What is decided together has one window, mostly, and instants are not cheap to write. */
function windowOf(now: Instant): TimelyWindow {
  if (lastWindow?.now !== now) lastWindow = { now, window: timelyWindow(now) };
  return lastWindow.window;
}

function stampOf({ now }: Parcel): Instant {
  if (now === null) throw new Error('a parcel was not stamped');
  return now;
}

/** Mostly now: a sender's clock may run ahead by some minutes (CRE-12). What is further ahead is refused, and needs no facts. */
function latestEvent(parcels: readonly Parcel[], now: Instant): Instant {
  const { to } = windowOf(now);
  let found = now;
  for (const { events } of parcels)
    for (const { occurredAt } of events)
      if (occurredAt !== null && occurredAt > found && occurredAt <= to) found = occurredAt;
  return found;
}

/** One clock, but not one order: a request may overtake another. */
function latestOf([first, ...others]: readonly Parcel[]): Instant {
  if (first === undefined) throw new Error('nothing to decide about');
  return latest(stampOf(first), ...others.map(stampOf));
}

function balancesAfter(before: readonly MeterCycle[], changes: readonly BalanceChange[]): readonly MeterCycle[] {
  const after = new Map(changes.map((change) => [change.before, change.after]));
  return [
    ...before.map((cycle) => after.get(cycle) ?? cycle),
    ...changes.filter(({ isOpened }) => isOpened).map((change) => change.after),
  ];
}

function learnRecorded({ recorded, held }: MissedUsage, parcels: Parcels): void {
  const found = new Map<string, [string, KnownWork][]>();
  const learn = (accountId: string, eventId: string, work: KnownWork): void => {
    const own = found.get(accountId);
    if (own === undefined) found.set(accountId, [[eventId, work]]);
    else own.push([eventId, work]);
  };
  for (const event of recorded) learn(event.accountId, event.eventId, event);
  for (const { accountId, eventId } of held) learn(accountId, eventId, 'hold');
  for (const [accountId, own] of found) {
    for (const parcel of parcels.get(accountId) ?? []) parcel.recorded = new Map([...parcel.recorded, ...own]);
  }
}

function refuseAll(parcels: readonly Parcel[]): void {
  for (const { accountId, events, resolve } of parcels) {
    const outcomes = events.map(() => ({ status: 'refused', refusal: unknownAccount(accountId) }) as const);
    resolve({ outcomes, isAfterEnd: false });
  }
}

function rejectAll(parcels: Parcels, reason: unknown): void {
  for (const parcel of [...parcels.values()].flat()) parcel.reject(reason);
}

/** Whether Postgres answered at all: then nothing of the statement was written. */
function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code !== undefined && !/^(57|08)/.test(error.code);
}
