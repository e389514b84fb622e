import { EventEmitter, once } from 'node:events';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Perennial } from '../../client/perennial.ts';
import {
  type Engine,
  instant,
  openEngine,
  refusalCode,
  subscribedToCredits,
  subscribedToPro,
} from './engine-under-test.ts';

const NOW = '2027-01-01T00:00:00Z';

let engine: Engine;
let clients: readonly Perennial[];

beforeAll(async () => {
  engine = await openEngine();
  clients = [engine.perennial, await engine.connect(), await engine.connect()];
});

afterAll(async () => {
  await engine.close();
});

const clientOf = (writer: number): Perennial => clients[writer % clients.length]!;

/** The sums that must be one: the balances, the ledger with its reversals, and the days. */
async function sumsOf(accountId: string) {
  const columns = (table: string, included = 'included_units'): string =>
    `select coalesce(sum(${included}), 0)::bigint as included, coalesce(sum(overage_units), 0)::bigint as overage from ${table} where account_id = ?`;
  const read = async (text: string): Promise<unknown> =>
    (await engine.db.raw<{ rows: unknown[] }>(text, [accountId])).rows[0];
  return {
    balances: await read(columns('meter_cycles', 'used_included_units')),
    ledger: await read(columns('usage_events')),
    days: await read(columns('usage_days')),
  };
}

describe('CRE-13: holds of many clients at once', () => {
  it('CRE-13 invariants 1 and 3 given three clients, when they use, hold, capture, release and reverse at once, each twice, then everything adds up', async () => {
    // 2,500 credits and room for 1,000 beyond them.
    const { accountId } = await subscribedToCredits(engine, { now: NOW, capCents: 1_200 });
    const twice = async (act: (client: Perennial) => Promise<unknown>, writer: number): Promise<boolean> => {
      const answers = await Promise.allSettled([act(clientOf(writer)), act(clientOf(writer + 1))]);
      const values = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
      if (values.length === 2) expect(values[0]).toEqual(values[1]);
      return values.length > 0;
    };
    let used = 0;
    await Promise.all(
      Array.from({ length: 6 }, async (_, writer) => {
        for (let index = 0; index < 4; index++) {
          const id = `${String(writer)}-${String(index)}`;
          const isHeld = await twice((client) => client.hold(accountId, { id, feature: 'review' }), writer);
          if (!isHeld) continue;
          if (index === 3) await twice((client) => client.release(accountId, { id }), writer);
          else {
            const credits = 90 + index;
            expect(await twice((client) => client.capture(accountId, { id, credits }), writer)).toBe(true);
            if (index === 2) await twice((client) => client.reverseUsage(accountId, { id }), writer);
            else used += credits;
          }
          const event = { id: `event ${id}`, feature: 'ask', credits: 11 };
          if (await twice((client) => client.recordUsage(accountId, event), writer)) used += 11;
        }
      }),
    );
    const [cycle] = (await engine.db('meterCycles').where({ accountId, closedAt: null })) as {
      usedIncludedUnits: number;
      overageUnits: number;
      heldUnits: number;
    }[];
    expect(cycle!.heldUnits).toBe(0);
    expect(cycle!.usedIncludedUnits + cycle!.overageUnits).toBe(used);
    expect(cycle!.overageUnits * 3_000).toBeLessThanOrEqual(1_200 * 2_500);
    const { balances, ledger, days } = await sumsOf(accountId);
    expect(ledger).toEqual(balances);
    expect(days).toEqual(balances);
    // What is left fits to the last credit, and nothing after it.
    const left = 3_500 - used;
    await engine.perennial.hold(accountId, { id: 'the rest', credits: left });
    expect(await refusalCode(engine.perennial.recordUsage(accountId, { feature: 'ask', credits: 1 }))).toBe(
      'spending_cap_reached',
    );
    await engine.perennial.release(accountId, { id: 'the rest' });
    await engine.perennial.recordUsage(accountId, { feature: 'ask', credits: left });
  });
});

