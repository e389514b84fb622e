import { afterAll, beforeAll, expect, it } from 'vitest';

import { Perennial } from '../../client/perennial.ts';
import { openLine } from '../cuttable-line.ts';
import { type Engine, instant, openEngine, subscribedToPro } from './engine-under-test.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

it('CRE-12 AUD-3 given late use while Temporal cannot be reached, then it is taken, a reconciliation names it, and the next one’s invoice has both', async () => {
  const { accountId, advance } = await subscribedToPro(engine, {
    now: '2027-01-01T00:00:00Z',
    seats: 1,
    interval: 'month',
  });
  const { perennial } = engine;
  await perennial.execute(accountId, { type: 'cancel' });
  await advance('2027-02-01T00:10:00Z');
  const line = await openLine(`http://${engine.options.temporalAddress}`);
  const cutOff = await Perennial.connect({ ...engine.options, temporalAddress: new URL(line.url).host });
  const occurredAt = instant('2027-01-31T23:00:00Z');
  try {
    line.cut();
    const late = { id: 'late-1', feature: 'macro-run', quantity: 700, occurredAt };
    expect(await cutOff.within(2_000, () => cutOff.recordUsage(accountId, late))).toMatchObject({ overage: 100 });
    // Sent again, it is the same event.
    expect(await cutOff.within(2_000, () => cutOff.recordUsage(accountId, late))).toMatchObject({ overage: 100 });
  } finally {
    await cutOff.close();
    await line.close();
  }
  const totals = async (): Promise<unknown> =>
    (await perennial.status(accountId)).invoices.map(({ total, purpose }) => [purpose, total]);
  expect(await totals()).toEqual([['start', 2_000]]);
  const differences = await perennial.reconciliations.ofAccount(accountId);
  expect(differences).toMatchObject([{ kind: 'overage_not_billed', expected: 6_000, found: 0 }]);
  await perennial.recordUsage(accountId, { id: 'late-2', feature: 'macro-run', quantity: 10, occurredAt });
  expect(await totals()).toEqual([
    ['start', 2_000],
    ['final', 352],
  ]);
  expect(await perennial.reconciliations.ofAccount(accountId)).toEqual([]);
});
