import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Perennial } from '../../client/perennial.ts';
import { instant } from '../engine/engine-under-test.ts';
import { openSecuredApi, type SecuredApi } from './secured-api.ts';

let api: SecuredApi;
let account: string;
let clockId: string;
/** Another process, as far as the API knows. */
let elsewhere: Perennial;

beforeAll(async () => {
  api = await openSecuredApi();
  const { engine } = api;
  elsewhere = await engine.connect();
  account = engine.name('watched');
  clockId = `clock of ${account}`;
  await elsewhere.createTestClock({ clockId, now: instant('2027-01-01T00:00:00Z') });
  await elsewhere.signUp({ accountId: account, ownerId: `owner of ${account}`, catalog: 'qodo', testClockId: clockId });
});

afterAll(async () => {
  await api.close();
});

interface Watching {
  readonly status: number;
  readonly headers: Headers;
  /** The next revision that is told. */
  readonly next: () => Promise<string>;
  /** Resolves when the server has ended it. */
  readonly end: () => Promise<void>;
  readonly stop: () => void;
}

async function watch(bearer: string, base = api, accountId = account): Promise<Watching> {
  const controller = new AbortController();
  const { status, headers, body } = await fetch(`${base.url}/v1/accounts/${accountId}/changes`, {
    headers: { authorization: `Bearer ${bearer}` },
    signal: controller.signal,
  });
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  const read = async (): Promise<boolean> => {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array };
    text += new TextDecoder().decode(value);
    return !done;
  };
  return {
    ...{ status, headers },
    next: async () => {
      for (;;) {
        const found = /event: revision\ndata: (\{.*\})\n\n/.exec(text);
        if (found !== null) {
          text = text.slice(found.index + found[0].length);
          return (JSON.parse(found[1] ?? '{}') as { revision: string }).revision;
        }
        if (!(await read())) throw new Error('it ended');
      }
    },
    end: async () => {
      while (await read());
    },
    stop: () => {
      controller.abort();
    },
  };
}

describe('watching an account', () => {
  it('given a watcher, when another process changes the account, then each change is told within two seconds', async () => {
    const watching = await watch(api.key);
    expect(watching.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(watching.headers.get('x-request-id')).toBeTruthy();
    const revisions = [await watching.next()];
    const changes: Readonly<Record<string, () => Promise<unknown>>> = {
      use: () =>
        elsewhere.recordUsage(account, { id: 'u1', feature: 'review', occurredAt: instant('2027-01-01T00:00:00Z') }),
      decision: () => elsewhere.execute(account, { type: 'admitMember', memberId: 'mona', login: 'mona' }),
      clock: () => elsewhere.advanceTestClock(clockId, instant('2027-01-02T00:00:00Z')),
      notice: () => elsewhere.advanceTestClock(clockId, instant('2027-01-08T00:00:00Z')),
    };
    for (const [what, change] of Object.entries(changes)) {
      const before = revisions.at(-1);
      await change();
      const startedAtMs = Date.now();
      // A change may be seen half-way, and then whole.
      revisions.push(await watching.next());
      expect(Date.now() - startedAtMs, what).toBeLessThan(2000);
      expect(revisions.at(-1), what).not.toBe(before);
    }
    watching.stop();
    await expect.poll(() => api.engine.perennial.changes.size).toBe(0);
  });

  it('SEA-17 given members, admins, others and nobody, then who may read the account may watch it', async () => {
    const member = await watch(await api.portalToken(account, 'mona', 'member'));
    expect(await member.next()).toMatch(/^[0-9a-f]{32}$/);
    member.stop();
    const other = api.engine.name('other');
    await elsewhere.signUp({ accountId: other, ownerId: other, catalog: 'codspeed' });
    const answers = await Promise.all([
      watch(await api.portalToken(other, other, 'admin')),
      watch(await api.keyWith('usage:write')),
      watch('nonsense'),
      watch(api.key, api, 'none'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 401, 404]);
    const head = await fetch(`${api.url}/v1/accounts/${account}/changes`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${api.key}` },
    });
    expect(head.status, 'one that never ends').toBe(405);
  });

  it('given a portal user with ten tabs, then the eleventh is told to wait, and one that closes makes room', async () => {
    const token = await api.portalToken(account, 'mona', 'member');
    const tabs = await Promise.all(Array.from({ length: 10 }, () => watch(token)));
    const refused = await api.ask('GET', `/v1/accounts/${account}/changes`, { bearer: token });
    expect(refused.body).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(refused.headers.get('retry-after')).toBe('30');
    for (const tab of tabs) tab.stop();
    await expect
      .poll(async () => (await api.ask('GET', `/v1/accounts/${account}/changes`, { bearer: token })).status)
      .toBe(200);
  });

  it('AUD-2 given a key that is revoked while it watches, then it is told nothing more within some seconds', async () => {
    const key = await api.keyWith('accounts:read');
    const watching = await watch(key);
    await watching.next();
    await api.engine.perennial.keys.revoke(key.split('_')[1] ?? '');
    const startedAtMs = Date.now();
    await watching.end();
    expect(Date.now() - startedAtMs).toBeLessThan(10_000);
  });

  it('given a server that stops while somebody watches, then it ends, and so does what is watched', async () => {
    const other = await openSecuredApi();
    const accountId = other.engine.name('stopped');
    await other.engine.perennial.signUp({ accountId, ownerId: 'x', catalog: 'codspeed' });
    const watching = await watch(other.key, other, accountId);
    await watching.next();
    const startedAtMs = Date.now();
    await Promise.all([watching.end(), other.close()]);
    expect(Date.now() - startedAtMs).toBeLessThan(8000);
  });
});
