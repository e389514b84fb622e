import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openRemoteGround } from '../../simulate/remote-ground.ts';
import { readScenario } from '../../simulate/read-scenario.ts';
import { type ApiUnderTest, openApi } from '../server/api-under-test.ts';

/** So many at once; then one comes back each second. */
const A_MINUTE = 60;

let api: ApiUnderTest;
beforeAll(async () => {
  api = await openApi({ rateLimits: { default: A_MINUTE, usage: null, portal: null } });
});
afterAll(() => api.close());

const refusals = (): number => api.logged.filter((line) => line.includes('"status":429')).length;

describe('scenarios over HTTP, more than a key may ask', () => {
  it('given a key that has asked all it may, when a scenario asks, then it waits as it is told, and what it sent is done once', async () => {
    await Promise.all(Array.from({ length: A_MINUTE }, () => api.client.GET('/v1/test-clocks')));
    const startedMs = performance.now();
    const ground = await openRemoteGround({ url: api.url, key: api.key });
    const scenario = readScenario('scenarios/04-codspeed-yearly-seats.yaml', 'catalogs');
    const name = api.engine.name('asked-twice');
    // Bodies are sent again whole, and nothing of what was refused had been done.
    expect(await ground.publish(scenario, name)).toMatchObject({ version: 1 });
    expect(await ground.publish(scenario, name)).toMatchObject({ version: 1 });
    expect(refusals()).toBeGreaterThan(0);
    expect(performance.now() - startedMs).toBeGreaterThan(900);
    await ground.close();
  });

  it('given a refusal that no waiting cures, then it is told at once', async () => {
    await expect(openRemoteGround({ url: api.url, key: 'nonsense' })).rejects.toThrow('key');
  });
});
