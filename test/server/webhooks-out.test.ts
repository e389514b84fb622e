import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { RETRY_DELAYS_SECONDS } from '../../workers/outgoing/retry-delays.ts';
import { startWebhookCourier } from '../../workers/outgoing/webhook-courier.ts';
import { type Engine, signUpOnClock, startWorkerProcess, subscribedToPro } from '../engine/engine-under-test.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';
import { isSignedWith, type Received, type Receiver, startReceiver } from './receiver.ts';

let api: ApiUnderTest;
let engine: Engine;
let receiver: Receiver;

beforeAll(async () => {
  [api, receiver] = await Promise.all([openApi(), startReceiver()]);
  ({ engine } = api);
});

afterAll(async () => {
  receiver.close();
  await api.close();
});

interface Endpoint {
  readonly endpointId: string;
  readonly secret: string;
  readonly eventTypes: readonly string[] | null;
  readonly failingSince: string | null;
  readonly enabled: boolean;
}

interface Delivery {
  readonly deliveryId: number;
  readonly messageId: string;
  readonly type: string;
  readonly accountId: string;
  readonly state: string;
  readonly attempts: number;
  readonly tries: readonly { readonly status: number | null; problem: string | null; response: string | null }[];
}

async function call<Answer>(method: string, path: string, body?: object, headers: object = {}): Promise<Answer> {
  const answer = await fetch(`${api.url}/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${api.key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${String(answer.status)} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as Answer;
}

const addEndpoint = (path: string, eventTypes: readonly string[] | null = null): Promise<Endpoint> =>
  call('POST', '/webhook-endpoints', { url: `${receiver.url}${path}`, eventTypes });

const deliveriesTo = async ({ endpointId }: Endpoint): Promise<readonly Delivery[]> =>
  (await call<{ items: Delivery[] }>('GET', `/webhook-endpoints/${endpointId}/deliveries?limit=100`)).items;

const about =
  (accountId: string, type?: string) =>
  ({ event }: Received): boolean =>
    event.data['account'] === accountId && (type === undefined || event.type === type);

const signUp = (stem: string) => signUpOnClock(engine, { catalog: 'qodo', now: '2027-01-31T09:00:00Z', stem });

describe('events', () => {
  it('given an endpoint, when an account subscribes and cannot pay later, then it is told of each step, signed', async () => {
    const endpoint = await addEndpoint('/life');
    const account = await subscribedToPro(engine, { now: '2027-01-31T09:00:00Z', seats: 2, interval: 'month' });
    await engine.perennial.addPaymentMethod(account.accountId, 'pm_card_chargeCustomerFail');
    await account.advance('2027-03-01T00:00:00Z');
    await receiver.arrived('/life', about(account.accountId, 'notice.given'));
    const own = receiver.received.filter(about(account.accountId));
    expect(own.every((each) => isSignedWith(endpoint.secret, each))).toBe(true);
    expect(own.some((each) => isSignedWith('whsec_bm90IHRoZSBzZWNyZXQ=', each))).toBe(false);
    expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
    const types = new Set(own.map(({ event }) => event.type));
    for (const type of ['account.signed_up', 'invoice.issued', 'invoice.paid', 'payment.failed', 'phase.changed']) {
      expect(types).toContain(type);
    }
    const failed = own.find(({ event }) => event.type === 'payment.failed');
    expect(failed?.event).toMatchObject({ timestamp: '2027-02-28T09:00:00Z', data: { after: { reason: 'declined' } } });
  });

  it('given an endpoint for some types only, or switched off, then it is told of nothing else', async () => {
    const [some, off] = [await addEndpoint('/some', ['invoice.*', 'phase.changed']), await addEndpoint('/off')];
    await call('PATCH', `/webhook-endpoints/${off.endpointId}`, { enabled: false });
    const account = await subscribedToPro(engine, { now: '2027-01-31T09:00:00Z', seats: 1, interval: 'month' });
    await receiver.arrived('/some', about(account.accountId, 'invoice.paid'));
    await receiver.arrived('/some', about(account.accountId, 'phase.changed'));
    await vi.waitUntil(async () => (await deliveriesTo(some)).every(({ state }) => state === 'delivered'), 10_000);
    const types = new Set(receiver.received.filter(({ path }) => path === '/some').map(({ event }) => event.type));
    expect([...types].sort()).toEqual(['invoice.issued', 'invoice.paid', 'phase.changed']);
    expect(await deliveriesTo(off)).toEqual([]);
  });

  it('given a receiver that fails at first, when it works again, then the same message comes again, with every try in the log', async () => {
    const endpoint = await addEndpoint('/flaky', ['account.signed_up']);
    receiver.react('/flaky', { status: 503, body: 'x'.repeat(5_000) }, { status: 200 });
    const { accountId } = await signUp('flaky');
    const [first, second] = await receiver.arrived('/flaky', about(accountId), 2);
    expect([second?.id, second?.body]).toEqual([first?.id, first?.body]);
    await vi.waitUntil(async () => (await deliveriesTo(endpoint))[0]?.state === 'delivered', 10_000);
    const [delivery] = await deliveriesTo(endpoint);
    expect(delivery).toMatchObject({ attempts: 2, type: 'account.signed_up', accountId });
    expect(delivery?.tries.map(({ status }) => status)).toEqual([503, 200]);
    expect(delivery?.tries[0]?.response).toHaveLength(1_024);
  });

  it('given a redirect, then it is an answer like any other, and is not followed', async () => {
    const endpoint = await addEndpoint('/moved', ['account.signed_up']);
    receiver.react('/moved', { status: 302, location: '/elsewhere' });
    await signUp('moved');
    await vi.waitUntil(async () => (await deliveriesTo(endpoint))[0]?.tries[0]?.status === 302, 10_000);
    expect(receiver.received.some(({ path }) => path === '/elsewhere')).toBe(false);
  });
});

describe('by hand', () => {
  it('given a message that arrived, when it is replayed, or all since an instant, then it comes again with its id', async () => {
    const endpoint = await addEndpoint('/again', ['account.signed_up']);
    const since = new Date(Date.now() - 1_000).toISOString();
    const { accountId } = await signUp('again');
    const [first] = await receiver.arrived('/again', about(accountId));
    await vi.waitUntil(async () => (await deliveriesTo(endpoint))[0]?.state === 'delivered', 10_000);
    expect(
      await call('POST', `/webhook-messages/${first?.id ?? ''}/replay`, { endpointId: endpoint.endpointId }),
    ).toEqual({
      deliveries: 1,
    });
    await receiver.arrived('/again', about(accountId), 2);
    await vi.waitUntil(async () => (await deliveriesTo(endpoint))[0]?.state === 'delivered', 10_000);
    const late = await addEndpoint('/late', ['account.signed_up']);
    await call('POST', `/webhook-endpoints/${late.endpointId}/replay`, { since });
    const [replayed] = await receiver.arrived('/late', about(accountId));
    expect(replayed?.id).toBe(first?.id);
    await expect(call('POST', '/webhook-messages/msg_nobody/replay')).rejects.toThrow('unknown_webhook_message');
  });

  it('given a secret that is rotated, then both sign until the old one is over, and a repeated request makes no third', async () => {
    const endpoint = await addEndpoint('/rotated', ['account.signed_up']);
    const rotate = (): Promise<Endpoint> =>
      call('POST', `/webhook-endpoints/${endpoint.endpointId}/rotate-secret`, {}, { 'idempotency-key': 'once' });
    const rotated = await rotate();
    expect((await rotate()).secret).toBe(rotated.secret);
    const during = await signUp('rotated');
    const [both] = await receiver.arrived('/rotated', about(during.accountId));
    expect(both === undefined ? [] : [endpoint, rotated].map(({ secret }) => isSignedWith(secret, both))).toEqual([
      true,
      true,
    ]);
    await call('POST', `/webhook-endpoints/${endpoint.endpointId}/rotate-secret`, { overlapSeconds: 0 });
    const after = await signUp('rotated');
    const [one] = await receiver.arrived('/rotated', about(after.accountId));
    expect(one === undefined ? true : isSignedWith(rotated.secret, one)).toBe(false);
  });

  it('given endpoints, then they are listed in pages without their secrets, changed, and deleted', async () => {
    const key = { 'idempotency-key': 'made once' };
    const body = { url: 'https://example.com/hooks', eventTypes: ['never.sent'] };
    const made = await call<Endpoint>('POST', '/webhook-endpoints', body, key);
    expect(made.secret).toMatch(/^whsec_/);
    expect(await call('POST', '/webhook-endpoints', body, key)).toEqual(made);
    await expect(call('POST', '/webhook-endpoints', { ...body, url: 'https://example.com/b' }, key)).rejects.toThrow(
      'idempotency_conflict',
    );
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const list: { items: Endpoint[]; nextCursor: string | null } = await call(
        'GET',
        `/webhook-endpoints?limit=2${after}`,
      );
      ids.push(...list.items.map(({ endpointId }) => endpointId));
      expect(JSON.stringify(list)).not.toContain('whsec_');
      cursor = list.nextCursor;
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(made.endpointId);
    const path = `/webhook-endpoints/${made.endpointId}`;
    expect(await call('PATCH', path, { eventTypes: null })).toMatchObject({ eventTypes: null, url: body.url });
    expect(await call('GET', path)).toMatchObject({ eventTypes: null });
    await call('DELETE', path);
    await expect(call('GET', path)).rejects.toThrow('unknown_webhook_endpoint');
    for (const url of ['ftp://example.com', 'https://user:secret@example.com', 'nonsense']) {
      await expect(call('POST', '/webhook-endpoints', { url })).rejects.toThrow('invalid_request');
    }
  });
});

/** The courier by itself, on a clock of the test's, with no other one running. */
async function withoutWorker<Result>(
  work: (clock: { now: Date }) => Promise<Result>,
  allowPrivate = true,
): Promise<Result> {
  await engine.worker.stop();
  const clock = { now: new Date() };
  const courier = startWebhookCourier({ db: engine.db, allowPrivate, now: () => clock.now });
  try {
    return await work(clock);
  } finally {
    await courier.stop();
    await engine.worker.start();
  }
}

describe('deliveries that fail', () => {
  it('given a dead endpoint, when ten tries have failed, then it is marked, operators hear of it elsewhere, and a later success clears it', async () => {
    const dead = await addEndpoint('/dead', ['account.signed_up']);
    await addEndpoint('/operators', ['webhook_endpoint.*']);
    receiver.react('/dead', { status: 500 });
    const { accountId } = await signUp('dead');
    await receiver.arrived('/dead', about(accountId));
    await withoutWorker(async (clock) => {
      for (const [index, delaySeconds] of RETRY_DELAYS_SECONDS.entries()) {
        const tries = index + 1;
        await vi.waitUntil(async () => (await deliveriesTo(dead))[0]?.tries.length === tries, 10_000);
        // A second early is too early; the worker's own clock may have begun a second later.
        clock.now = new Date(clock.now.getTime() + (delaySeconds - 3) * 1000);
        if (tries === 5) {
          await new Promise((resolve) => setTimeout(resolve, 700));
          expect((await deliveriesTo(dead))[0]?.tries).toHaveLength(tries);
        }
        clock.now = new Date(clock.now.getTime() + 5_000);
      }
      await receiver.arrived('/operators', ({ event }) => event.data['endpoint'] === dead.endpointId);
      const [given] = await deliveriesTo(dead);
      expect([given?.state, given?.attempts, given?.tries.length]).toEqual(['failed', 10, 10]);
      const path = `/webhook-endpoints/${dead.endpointId}`;
      expect((await call<Endpoint>('GET', path)).failingSince).not.toBeNull();
      receiver.react('/dead', { status: 200 });
      await call('POST', `/webhook-messages/${given?.messageId ?? ''}/replay`);
      await vi.waitUntil(async () => (await call<Endpoint>('GET', path)).failingSince === null, 10_000);
    });
  });

  it('given an endpoint that hangs, then another hears all the same, at once', async () => {
    const hanging = await addEndpoint('/hanging', ['account.signed_up']);
    await addEndpoint('/quick', ['account.signed_up']);
    receiver.react('/hanging', 'hang');
    for (let count = 0; count < 6; count++) {
      const began = Date.now();
      const { accountId } = await signUp('isolated');
      await receiver.arrived('/quick', about(accountId));
      expect(Date.now() - began).toBeLessThan(10_000);
    }
    await call('DELETE', `/webhook-endpoints/${hanging.endpointId}`);
  });

  it('given a host that does not resolve, when a worker on production settings tries it, then the try has failed and the worker lives', async () => {
    const unknown = await addEndpoint('/', ['account.signed_up']);
    await engine.db('webhookEndpoints').where({ endpointId: unknown.endpointId }).update({
      url: 'https://nowhere.invalid/hooks',
    });
    await engine.worker.stop();
    const worker = await startWorkerProcess(engine.options, { isProduction: true });
    await signUp('unresolved');
    const triesOf = async (): Promise<readonly number[]> =>
      (await deliveriesTo(unknown)).map((each) => each.tries.length);
    await vi.waitUntil(async () => ((await triesOf())[0] ?? 0) >= 2, { timeout: 20_000 });
    // It works on: for accounts, for what goes out, and at its own end.
    await signUp('afterwards');
    await vi.waitUntil(async () => (await triesOf()).filter((tries) => tries > 0).length === 2, { timeout: 20_000 });
    expect(await worker.kill('SIGTERM')).toBe(0);
    await engine.worker.start();
    const [delivery] = (await deliveriesTo(unknown)).filter(({ attempts }) => attempts >= 2);
    expect(delivery?.tries.every(({ problem }) => /ENOTFOUND|EAI_AGAIN/.test(problem ?? ''))).toBe(true);
    await call('DELETE', `/webhook-endpoints/${unknown.endpointId}`);
  });

  it('given a worker that is killed in the middle of a delivery, then another brings it', async () => {
    const endpoint = await addEndpoint('/survives', ['account.signed_up']);
    receiver.react('/survives', 'hang', { status: 200 });
    await engine.worker.stop();
    const victim = await startWorkerProcess(engine.options);
    const { accountId } = await signUp('killed');
    await receiver.arrived('/survives', about(accountId));
    await victim.kill('SIGKILL');
    await engine.worker.start();
    await withoutWorker(async (clock) => {
      clock.now = new Date(clock.now.getTime() + 61_000);
      const [first, second] = await receiver.arrived('/survives', about(accountId), 2);
      expect(second?.id).toBe(first?.id);
      await vi.waitUntil(async () => (await deliveriesTo(endpoint))[0]?.state === 'delivered', 10_000);
    });
  });

  it('given an endpoint that says 410, then it is asked no more', async () => {
    const gone = await addEndpoint('/gone', ['account.signed_up']);
    receiver.react('/gone', { status: 410 });
    await signUp('gone');
    await vi.waitUntil(
      async () => !(await call<Endpoint>('GET', `/webhook-endpoints/${gone.endpointId}`)).enabled,
      10_000,
    );
  });

  it('given private addresses are not allowed, when endpoints lead there, then nothing is sent', async () => {
    const endpoints: Endpoint[] = [];
    for (const url of [
      'https://localhost/a',
      'https://127.0.0.1/a',
      'https://[::1]/a',
      'https://[::ffff:127.0.0.1]/a',
      'https://169.254.169.254/latest/meta-data',
      'https://2130706433/a',
      receiver.url,
    ]) {
      endpoints.push(await call<Endpoint>('POST', '/webhook-endpoints', { url, eventTypes: ['account.signed_up'] }));
    }
    const before = receiver.received.length;
    await withoutWorker(async () => {
      const pending = engine.db('webhookDeliveries').whereIn(
        'endpointId',
        endpoints.map(({ endpointId }) => endpointId),
      );
      await engine.db('auditEntries').insert({
        accountId: (await engine.db('accounts').first())?.accountId ?? '',
        at: '2027-01-01T00:00:00Z',
        ...{ actor: 'test', action: 'account.signed_up' },
      });
      await vi.waitUntil(
        async () => (await pending.clone().where('attempts', '>', 0)).length === endpoints.length,
        20_000,
      );
      await vi.waitUntil(
        async () => {
          const deliveries = await Promise.all(endpoints.map(deliveriesTo));
          return deliveries.every(([delivery]) => delivery?.tries[0]?.problem != null);
        },
        { timeout: 20_000 },
      );
      const problems = (await Promise.all(endpoints.map(deliveriesTo))).map(
        ([delivery]) => delivery?.tries[0]?.problem,
      );
      expect(problems.slice(0, -1).every((problem) => problem?.includes('not on the public internet'))).toBe(true);
      expect(problems.at(-1)).toContain('https only');
    }, false);
    expect(receiver.received.slice(before).filter(({ path }) => path === '/')).toEqual([]);
  });
});
