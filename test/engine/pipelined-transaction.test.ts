import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Database, openDatabase } from '../../db/database.ts';
import { inPipelinedTransaction } from '../../db/pipelined-transaction.ts';
import { run } from '../../db/run-statement.ts';
import type { Statement } from '../../db/statement.ts';
import { type Engine, openEngine } from './engine-under-test.ts';

let engine: Engine;
/** One connection, so that a transaction that is left open, or a connection that is spoilt, is met by whoever comes next. */
let db: Database;

beforeAll(async () => {
  engine = await openEngine();
  db = openDatabase(engine.options.databaseUrl, 1);
});

afterAll(async () => {
  await db.destroy();
  await engine.close();
});

const insert = (clockId: string, nowAt = '2027-01-01T00:00:00Z'): Statement => ({
  name: 'insert-clock',
  text: 'insert into test_clocks (clock_id, now_at) values ($1, $2)',
  values: [clockId, nowAt],
});

const like = (stem: string): Statement => ({
  name: 'clocks-like',
  text: `select clock_id as "clockId" from test_clocks where clock_id like $1 || '%' order by clock_id`,
  values: [stem],
});

const clocksLike = async (stem: string): Promise<readonly string[]> =>
  (await run<{ clockId: string }>(db, like(stem))).map(({ clockId }) => clockId);

describe('a transaction that does not wait', () => {
  it('given writes, when something is read, then it comes after them, and all of it is there once the transaction has ended', async () => {
    const stem = engine.name('pipelined');
    const seen = await inPipelinedTransaction(db, async (trx) => {
      trx.write(insert(`${stem}/1`));
      trx.write(insert(`${stem}/2`));
      const rows = await trx.run<{ clockId: string }>(like(stem));
      trx.write(insert(`${stem}/3`));
      return rows.map(({ clockId }) => clockId);
    });
    expect(seen).toEqual([`${stem}/1`, `${stem}/2`]);
    expect(await clocksLike(stem)).toEqual([`${stem}/1`, `${stem}/2`, `${stem}/3`]);
  });

  it('given a write that Postgres refuses, when the transaction ends, then that is what is thrown, nothing is there, and the connection goes on', async () => {
    const stem = engine.name('refused');
    const refused = inPipelinedTransaction(db, (trx) => {
      trx.write(insert(`${stem}/1`));
      trx.write(insert(`${stem}/1`));
      trx.write(insert(`${stem}/2`));
      return Promise.resolve();
    });
    await expect(refused).rejects.toMatchObject({ code: '23505' });
    const before = inPipelinedTransaction(db, async (trx) => {
      trx.write(insert(`${stem}/3`, 'no instant'));
      await trx.run(like(stem));
    });
    await expect(before).rejects.toMatchObject({ code: '22007' });
    expect(await clocksLike(stem)).toEqual([]);
    await inPipelinedTransaction(db, (trx) => {
      trx.write(insert(`${stem}/4`));
      return Promise.resolve();
    });
    expect(await clocksLike(stem)).toEqual([`${stem}/4`]);
  });

  it('given an error that was passed over, when the transaction ends, then it does not pass for committed', async () => {
    const stem = engine.name('passed-over');
    const passedOver = inPipelinedTransaction(db, async (trx) => {
      trx.write(insert(`${stem}/1`));
      trx.write(insert(`${stem}/1`));
      await trx.run(like(stem)).catch(() => []);
    });
    await expect(passedOver).rejects.toThrow('not committed');
    expect(await clocksLike(stem)).toEqual([]);
  });

  it('given whoever decides changes his mind, when he throws, then nothing of it is there', async () => {
    const stem = engine.name('undecided');
    const undecided = inPipelinedTransaction(db, async (trx) => {
      trx.write(insert(`${stem}/1`));
      await trx.run(like(stem));
      trx.write(insert(`${stem}/2`));
      throw new Error('undecided');
    });
    await expect(undecided).rejects.toThrow('undecided');
    expect(await clocksLike(stem)).toEqual([]);
  });

  it('given the connection breaks in the middle, when the next transaction begins, then it has another one', async () => {
    const stem = engine.name('broken');
    const broken = inPipelinedTransaction(db, async (trx) => {
      trx.write(insert(`${stem}/1`));
      await trx.run({ name: 'end-oneself', text: 'select pg_terminate_backend(pg_backend_pid())', values: [] });
    });
    await expect(broken).rejects.toThrow();
    await inPipelinedTransaction(db, (trx) => {
      trx.write(insert(`${stem}/2`));
      return Promise.resolve();
    });
    expect(await clocksLike(stem)).toEqual([`${stem}/2`]);
  });
});
