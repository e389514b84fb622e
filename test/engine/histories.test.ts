import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { addDays } from '../../billing/calendar/instant.ts';
import { boundaryAt } from '../../billing/calendar/period.ts';
import { LONGEST_HISTORY } from '../../workflows/account/account-state.ts';
import { BILLING_PHASE, BILLING_PLAN, NEXT_BOUNDARY, SEATS } from '../../workflows/account/search-attributes.ts';
import { type AccountOnClock, type Engine, instant, openEngine, signUpOnClock } from './engine-under-test.ts';
import {
  intoNextRun,
  liveOnCredits,
  liveOnSeats,
  liveOnTimers,
  liveThroughTrouble,
  refusedLife,
  untilIdle,
  workflowOf,
} from './lives.ts';
import { committedHistories, isRecording, record, replayFailures, runsOf } from './recorded-histories.ts';

/**
 * Invariant 12: old histories replay on new code. The committed ones are of accounts that began under older code, so they stay; `npm run
 * histories` adds those whose names are new. To record one anew, which is right only when no account is alive that began before, delete it.
 */
let engine: Engine;
/** Lives are long: each is lived once, and looked at by several tests. */
const lived = new Map<unknown, Promise<unknown>>();

function once<Life>(live: (engine: Engine) => Promise<Life>): Promise<Life> {
  const life = (lived.get(live) as Promise<Life> | undefined) ?? live(engine);
  lived.set(live, life);
  return life;
}

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(async () => {
  await engine.close();
});

describe('invariant 12: histories replay', () => {
  it.skipIf(isRecording)(
    'invariant 12 given the committed histories, when the present code replays them, then it does what they say',
    async () => {
      const histories = await committedHistories();
      expect(histories.length).toBeGreaterThanOrEqual(12);
      expect(await replayFailures(histories)).toEqual([]);
    },
  );

  it('invariant 12 given a history in which another activity was called, then the replay notices', async () => {
    const accountId = engine.name('altered');
    await engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'qodo' });
    const [run] = await runsOf(engine, 'altered', `account/${accountId}`);
    const altered = JSON.parse(JSON.stringify(run?.history).replaceAll('applyCommands', 'workOffDue')) as object;
    expect(
      await replayFailures([{ name: 'altered', workflowId: `account/${accountId}`, history: altered }]),
    ).toHaveLength(1);
  });

  it('invariant 12 given accounts that live now, on test clocks, on skipped time and in several runs, then their histories replay', async () => {
    const [credits, seats, timers, refused, trouble] = await Promise.all([
      liveOnCredits(engine),
      once(liveOnSeats),
      inject('stack').canSkipTime ? once(liveOnTimers) : null,
      refusedLife(engine),
      liveThroughTrouble(engine),
    ]);
    const histories = [
      ...(await runsOf(engine, 'credits', `account/${credits}`)),
      ...(await runsOf(engine, 'seats', `account/${seats.accountId}`)),
      ...(timers === null ? [] : await runsOf(engine, 'timers', `account/${timers}`)),
      ...(await runsOf(engine, 'refused', `account/${refused}`)),
      ...(await runsOf(engine, 'trouble', `account/${trouble}`)),
    ];
    expect(histories.map((history) => history.name)).toContain('seats-run-3');
    expect(await replayFailures(histories)).toEqual([]);
    await record(histories);
  }, 150_000);
});

describe('continue-as-new', () => {
  it('given three years in three runs, when commands come right at the change of runs, then none is lost and the page stays', async () => {
    const account = await once(liveOnSeats);
    const { accountId } = account;
    const handle = workflowOf(engine, accountId);
    expect((await engine.perennial.status(accountId)).seats?.quantity).toBe(5);
    const before = await handle.describe();
    // A command on the heels of each advance: the old run and the new one meet it.
    for (const to of ['2030-01-05T00:00:00Z', '2031-01-06T00:00:00Z']) {
      const advance = intoNextRun(engine, account, to);
      const commands = Array.from({ length: 6 }, () => handle.signal('addSeats', { count: 1 }));
      const member = engine.perennial.execute(accountId, { type: 'admitMember', memberId: `at ${to}` });
      await Promise.all([advance, member, ...commands]);
    }
    await account.advance('2031-01-07T00:00:00Z');
    expect((await engine.perennial.status(accountId)).seats?.quantity).toBe(5 + 12);
    const { invoices } = await engine.perennial.status(accountId);
    expect(
      invoices.filter((invoice) => invoice.status === 'paid').every((invoice) => invoice.stripe?.status === 'paid'),
    ).toBe(true);
    const after = await handle.describe();
    expect(after.runId).not.toBe(before.runId);
    // Bad luck of an older run is still told: the page says what was refused last.
    expect(await handle.query<string>('page')).toContain('There is no command "addSeets"');
    const shown = after.typedSearchAttributes;
    expect([shown.get(BILLING_PHASE), shown.get(BILLING_PLAN), shown.get(SEATS)]).toEqual(['active', 'pro', 5 + 12]);
    // The month of its metered minutes; that of the seats is a year.
    expect(shown.get(NEXT_BOUNDARY)).toEqual(new Date('2031-02-01T00:00:00Z'));
  });
});

