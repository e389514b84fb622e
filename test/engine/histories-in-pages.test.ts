import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { codspeedPriced } from './codspeed-priced.ts';
import { type Engine, openEngine } from './engine-under-test.ts';
import { record, replayFailures, runsOf } from './recorded-histories.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

let engine: Engine;
let accountIds: readonly string[];
const NAMES = ['a', 'b', 'c', 'd', 'e'];

beforeAll(async () => {
  engine = await openEngine();
  accountIds = NAMES.map((stem) => engine.name(stem));
  for (const accountId of accountIds)
    await engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'codspeed' });
});
afterAll(() => engine.close());

/** How each run of a workflow ended, the first one first. */
async function endsOf(workflowId: string): Promise<readonly string[]> {
  const ends: string[] = [];
  const runs = engine.temporal.workflow.list({ query: `WorkflowId = "${workflowId}"` });
  for await (const { status } of runs) ends.unshift(status.name);
  return ends;
}

describe('workflows that go through all accounts, in several runs', () => {
  it('CAT-2 given more accounts than a run tells, when they are told to move, then each once, in as many runs as it takes, and all runs replay', async () => {
    const { catalogMigrations } = engine.perennial;
    await engine.perennial.publishCatalog(codspeedPriced({ month: 5_000, year: 60_000 }));
    const pace = { accountsPerPage: 1, pagesPerRun: 2 };
    const { migrationId } = await catalogMigrations.start({ catalog: 'codspeed', actor: 'ann', pace });
    const workflowId = `catalog-migration/${migrationId}`;
    await engine.temporal.workflow.getHandle(workflowId).result();
    expect(await endsOf(workflowId)).toEqual(['CONTINUED_AS_NEW', 'CONTINUED_AS_NEW', 'COMPLETED']);
    await vi.waitFor(async () => {
      expect(await catalogMigrations.get('codspeed', migrationId)).toMatchObject({
        ...{ status: 'done', accountsTold: 5, accountsMoved: 5, accountsLeft: 0 },
      });
    }, 20_000);
    const told = await engine.db('auditEntries').where({ action: 'catalog.migrated' }).select('accountId');
    expect(told.map(({ accountId }) => accountId).sort()).toEqual([...accountIds].sort());
    const histories = await runsOf(engine, 'migration', workflowId);
    expect(histories.map(({ name }) => name)).toEqual(['migration-run-3', 'migration-run-2', 'migration-run-1']);
    expect(await replayFailures(histories)).toEqual([]);
    await record(histories);
  });

  it('AUD-3 given more accounts than a run looks at, when all are compared, then each once, in one report, and all runs replay', async () => {
    const { reconciliations } = engine.perennial;
    const pace = { accountsPerPage: 1, leastPageMs: 50, pagesPerRun: 2 };
    const { reconciliationId } = await reconciliations.start('ann', pace);
    const workflowId = `reconciliation/${engine.options.taskQueue ?? ''}`;
    await engine.temporal.workflow.getHandle(workflowId).result();
    expect(await endsOf(workflowId)).toEqual(['CONTINUED_AS_NEW', 'CONTINUED_AS_NEW', 'COMPLETED']);
    expect(await reconciliations.get(reconciliationId)).toMatchObject({
      ...{ startedBy: 'ann', accountsLookedAt: 5, differenceCount: 0, endedAt: expect.any(String) as string },
    });
    const histories = await runsOf(engine, 'reconciliation', workflowId);
    const compared = JSON.stringify(histories).match(/"activityType":\{"name":"reconcileAccount"\}/g);
    expect(compared).toHaveLength(accountIds.length);
    expect(await replayFailures(histories)).toEqual([]);
    await record(histories);
  });
});
