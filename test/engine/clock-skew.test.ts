import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Engine, instant, openEngine, refusalCode, signUpOnClock } from './engine-under-test.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(async () => {
  await engine.close();
});

describe('CRE-12: a sender whose clock runs ahead', () => {
  it('CAL-1 CRE-12 given the last minute of a trial, when an event is dated after its end, then it is the paid cycle’s that begins then', async () => {
    const account = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z', stem: 'ahead' });
    const { accountId } = account;
    await engine.perennial.addPaymentMethod(accountId, 'pm_card_visa');
    await engine.perennial.execute(accountId, { type: 'subscribe', plan: 'pro-teams', pack: 'small' });
    await account.advance('2027-01-14T23:59:00Z');
    const event = { feature: 'review', credits: 100, occurredAt: instant('2027-01-15T00:02:00Z') };
    expect(await engine.perennial.recordUsage(accountId, event)).toMatchObject({ trial: 0, included: 100, overage: 0 });

    await account.advance('2027-01-15T00:01:00Z');
    const paid = await engine.perennial.recordUsage(accountId, { feature: 'review', credits: 10 });
    expect(paid).toMatchObject({ trial: 0, included: 10, overage: 0 });
    const { meters } = await engine.perennial.status(accountId);
    expect(meters['credits']).toMatchObject({ included: 2500, usedIncluded: 110 });
  });

  it('CRE-12 given an event more than five minutes ahead, then it is refused', async () => {
    const { accountId } = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z', stem: 'far' });
    const event = { feature: 'review', occurredAt: instant('2027-01-01T00:05:01Z') };
    expect(await refusalCode(engine.perennial.recordUsage(accountId, event))).toBe('event_in_future');
  });
});
