import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dumpDatabase } from './database-dump.ts';
import { type Engine, openEngine, refusalCode } from './engine-under-test.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(async () => {
  await engine.close();
});

const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'signed up',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

async function runningAmong(accountIds: readonly string[]): Promise<readonly string[]> {
  const states = await Promise.all(
    accountIds.map((accountId) =>
      engine.temporal.workflow
        .getHandle(`account/${accountId}`)
        .describe()
        .then(
          (description) => description.status.name,
          () => 'NOT FOUND',
        ),
    ),
  );
  return accountIds.filter((_, index) => states[index] === 'RUNNING');
}

describe('TRI-6: one account per owner', () => {
  it('TRI-6 given one owner, when twelve accounts are signed up at once, then one exists and one workflow runs', async () => {
    const ownerId = engine.name('owner');
    const accountIds = Array.from({ length: 12 }, () => engine.name('rush'));
    const outcomes = await Promise.all(
      accountIds.map((accountId) => outcome(engine.perennial.signUp({ accountId, ownerId, catalog: 'qodo' }))),
    );
    expect(outcomes.sort()).toEqual([...(Array(11).fill('account_exists') as string[]), 'signed up']);
    const rows = await engine.db('accounts').where({ ownerId }).select<{ accountId: string }[]>('accountId');
    expect(rows).toHaveLength(1);
    expect(await runningAmong(accountIds)).toEqual(rows.map((row) => row.accountId));
  });

  it('TRI-6 given one account id, when twelve owners sign it up at once, then one owns it and the others are told that it exists', async () => {
    const accountId = engine.name('contested');
    const clients = [engine.perennial, await engine.connect(), await engine.connect()];
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        outcome(clients[index % 3]!.signUp({ accountId, ownerId: engine.name('rival'), catalog: 'codspeed' })),
      ),
    );
    expect(outcomes.sort()).toEqual([...(Array(11).fill('account_exists') as string[]), 'signed up']);
    expect(await runningAmong([accountId])).toEqual([accountId]);
  });

  it('TRI-6 given the same request twelve times at once and again later, then every answer is the first one, and nothing more is written', async () => {
    const accountId = engine.name('patient');
    const request = { accountId, ownerId: accountId, catalog: 'qodo', commandId: 'my key' };
    const answers = await Promise.all(Array.from({ length: 12 }, () => engine.perennial.signUp(request)));
    const before = await dumpDatabase(engine.db);
    answers.push(await engine.perennial.signUp(request));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.result))).size).toBe(1);
    expect(await dumpDatabase(engine.db)).toEqual(before);
    expect(await refusalCode(engine.perennial.signUp({ ...request, commandId: 'another key' }))).toBe('account_exists');
    expect(await refusalCode(engine.perennial.signUp({ ...request, ownerId: 'somebody else' }))).toMatch(
      /account_exists|idempotency_conflict/,
    );
    expect(await dumpDatabase(engine.db)).toEqual(before);
  });

  it('TRI-6 given a refused signup, then its workflow has ended and the same id can be signed up by somebody else', async () => {
    const ownerId = engine.name('owner');
    const [first, second] = [engine.name('first'), engine.name('second')];
    await engine.perennial.signUp({ accountId: first, ownerId, catalog: 'qodo' });
    // Straight to the workflow, past the border's own look: as a race would.
    const sent = engine.temporal.workflow.start('accountWorkflow', {
      workflowId: `account/${second}`,
      taskQueue: engine.options.taskQueue!,
      args: [{ accountId: second, clock: { kind: 'real', offsetSeconds: 0 } }],
    });
    const handle = await sent;
    await handle.signal('signUp', { ownerId, catalog: 'qodo' });
    await handle.result();
    expect(await runningAmong([second])).toEqual([]);
    await engine.perennial.signUp({ accountId: second, ownerId: engine.name('owner'), catalog: 'qodo' });
    expect((await engine.perennial.status(second)).phase).toBe('trialing');
  });
});

describe('AUD-2 and INV-1: what happened, happened', () => {
  it('AUD-2 given the audit, when anybody updates, deletes or truncates it in the database, then the database refuses', async () => {
    const accountId = engine.name('audited');
    await engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'qodo' });
    const before = await dumpDatabase(engine.db);
    for (const sql of [
      "update audit_entries set actor = 'nobody'",
      'update audit_entries set before = null where false',
      'delete from audit_entries',
      'truncate audit_entries',
      'truncate accounts cascade',
    ]) {
      await expect(engine.db.raw(sql), sql).rejects.toThrow(/AUD-2/);
    }
    expect(await dumpDatabase(engine.db)).toEqual(before);
  });

  it('INV-1 given an issued invoice, when its total, its number or a line of it is changed in the database, then the database refuses', async () => {
    const accountId = engine.name('issued');
    await engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'codspeed' });
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_visa');
    await engine.perennial.execute(accountId, { type: 'subscribe', plan: 'pro', seats: 1 });
    for (const sql of [
      'update invoices set total = 1',
      "update invoices set number = 'x'",
      'update invoice_lines set amount = 1',
      'update invoice_lines set invoice_id = null',
      'delete from invoice_lines',
      'delete from invoices',
    ]) {
      await expect(engine.db.raw(sql), sql).rejects.toThrow(/INV-1/);
    }
  });
});