describe('the age of a run', () => {
  it.each([
    ['that began now', LONGEST_HISTORY],
    ['that began when its length had no limit', undefined],
  ])(
    'given a run %s, when its test clock is moved by years, then it goes on, and a new one begins when it is asked for',
    async (_, longestHistory) => {
      const account = await signUpInRun(longestHistory);
      const handle = workflowOf(engine, account.accountId);
      const { runId } = await handle.describe();
      for (const to of ['2028-03-01T00:00:00Z', '2031-03-01T00:00:00Z']) await account.advance(to);
      expect(await handle.query<string>('page')).toContain('As of `2031-03-01T00:00:00Z`');
      expect((await handle.describe()).runId).toBe(runId);
      await intoNextRun(engine, account, '2031-03-02T00:00:00Z');
      expect(await handle.query<string>('page')).toContain('As of `2031-03-02T00:00:00Z`');
      expect(await startOf(account.accountId)).toMatchObject({ longestHistory: LONGEST_HISTORY });
      expect(await replayFailures(await runsOf(engine, 'years', `account/${account.accountId}`))).toEqual([]);
    },
  );
});

describe('the length of a run', () => {
  it('given runs that may have 60 events, when commands come at every boundary, then each is renewed in time, and nothing is lost or done twice', async () => {
    const account = await signUpInRun(60);
    const { accountId } = account;
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_visa');
    await engine.perennial.execute(accountId, { type: 'subscribe', plan: 'pro', interval: 'month', seats: 1 });
    for (let months = 1; months <= 12; months++) {
      await Promise.all([
        account.advance(boundaryAt(instant('2027-01-31T09:00:00Z'), 'month', months)),
        engine.perennial.execute(accountId, { type: 'addSeats', count: 1 }),
        workflowOf(engine, accountId).signal('addSeats', { count: 1 }),
      ]);
      // The pause in which a run is renewed; the next commands come right at it.
      await untilIdle(engine, accountId);
    }
    const { seats, invoices } = await engine.perennial.status(accountId);
    expect(seats?.quantity).toBe(1 + 2 * 12);
    const cycles = invoices.filter((invoice) => invoice.purpose === 'cycle');
    expect([cycles.length, ...new Set(cycles.map((invoice) => invoice.status))]).toEqual([12, 'paid']);
    const runs = await runsOf(engine, 'brief', `account/${accountId}`);
    const lengths = runs.map(({ history }) => (history as { events: unknown[] }).events.length);
    expect(lengths.length).toBeGreaterThan(4);
    // What was under way when it got there is finished first.
    expect(Math.max(...lengths)).toBeLessThan(60 + 60);
    expect(await replayFailures(runs)).toEqual([]);
  });

  it('given a signup, then its run has the limit that the README of the room names', async () => {
    const { accountId } = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-31T09:00:00Z' });
    expect(await startOf(accountId)).toMatchObject({ longestHistory: 500 });
  });
});

/** Signs an account up in a run with a limit of its own; undefined: as it was before there was one. */
async function signUpInRun(longestHistory: number | undefined): Promise<AccountOnClock> {
  const accountId = engine.name('years');
  const now = instant('2027-01-31T09:00:00Z');
  await engine.perennial.createTestClock({ clockId: accountId, now });
  const clock = { kind: 'test', testClockId: accountId, now };
  await engine.temporal.workflow.start('accountWorkflow', {
    workflowId: `account/${accountId}`,
    taskQueue: engine.options.taskQueue ?? '',
    args: [{ accountId, clock, ...(longestHistory === undefined ? {} : { longestHistory }) }],
  });
  await engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'codspeed', testClockId: accountId });
  return {
    accountId,
    clockId: accountId,
    advance: (to) => engine.perennial.advanceTestClock(accountId, instant(to)),
  };
}

/** What the account's present run was started with. */
async function startOf(accountId: string): Promise<unknown> {
  const { events } = await workflowOf(engine, accountId).fetchHistory();
  const data = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  return JSON.parse(Buffer.from(data ?? '').toString());
}

describe('durable timers', () => {
  it.skipIf(!inject('stack').canSkipTime)(
    'TRI-7 CAL-1 given a real clock whose time the server skips, when the trial passes, then notices and end have their exact instants',
    async () => {
      const accountId = await once(liveOnTimers);
      const { trialEndsAt = '' } = (await engine.db('accounts').where({ accountId }).first()) as {
        trialEndsAt?: string;
      };
      const notices = await engine.db('notices').where({ accountId }).orderBy('noticeId').select<
        {
          at: string;
          kind: string;
        }[]
      >('at', 'kind');
      const at = (days: number): string => addDays(trialEndsAt as never, -days);
      expect(notices.map((notice) => notice.at)).toEqual([at(7), at(3), at(1), at(0)]);
      expect((await engine.db('accounts').where({ accountId }).first('phase')) as unknown).toEqual({
        phase: 'blocked',
      });
    },
  );
});
