import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { AccessQuestion } from '../../client/access/check-access.ts';
import { type Engine, openEngine, refusalCode, signUpOnClock, subscribedToPro } from './engine-under-test.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(async () => {
  await engine.close();
});

const run = (id: string, visibility: 'private' | 'public' = 'private'): AccessQuestion => ({
  kind: 'run',
  sender: { id },
  visibility,
});

describe('AUD-1: who may run is decided from Postgres', () => {
  it('AUD-1 given members of many accounts, when all ask at the same time, then each gets the answer of its own account', async () => {
    const accounts = await Promise.all(
      [1, 2, 3].map(async (number) => {
        const { accountId } = await subscribedToPro(engine, {
          now: '2027-01-01T00:00:00Z',
          seats: 2,
          interval: 'year',
        });
        await engine.perennial.checkAccess(accountId, run(`ann-${String(number)}`));
        await engine.perennial.checkAccess(accountId, run('bob'));
        return accountId;
      }),
    );
    await engine.perennial.execute(accounts[1]!, { type: 'disableMember', memberId: 'bob' });
    // Nothing that follows needs a worker.
    await engine.worker.stop();
    const asked = Array.from({ length: 60 }, (_, index) => {
      const [number, who] = [index % 3, index % 2 === 0 ? `ann-${String((index % 3) + 1)}` : 'bob'];
      return { account: accounts[number]!, who, isDisabled: number === 1 && who === 'bob' };
    });
    const answers = asked.map(({ account, who, isDisabled }) => {
      const answer = engine.perennial.checkAccess(account, run(who));
      if (isDisabled) return expect(refusalCode(answer)).resolves.toBe('member_disabled');
      return expect(answer).resolves.toEqual({ allowed: true, member: who });
    });
    const unknown = refusalCode(engine.perennial.checkAccess('nobody', run('bob')));
    const open = engine.perennial.checkAccess(accounts[1]!, run('bob', 'public'));
    const visit = refusalCode(engine.perennial.checkAccess(accounts[1]!, { kind: 'dashboard', member: { id: 'bob' } }));
    const unattributed = engine.perennial.checkAccess(accounts[1]!, { ...run('bob'), sender: null } as AccessQuestion);
    const malformed = refusalCode(
      engine.perennial.checkAccess(accounts[1]!, { ...run('bob'), visibility: 'secret' } as never),
    );
    await Promise.all(answers);
    expect(await unknown).toBe('unknown_account');
    expect(await open).toEqual({ allowed: true, member: null });
    expect(await visit).toBe('member_disabled');
    expect(await unattributed).toEqual({ allowed: true, member: null });
    expect(await malformed).toBe('invalid_request');
    await engine.worker.start();
  });

  it('TRI-3 given no worker, when the trial’s end has passed, then runs stop and the dashboard stays', async () => {
    const account = await signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-01T00:00:00Z' });
    expect(await engine.perennial.checkAccess(account.accountId, run('ann'))).toMatchObject({ allowed: true });
    await engine.worker.stop();
    const advancing = account.advance('2027-01-15T00:00:00Z');
    await expect.poll(() => engine.perennial.now(account.accountId)).toBe('2027-01-15T00:00:00Z');
    expect(await refusalCode(engine.perennial.checkAccess(account.accountId, run('ann')))).toBe('trial_ended');
    const visit = await engine.perennial.checkAccess(account.accountId, { kind: 'dashboard', member: { id: 'ann' } });
    expect(visit).toMatchObject({ allowed: true });
    await engine.worker.start();
    await advancing;
    expect(await refusalCode(engine.perennial.checkAccess(account.accountId, run('ann')))).toBe('trial_ended');
  });

  it('SEA-8 given no worker, when the cycle’s end has passed that takes a member’s seat, then they are refused already', async () => {
    const account = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month' });
    await engine.perennial.checkAccess(account.accountId, run('ann'));
    await engine.perennial.checkAccess(account.accountId, run('bob'));
    await engine.perennial.execute(account.accountId, { type: 'removeSeats', memberId: 'bob' });
    await account.advance('2027-01-31T23:59:59Z');
    expect(await engine.perennial.checkAccess(account.accountId, run('bob'))).toMatchObject({ allowed: true });
    await engine.worker.stop();
    const advancing = account.advance('2027-02-01T00:00:00Z');
    await expect.poll(() => engine.perennial.now(account.accountId)).toBe('2027-02-01T00:00:00Z');
    expect(await refusalCode(engine.perennial.checkAccess(account.accountId, run('bob')))).toBe('no_seat');
    expect(await engine.perennial.checkAccess(account.accountId, run('ann'))).toMatchObject({ allowed: true });
    await engine.worker.start();
    await advancing;
    expect(await refusalCode(engine.perennial.checkAccess(account.accountId, run('bob')))).toBe('no_seat');
  });
});

describe('SEA: runs that are under way', () => {
  it('SEA-14 given a member who is disabled in the middle of a run, when its minutes come in, then they are taken and nobody new begins', async () => {
    const { accountId } = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    await engine.perennial.checkAccess(accountId, run('ann'));
    await engine.perennial.execute(accountId, { type: 'disableMember', memberId: 'ann' });
    const minutes = { feature: 'macro-run', quantity: 12, member: 'ann', id: 'job 1' };
    expect(await engine.perennial.recordUsage(accountId, minutes)).toMatchObject({ included: 12, overage: 0 });
    expect(await refusalCode(engine.perennial.checkAccess(accountId, run('ann')))).toBe('member_disabled');
    expect((await engine.perennial.status(accountId)).meters['macro_minutes']).toMatchObject({ usedIncluded: 12 });
  });

  it('SEA-4 given a member who was renamed, when they run again, then they are the same member, and a run without a sender is nobody’s', async () => {
    const { accountId } = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 1, interval: 'month' });
    const as = (login: string): AccessQuestion => ({ ...run('u-1'), sender: { id: 'u-1', login } }) as AccessQuestion;
    expect(await engine.perennial.checkAccess(accountId, as('ann'))).toEqual({ allowed: true, member: 'u-1' });
    expect(await engine.perennial.checkAccess(accountId, as('ann-married'))).toEqual({ allowed: true, member: 'u-1' });
    const nobody: AccessQuestion = { kind: 'run', sender: null, visibility: 'private' };
    expect(await engine.perennial.checkAccess(accountId, nobody)).toEqual({ allowed: true, member: null });
    const { members, seats } = await engine.perennial.status(accountId);
    expect(members.map((member) => member.member)).toEqual(['u-1']);
    expect(seats).toMatchObject({ used: 1 });
  });

  it('SEA-16 given a repository that turns public and private again, then nobody’s seat changes, and nothing is counted in arrears', async () => {
    const { accountId } = await subscribedToPro(engine, { now: '2027-01-01T00:00:00Z', seats: 2, interval: 'month' });
    await engine.perennial.checkAccess(accountId, run('ann'));
    const before = await engine.perennial.status(accountId);
    for (const who of ['ann', 'bob', 'cyd']) await engine.perennial.checkAccess(accountId, run(who, 'public'));
    expect(await engine.perennial.status(accountId)).toEqual(before);
    // Private from here on: who runs now is counted from now, the others who ran in public are not.
    await engine.perennial.checkAccess(accountId, run('bob'));
    const { members, seats, invoices } = await engine.perennial.status(accountId);
    expect(members.map((member) => member.member)).toEqual(['ann', 'bob']);
    expect(seats).toEqual({ quantity: 2, used: 2, free: 0, awaitingRemoval: 0 });
    expect(invoices).toEqual(before.invoices);
  });
});
