import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type SandboxProcess, TEST_KEY, startSandbox } from './sandbox-process.ts';
import { allOf } from './stripe-under-test.ts';

// On a busy machine a start of the sandbox, or a retry of the SDK, takes its time.
vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

let sandbox: SandboxProcess;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client({ maxNetworkRetries: 0 });
});

afterAll(async () => {
  await sandbox.stop();
});

async function post(path: string, form: string, key: string) {
  const answer = await fetch(`${sandbox.baseUrl}/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_KEY}`, 'idempotency-key': key },
    body: form,
  });
  const { headers, status } = answer;
  return { status, replayed: headers.get('idempotent-replayed'), headers, text: await answer.text() };
}

const customersNamed = async (name: string) =>
  (await allOf(stripe.customers.list({ limit: 100 }))).filter((customer) => customer.name === name).length;

describe('INV-4 idempotency, as Stripe documents it', () => {
  it('INV-4 given a request, when it is sent again under its key, then the stored answer comes back, marked', async () => {
    const name = randomUUID();
    const first = await post('/customers', `name=${name}&description=d`, name);
    const again = await post('/customers', `description=d&name=${name}`, name);
    expect([first.status, first.replayed]).toEqual([200, null]);
    expect([again.status, again.replayed, again.text]).toEqual([200, 'true', first.text]);
    expect(again.headers.get('original-request')).toBe(first.headers.get('request-id'));
    expect(again.headers.get('request-id')).not.toBe(first.headers.get('request-id'));
    expect(await customersNamed(name)).toBe(1);
  });

  it('INV-4 given other parameters, or another address, under a used key, then it is 400 idempotency_error', async () => {
    const name = randomUUID();
    await post('/customers', `name=${name}`, name);
    for (const answer of [
      await post('/customers', `name=${name}x`, name),
      await post('/payment_intents', 'amount=500&currency=usd', name),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('"idempotency_error"');
    }
    const error: unknown = await stripe.customers
      .create({ name: 'other' }, { idempotencyKey: name })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
  });

  it('INV-4 given a request is being executed, when it is sent again, then it is 409 and executed once', async () => {
    const name = randomUUID();
    await sandbox.fault({ kind: 'delay', ms: 400, key: name });
    const first = post('/customers', `name=${name}`, name);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const concurrent = await post('/customers', `name=${name}`, name);
    expect(concurrent.status).toBe(409);
    expect(concurrent.text).toContain('idempotency_key_in_use');
    expect((await first).status).toBe(200);
    expect((await post('/customers', `name=${name}`, name)).replayed).toBe('true');
    expect(await customersNamed(name)).toBe(1);
  });

  it('INV-4 given Stripe failed while executing, when it is sent again, then the 500 is replayed, whatever was done', async () => {
    for (const [kind, made] of [
      ['server_error_before', 0],
      ['server_error_after', 1],
    ] as const) {
      const name = randomUUID();
      await sandbox.fault({ kind, key: name });
      expect(await post('/customers', `name=${name}`, name)).toMatchObject({ status: 500, replayed: null });
      expect(await post('/customers', `name=${name}`, name)).toMatchObject({ status: 500, replayed: 'true' });
      expect(await customersNamed(name)).toBe(made);
    }
  });

  it('INV-4 given a decline or an unknown object, when it is sent again, then the stored refusal is replayed', async () => {
    const customer = await stripe.customers.create();
    const declined = randomUUID();
    for (const replayed of [null, 'true']) {
      const answer = await post('/payment_methods/pm_card_chargeDeclined/attach', `customer=${customer.id}`, declined);
      expect(answer).toMatchObject({ status: 402, replayed });
    }
    const missing = randomUUID();
    for (const replayed of [null, 'true']) {
      expect(await post('/customers/cus_0', 'name=x', missing)).toMatchObject({ status: 404, replayed });
    }
  });

  it('INV-4 given parameters that were refused, a 429 or a 409, then nothing is stored and the key is still free', async () => {
    const name = randomUUID();
    expect((await post('/customers', `nme=${name}`, name)).status).toBe(400);
    await sandbox.fault({ kind: 'rate_limit', key: name });
    expect((await post('/customers', `name=${name}`, name)).status).toBe(429);
    await sandbox.fault({ kind: 'conflict', key: name });
    expect((await post('/customers', `name=${name}`, name)).status).toBe(409);
    expect(await post('/customers', `name=${name}`, name)).toMatchObject({ status: 200, replayed: null });
  });

  it('INV-4 given Stripe has forgotten the key, when it is sent again, then it is executed again', async () => {
    const name = randomUUID();
    await post('/customers', `name=${name}`, name);
    await sandbox.control('POST', '/forget-idempotency-keys');
    expect(await post('/customers', `name=${name}`, name)).toMatchObject({ status: 200, replayed: null });
    expect(await customersNamed(name)).toBe(2);
  });

  it('given a key of 256 characters, then it is refused', async () => {
    expect((await post('/customers', 'name=x', 'k'.repeat(256))).status).toBe(400);
    expect((await post('/customers', 'name=x', 'k'.repeat(255))).status).toBe(200);
  });
});
