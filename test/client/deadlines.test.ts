import { setTimeout as wait } from 'node:timers/promises';

import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { Deadlines } from '../../client/context/deadlines.ts';
import { type Engine, openEngine } from '../engine/engine-under-test.ts';

let engine: Engine;
let connection: Connection;

beforeAll(async () => {
  engine = await openEngine();
  connection = await Connection.connect({ address: engine.options.temporalAddress });
});

afterAll(async () => {
  await connection.close();
  await engine.close();
});

const deadlineNow = (): unknown => connection.callContextStorage.getStore()?.deadline;

it('given two acts at once, when one ends, then the other still has its own end, and afterwards there is none', async () => {
  const deadlines = new Deadlines(connection);
  const before = Date.now();
  const long = deadlines.within(60_000, async () => {
    await wait(100);
    return deadlineNow();
  });
  expect(await deadlines.within(5_000, () => Promise.resolve(deadlineNow()))).toBeLessThan(before + 60_000);
  expect(await long).toBeGreaterThanOrEqual(before + 60_000);
  expect(deadlineNow()).toBeUndefined();
});

it('given an act that asks Temporal, when its time is over, then it fails, and the next one does not', async () => {
  const deadlines = new Deadlines(connection);
  const ask = (): Promise<unknown> => connection.workflowService.getSystemInfo({});
  await expect(deadlines.within(-1, ask)).rejects.toThrow(/deadline/i);
  await expect(deadlines.within(10_000, ask)).resolves.toBeDefined();
});
