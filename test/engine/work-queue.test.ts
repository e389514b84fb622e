import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { WorkQueue } from '../../db/work-queue.ts';

interface Piece {
  readonly accountId: string;
  readonly size: number;
  readonly name: string;
}

/** What becomes of one batch, as a test lets it. */
interface Flight {
  readonly names: readonly string[];
  hasTurn: boolean;
  readonly pass: () => void;
  readonly land: () => void;
}

class QueueUnderTest {
  readonly flights: Flight[] = [];
  readonly queue = new WorkQueue<Piece>((batch, turn) => {
    const names = [...batch.values()].flat().map(({ name }) => name);
    return new Promise((land) => {
      const flight: Flight = { names, hasTurn: false, pass: turn.pass, land };
      this.flights.push(flight);
      void turn.comes.then(() => (flight.hasTurn = true));
    });
  });

  async add(name: string, size: number, accountId = 'acme'): Promise<void> {
    this.queue.add({ accountId, size, name });
    await settled();
  }

  async land(index: number): Promise<void> {
    this.flights[index]?.land();
    await settled();
  }

  async pass(index: number): Promise<void> {
    this.flights[index]?.pass();
    await settled();
  }

  get names(): readonly (readonly string[])[] {
    return this.flights.map(({ names }) => names);
  }

  get turns(): readonly boolean[] {
    return this.flights.map(({ hasTurn }) => hasTurn);
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await nextTurn();
}

describe('batches of an account', () => {
  test('share whatever came while the one before was under way', async () => {
    const under = new QueueUnderTest();
    await under.add('first', 1);
    await under.add('second', 1);
    await under.add('third', 1);
    expect(under.names).toEqual([['first']]);
    await under.land(0);
    expect(under.names).toEqual([['first'], ['second', 'third']]);
  });

  test('are made ready ahead where much waits, one at most, and take their turn when the one before has landed', async () => {
    const under = new QueueUnderTest();
    for (const name of ['first', 'second', 'third', 'fourth']) await under.add(name, 500);
    expect(under.names).toEqual([['first'], ['second']]);
    expect(under.turns).toEqual([true, false]);
    await under.land(0);
    expect(under.names).toEqual([['first'], ['second'], ['third', 'fourth']]);
    expect(under.turns).toEqual([true, true, false]);
  });

  test('take their turn as soon as the one before has passed it on, and make room when that has landed, in whatever order', async () => {
    const under = new QueueUnderTest();
    for (const name of ['first', 'second', 'third', 'fourth']) await under.add(name, 500);
    await under.pass(0);
    expect(under.names).toEqual([['first'], ['second']]);
    expect(under.turns).toEqual([true, true]);
    await under.land(1);
    expect(under.names).toEqual([['first'], ['second'], ['third', 'fourth']]);
    expect(under.turns).toEqual([true, true, true]);
    await under.land(0);
    await under.land(2);
    await under.queue.idle();
  });

  test('wait for every batch before them that shares an account', async () => {
    const under = new QueueUnderTest();
    await under.add('a1', 500, 'a');
    await under.add('b1', 500, 'b');
    under.queue.add({ accountId: 'a', size: 200, name: 'a2' });
    await under.add('b2', 200, 'b');
    expect(under.names).toEqual([['a1'], ['b1'], ['a2', 'b2']]);
    await under.land(1);
    expect(under.turns).toEqual([true, true, false]);
    await under.land(0);
    expect(under.turns).toEqual([true, true, true]);
  });

  test('are over when nothing waits and nothing is under way', async () => {
    const under = new QueueUnderTest();
    await under.add('first', 500);
    await under.add('second', 500);
    let isIdle = false;
    void under.queue.idle().then(() => (isIdle = true));
    await under.land(0);
    expect(isIdle).toBe(false);
    await under.land(1);
    expect(isIdle).toBe(true);
  });
});
