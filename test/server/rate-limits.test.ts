import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newSecretKey } from '../../client/credentials/secret-key.ts';
import { TokenBuckets } from '../../server/limits/token-buckets.ts';
import { openSecuredApi, type SecuredApi } from './secured-api.ts';

describe('token buckets', () => {
  it('given any series of requests, then no window has more than twice the quota, and what was promised is kept', () => {
    const series = fc.array(fc.record({ waitMs: fc.nat(4000), count: fc.nat(8) }), { maxLength: 40 });
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 20 }), (steps, requests) => {
        let nowMs = 0;
        const buckets = new TokenBuckets({ requests, windowSeconds: 10 }, () => nowMs);
        const allowedAt: number[] = [];
        for (const { waitMs, count } of steps) {
          nowMs += waitMs;
          for (let each = 0; each < count; each++) {
            const promised = buckets.look('a');
            const taken = buckets.take('a');
            expect(taken.isAllowed).toBe(promised.isAllowed);
            if (taken.isAllowed) allowedAt.push(nowMs);
            else expect(taken).toMatchObject({ remaining: 0 });
          }
        }
        for (const from of allowedAt) {
          const inWindow = allowedAt.filter((at) => at >= from && at < from + 10_000);
          expect(inWindow.length).toBeLessThanOrEqual(2 * requests);
        }
        // Whoever waits as long as they are told gets through.
        while (buckets.take('a').isAllowed);
        nowMs += buckets.take('a').retryAfterSeconds * 1000;
        expect(buckets.take('a').isAllowed).toBe(true);
      }),
    );
  });

  it('given a hundred thousand owners, then those who are quiet again are forgotten, and nobody gets more for it', () => {
    let nowMs = 0;
    const buckets = new TokenBuckets({ requests: 2, windowSeconds: 1 }, () => nowMs);
    buckets.take('busy');
    buckets.take('busy');
    for (let each = 0; each < 30_000; each++) buckets.take(String(each));
    expect(buckets.take('busy').isAllowed).toBe(false);
    nowMs -= 5000;
    expect(buckets.take('busy').isAllowed).toBe(false);
  });
});

describe('rate limits of the API', () => {
  let api: SecuredApi;
  beforeAll(async () => {
    api = await openSecuredApi({ rateLimits: { default: 5, usage: 1000, portal: 3 } });
  });
  afterAll(async () => {
    await api.close();
  });

  it('given a key over its limit, then it is told when to come back, others go on, and so does its successor not', async () => {
    const key = await api.keyWith('accounts:read');
    const other = await api.keyWith('accounts:read');
    const answers = [];
    for (let each = 0; each < 6; each++) answers.push(await api.ask('GET', '/v1/accounts/none', { bearer: key }));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 429]);
    expect(answers[0]!.headers.get('ratelimit-policy')).toBe('"default";q=5;w=60');
    expect(answers[0]!.headers.get('ratelimit')).toBe('"default";r=4;t=12');
    expect(answers[5]!.headers.get('ratelimit')).toBe('"default";r=0;t=60');
    expect(Number(answers[5]!.headers.get('retry-after'))).toBeLessThanOrEqual(12);
    expect(answers[5]!.body).toMatchObject({ code: 'rate_limited', status: 429 });
    expect((await api.ask('GET', '/v1/accounts/none', { bearer: other })).status).toBe(404);
    const { secret } = await api.engine.perennial.keys.rotate(key.split('_')[1]!);
    expect((await api.ask('GET', '/v1/accounts/none', { bearer: secret })).status).toBe(429);
  });

  it('given what a key may not do, then that counts too', async () => {
    const key = await api.keyWith('usage:write');
    const statuses = [];
    for (let each = 0; each < 6; each++) statuses.push((await api.ask('GET', '/v1/keys', { bearer: key })).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });

  it('given portal users, then each has a limit of their own, whatever token they come with', async () => {
    const accountId = api.engine.name('limited');
    await api.engine.perennial.signUp({ accountId, ownerId: accountId, catalog: 'codspeed' });
    const statuses = [];
    for (let each = 0; each < 4; each++) {
      const bearer = await api.portalToken(accountId, accountId, 'admin');
      const answer = await api.ask('GET', `/v1/accounts/${accountId}`, { bearer });
      expect(answer.headers.get('ratelimit-policy')).toBe('"portal";q=3;w=60');
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    const other = await api.portalToken(accountId, 'other', 'admin');
    expect((await api.ask('GET', `/v1/accounts/${accountId}`, { bearer: other })).status).toBe(200);
  });

  it('given somebody who guesses keys, then soon nothing is looked up for them, and keys in use are not concerned', async () => {
    const key = await api.keyWith('accounts:read');
    await api.ask('GET', '/v1/accounts/none', { bearer: key });
    const statuses = new Map<number, number>();
    for (let each = 0; each < 70; each++) {
      const { status } = await api.ask('GET', '/v1/accounts/none', { bearer: newSecretKey().secret });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(statuses.get(429)).toBeGreaterThan(0);
    expect(statuses.get(401)).toBeGreaterThanOrEqual(60);
    expect((await api.ask('GET', '/v1/accounts/none', { bearer: key })).status).toBe(404);
    expect((await api.ask('GET', '/healthz', { bearer: null })).status).toBe(200);
  });
});
