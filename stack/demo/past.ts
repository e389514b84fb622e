import { Client, Connection } from '@temporalio/client';

import type { Command } from '../../billing/model/command.ts';
import { addDays, addSeconds, earliest, type Instant } from '../../billing/calendar/instant.ts';
import { type ConnectOptions, Perennial } from '../../client/perennial.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { loadAccount } from '../../db/account/load-account.ts';
import { accountRun } from '../../workflows/account/account-run.ts';
import { DEFAULT_TASK_QUEUE } from '../../settings/settings.ts';
import { madeUpUse, type MadeUpEvent, type UsePlan } from './made-up-use.ts';

/** What the demo accounts are made with. */
export interface DemoStage {
  readonly perennial: Perennial;
  readonly temporal: Client;
  readonly db: Database;
  readonly taskQueue: string;
}

export async function withStage(options: ConnectOptions, act: (stage: DemoStage) => Promise<void>): Promise<void> {
  const perennial = await Perennial.connect(options);
  const connection = await Connection.connect({ address: options.temporalAddress });
  const db = openDatabase(options.databaseUrl, 2);
  try {
    await act({
      ...{ perennial, db, temporal: new Client({ connection, namespace: options.namespace }) },
      taskQueue: options.taskQueue ?? DEFAULT_TASK_QUEUE,
    });
  } finally {
    await connection.close();
    await db.destroy();
    await perennial.close();
  }
}

interface Begin {
  readonly accountId: string;
  readonly ownerId: string;
  readonly catalog: string;
  /** When it signed up. */
  readonly at: Instant;
}

/** As many as one call takes. */
const LARGEST_BATCH = 1_000;

/**
 * The past of a demo account, played on a test clock so that every date, boundary and payment is where it would have been; in the end the
 * account goes on on the real clock. Repeating it, also after an interruption, adds nothing twice: commands and events have ids, the
 * clock only moves forward, and days are counted from the signup that was.
 */
export class Past {
  readonly accountId: string;
  readonly signedUpAt: Instant;
  readonly #stage: DemoStage;
  readonly #clockId: string;

  private constructor(stage: DemoStage, accountId: string, signedUpAt: Instant) {
    this.#stage = stage;
    this.accountId = accountId;
    this.signedUpAt = signedUpAt;
    this.#clockId = clockIdOf(accountId);
  }

  /** Null: the account has its past already, or is somebody's who has made it before us. */
  static async begin(stage: DemoStage, { accountId, ownerId, catalog, at }: Begin): Promise<Past | null> {
    const { perennial, db } = stage;
    const testClockId = clockIdOf(accountId);
    const isKnown = (await db('accounts').where({ accountId }).first<object | undefined>('accountId')) !== undefined;
    if (isKnown) {
      const { facts, place } = await loadAccount(db, accountId);
      return place.testClockId === testClockId ? new Past(stage, accountId, facts.account.signedUpAt) : null;
    }
    const made = await db('testClocks').where({ clockId: testClockId }).first<{ nowAt: Instant } | undefined>('nowAt');
    if (made === undefined) await perennial.createTestClock({ clockId: testClockId, now: at });
    await perennial.signUp({ accountId, ownerId, catalog, testClockId, commandId: `demo signup ${accountId}` });
    return new Past(stage, accountId, made?.nowAt ?? at);
  }

  /** The instant so many days after the signup. */
  day(days: number): Instant {
    return addDays(this.signedUpAt, days);
  }

  /** Moves the clock there, unless it is further already. */
  async until(instant: Instant): Promise<void> {
    const { perennial } = this.#stage;
    const { now } = await perennial.testClock(this.#clockId);
    if (now < instant) await perennial.advanceTestClock(this.#clockId, instant);
  }

  /** A command at an instant. */
  async run(at: Instant, command: Command, name: string, actor: string): Promise<void> {
    await this.until(at);
    await this.#stage.perennial.execute(this.accountId, command, { commandId: `demo ${name}`, actor });
  }

  /** Use, recorded week by week as the clock moves on; what would be at or after `until` has not happened. */
  async useInWeeks(plan: UsePlan, until: Instant = plan.to): Promise<void> {
    const events = madeUpUse(plan).filter(({ occurredAt }) => occurredAt < until);
    for (let from = plan.from; from < until; from = addDays(from, 7)) {
      const to = earliest(addDays(from, 7), until);
      // A cycle that ends there is still open then.
      await this.until(addSeconds(to, -1));
      await this.#record(events.filter(({ occurredAt }) => occurredAt >= from && occurredAt < to));
    }
  }

  async #record(events: readonly MadeUpEvent[]): Promise<void> {
    for (let from = 0; from < events.length; from += LARGEST_BATCH) {
      const batch = events.slice(from, from + LARGEST_BATCH).map((event) => ({ ...event, account: this.accountId }));
      const results = await this.#stage.perennial.recordUsageBatch(batch);
      const refused = results.find(({ status }) => status === 'refused');
      if (refused?.status === 'refused') throw new Error(`${this.accountId}: ${refused.message}`);
    }
  }

  /**
   * From here on it lives on the real clock. Its workflow ends and another one begins, on the same facts: as it does once a year anyway,
   * but with another clock.
   */
  async goOnForReal(): Promise<void> {
    const { temporal, db, taskQueue } = this.#stage;
    const { accountId } = this;
    const reason = `${accountId} goes on on the real clock`;
    await temporal.workflow.start('accountWorkflow', {
      ...accountRun({ accountId, clock: { kind: 'real', offsetSeconds: 0 }, taskQueue, staticSummary: reason }),
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    });
    await db('accounts').where({ accountId }).update({ testClockId: null });
    await db('testClocks').where({ clockId: this.#clockId }).delete();
  }
}

function clockIdOf(accountId: string): string {
  return `past of ${accountId}`;
}