describe('CRE-13: a run with a hold', () => {
  it('CRE-13 SEA-8 given a newcomer without a seat, when their run asks for a hold, then it is refused and nothing is held', async () => {
    const { accountId } = await subscribedToPro(engine, { now: NOW, seats: 1, interval: 'month' });
    const run = (who: string, id: string) =>
      engine.perennial.checkAccess(accountId, {
        kind: 'run',
        sender: { id: who },
        visibility: 'private',
        hold: { id, meter: 'macro_minutes', quantity: 30.5 },
      });
    expect(await run('ann', 'job 1')).toMatchObject({
      member: 'ann',
      hold: { id: 'job 1', meter: 'macro_minutes', held: 30.5 },
    });
    expect(await refusalCode(run('bob', 'job 2'))).toBe('no_seat');
    expect((await engine.perennial.status(accountId)).meters['macro_minutes']).toMatchObject({ held: 31 });
    expect(await refusalCode(engine.perennial.release(accountId, { id: 'job 2' }))).toBe('unknown_hold');
    // SEA-14: disabled in the middle of the run, which finishes.
    await engine.perennial.execute(accountId, { type: 'disableMember', memberId: 'ann' });
    const captured = await engine.perennial.capture(accountId, { id: 'job 1', quantity: 20 });
    expect(captured).toEqual({
      id: 'job 1',
      meter: 'macro_minutes',
      included: 20,
      overage: 0,
      trial: 0,
      released: 10.5,
    });
  });

  /** A client of another process, which stands still as soon as `isThere` is true, until it is let go on. */
  async function stopping(isThere: () => Promise<boolean>) {
    const signs = new EventEmitter();
    const [reached, goesOn] = [once(signs, 'reached'), once(signs, 'goOn')];
    const client = await Perennial.connect({
      ...engine.options,
      now: async () => {
        if (await isThere()) {
          signs.emit('reached');
          await goesOn;
        }
        return instant(NOW);
      },
    });
    return {
      client,
      reached,
      goOn: () => {
        signs.emit('goOn');
      },
    };
  }

  const job = { id: 'the same job', meter: 'macro_minutes', quantity: 30 };
  const ofBob = { kind: 'run', sender: { id: 'bob', login: 'bob' }, visibility: 'private', hold: job } as const;
  const letIn = async (accountId: string): Promise<void> => {
    await engine.perennial.execute(accountId, { type: 'addSeats', count: 1 });
    await engine.perennial.execute(accountId, { type: 'enableMember', memberId: 'bob' });
  };
  const fullAccount = async (): Promise<string> => {
    const { accountId } = await subscribedToPro(engine, { now: NOW, seats: 1, interval: 'month', stem: 'race' });
    await engine.perennial.checkAccess(accountId, { kind: 'dashboard', member: { id: 'ada', login: 'ada' } });
    return accountId;
  };

  it('CRE-13 given a newcomer who is refused in one process and let in by another before the first takes the hold back, then it stays, and both say so', async () => {
    const accountId = await fullAccount();
    const refused = async (): Promise<boolean> =>
      (await engine.db('members').where({ accountId, memberId: 'bob', state: 'disabled' })).length > 0;
    const first = await stopping(refused);
    try {
      const asked = first.client.checkAccess(accountId, ofBob);
      await first.reached;
      await letIn(accountId);
      const second = await engine.perennial.checkAccess(accountId, ofBob);
      first.goOn();
      expect(await asked).toEqual(second);
      await engine.perennial.capture(accountId, { id: job.id });
    } finally {
      first.goOn();
      await first.client.close();
    }
  });

  const isHeld = async (accountId: string): Promise<boolean> =>
    (await engine.db('holds').where({ accountId, holdId: job.id })).length > 0;
  const heldOf = async (accountId: string): Promise<number> =>
    (await engine.perennial.status(accountId)).meters['macro_minutes']?.held ?? 0;

  it('CRE-13 SEA-8 given a newcomer who waits to be let in while another process refuses them, and all the room is asked for, then the hold is still theirs', async () => {
    const accountId = await fullAccount();
    await engine.perennial.execute(accountId, { type: 'setCap', meter: 'macro_minutes', capCents: 0 });
    const { included = 0 } = (await engine.perennial.status(accountId)).meters['macro_minutes'] ?? {};
    const first = await stopping(() => isHeld(accountId));
    try {
      const asked = first.client.checkAccess(accountId, ofBob);
      await first.reached;
      expect(await refusalCode(engine.perennial.checkAccess(accountId, ofBob))).toBe('no_seat');
      const all = { id: 'all there is', meter: 'macro_minutes', quantity: included };
      expect(await refusalCode(engine.perennial.hold(accountId, all))).toBe('budget_reached');
      await letIn(accountId);
      first.goOn();
      expect(await asked).toMatchObject({ allowed: true, member: 'bob', hold: { id: job.id, held: 30 } });
      expect(await heldOf(accountId)).toBe(30);
      await engine.perennial.capture(accountId, { id: job.id });
    } finally {
      first.goOn();
      await first.client.close();
    }
  });

  it('CRE-13 invariant 8 given two processes that both refuse a newcomer, then the second takes the hold back, and nothing is held', async () => {
    const accountId = await fullAccount();
    const first = await stopping(() => isHeld(accountId));
    try {
      const asked = refusalCode(first.client.checkAccess(accountId, ofBob));
      await first.reached;
      expect(await refusalCode(engine.perennial.checkAccess(accountId, ofBob))).toBe('no_seat');
      expect(await isHeld(accountId)).toBe(true);
      first.goOn();
      expect(await asked).toBe('no_seat');
      expect([await isHeld(accountId), await heldOf(accountId)]).toEqual([false, 0]);
    } finally {
      first.goOn();
      await first.client.close();
    }
  });

  it('CRE-13 invariant 8 given a newcomer’s check that no worker answers, when it is repeated and refused, then nothing is held', async () => {
    const accountId = await fullAccount();
    await engine.worker.stop();
    const { perennial } = engine;
    await expect(perennial.within(1_500, () => perennial.checkAccess(accountId, ofBob))).rejects.not.toHaveProperty(
      'name',
      'Refusal',
    );
    expect(await heldOf(accountId)).toBe(30);
    await engine.worker.start();
    expect(await refusalCode(perennial.checkAccess(accountId, ofBob))).toBe('no_seat');
    expect([await isHeld(accountId), await heldOf(accountId)]).toEqual([false, 0]);
  });

  it('CRE-11 CRE-13 given a hold, when events have its id, alone, among others, or at the same moment, then the id names one piece of work', async () => {
    const { accountId } = await subscribedToCredits(engine, { now: NOW, capCents: 1_200 });
    const { perennial } = engine;
    await perennial.hold(accountId, { id: 'job', meter: 'credits', quantity: 10 });
    const event = { id: 'job', feature: 'ask', credits: 5 };
    expect(await refusalCode(perennial.recordUsage(accountId, event))).toBe('idempotency_conflict');
    const others = ['a', 'job', 'b'].map((id) => ({ ...event, id, account: accountId }));
    const results = await perennial.recordUsageBatch(others);
    expect(results.map((result) => ('code' in result ? result.code : result.status))).toEqual([
      'accepted',
      'idempotency_conflict',
      'accepted',
    ]);
    expect(await perennial.capture(accountId, { id: 'job', credits: 4 })).toMatchObject({ included: 4, released: 6 });
    const races = Array.from({ length: 12 }, async (_, index) => {
      const id = `race ${String(index)}`;
      const answers = await Promise.allSettled([
        clientOf(index).hold(accountId, { id, meter: 'credits', quantity: 1 }),
        clientOf(index + 1).recordUsage(accountId, { id, feature: 'ask', credits: 1 }),
      ]);
      return answers.filter(({ status }) => status === 'fulfilled').length;
    });
    expect(await Promise.all(races)).toEqual(Array.from({ length: 12 }, () => 1));
  });

  it('CRE-13 SEA-14 given a hold that somebody has been answered, when a newcomer’s check with the same hold is refused, then it stays', async () => {
    const accountId = await fullAccount();
    const { sender, hold } = ofBob;
    await engine.perennial.hold(accountId, { ...hold, member: sender.id });
    expect(await refusalCode(engine.perennial.checkAccess(accountId, ofBob))).toBe('no_seat');
    expect([await isHeld(accountId), await heldOf(accountId)]).toEqual([true, 30]);
    await engine.perennial.capture(accountId, { id: job.id });
  });
});
