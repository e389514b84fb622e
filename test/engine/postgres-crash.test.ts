import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type Postgres, startPostgres } from '../../stack/postgres/start-postgres.ts';
import { freePorts } from '../../stack/process/ports.ts';
import { type Engine, openEngine, subscribedToCredits } from './engine-under-test.ts';
import { untilIdle } from './lives.ts';

/** Its own, kept on disk and synced, as an installation's is. */
let postgres: Postgres;
let directory: string;
let port: number;
let engine: Engine;

const start = (): Promise<Postgres> =>
  startPostgres({ keptIn: directory, pickPort: () => Promise.resolve(port), logFile: null });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'perennial-crash-'));
  port = (await freePorts(1))[0] ?? 0;
  postgres = await start();
  engine = await openEngine({ postgresUrl: postgres.url });
});

afterAll(async () => {
  await engine.close();
  await postgres.child.stop();
  const data = await realpath(join(directory, 'postgres'));
  await rm(directory, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
});

async function parentOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => null);
  // After the name in brackets: the state, then the parent.
  return stat === null ? null : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** The server and all its processes, at once: those have sessions of their own, so no group has them all. */
async function killEverything(): Promise<void> {
  const pidFile = join(await realpath(join(directory, 'postgres')), 'postmaster.pid');
  const server = Number.parseInt(await readFile(pidFile, 'utf8'), 10);
  const numbers = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const parents = await Promise.all(numbers.map(async (pid) => ({ pid, parent: await parentOf(pid) })));
  const all = [server, ...parents.filter(({ parent }) => parent === server).map(({ pid }) => pid)];
  // Postmaster, checkpointer, writers and the connections of worker and client.
  expect(all.length).toBeGreaterThan(6);
  for (const pid of all) process.kill(pid, 'SIGKILL');
  await postgres.child.ended;
}

/** Acts, one after the other, until it is told to stop; remembers the name of each that was acknowledged. */
function keepOn(act: (count: number) => Promise<string>): { done: string[]; stop: () => Promise<void> } {
  const done: string[] = [];
  const going = { on: true };
  const run = (async () => {
    for (let count = 0; going.on; count++) {
      await act(count).then(
        (name) => done.push(name),
        () => sleep(100),
      );
    }
  })();
  return {
    done,
    stop: async () => {
      going.on = false;
      await run;
    },
  };
}

describe('invariant 7: acknowledged is kept', () => {
  it('CRE-11 invariant 7 given Postgres is killed in the middle of usage and commands, when it is back, then all that was acknowledged is there, and the engine goes on by itself', async () => {
    const account = await subscribedToCredits(engine, { now: '2027-01-01T00:00:00Z', capCents: 100_000 });
    const { accountId } = account;
    const users = [0, 1, 2, 3].map((user) =>
      keepOn(async (count) => {
        const id = `event ${String(user)}.${String(count)}`;
        await engine.perennial.recordUsage(accountId, { id, feature: 'ask', credits: 1 });
        return id;
      }),
    );
    const admin = keepOn(async (count) => {
      const commandId = `cap ${String(count)}`;
      const capCents = 100_000 + count;
      await engine.perennial.execute(accountId, { type: 'setCap', meter: 'credits', capCents }, { commandId });
      return commandId;
    });
    const used = (): number => users.reduce((sum, { done }) => sum + done.length, 0);
    await vi.waitUntil(() => used() > 100 && admin.done.length > 3, { timeout: 30_000 });
    await killEverything();
    const before = { used: used(), granted: admin.done.length };
    await sleep(1_000);
    postgres = await start();
    await vi.waitUntil(() => used() > before.used + 50 && admin.done.length > before.granted + 2, { timeout: 60_000 });
    await Promise.all([...users, admin].map((each) => each.stop()));
    await untilIdle(engine, accountId);

    const kept = await engine.db('usageEvents').where({ accountId }).select<{ eventId: string; units: number }[]>();
    const ids = new Set(kept.map(({ eventId }) => eventId));
    expect(users.flatMap(({ done }) => done).filter((id) => !ids.has(id))).toEqual([]);
    expect(ids.size).toBe(kept.length);
    const answers = await engine.db('commands').where({ accountId }).select<{ commandId: string }[]>('commandId');
    expect(answers.map(({ commandId }) => commandId)).toEqual(expect.arrayContaining(admin.done));
    // The balance is what was used, acknowledged or not: of an event whose answer was lost, all is there or nothing.
    const [cycle] = await engine.db('meterCycles').where({ accountId, meter: 'credits', closedAt: null });
    expect((cycle?.usedIncludedUnits ?? 0) + (cycle?.overageUnits ?? 0)).toBe(
      kept.reduce((sum, { units }) => sum + units, 0),
    );
    await account.advance('2027-02-02T00:00:00Z');
    expect((await engine.perennial.status(accountId)).invoices.map(({ status }) => status)).toEqual(['paid', 'paid']);
  }, 150_000);
});
