import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { verifyStripeEvent } from '../../stripe/stripe-event.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';

// On a busy machine a start of the sandbox, or a retry of the SDK, takes its time.
vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

interface Delivery {
  readonly rawBody: Buffer;
  readonly signature: string;
  readonly type: string;
  readonly id: string;
}

let sandbox: SandboxProcess;
let stripe: Stripe;
let receiver: Server;
let deliveries: Delivery[] = [];
/** What the receiver answers with, next first; 200 when empty. */
let answers: number[] = [];
let endpoint: Stripe.WebhookEndpoint;

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
  await sandbox.control('POST', '/settings', { webhookRetryDelaysMs: [50, 50] });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const rawBody = Buffer.concat(chunks);
      const { id, type } = JSON.parse(rawBody.toString()) as { id: string; type: string };
      deliveries.push({ rawBody, signature: String(request.headers['stripe-signature']), id, type });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  receiver.close();
  await sandbox.stop();
});

beforeEach(async () => {
  [deliveries, answers] = [[], []];
  const { port } = receiver.address() as AddressInfo;
  endpoint = await stripe.webhookEndpoints.create({
    url: `http://127.0.0.1:${String(port)}/webhooks/stripe`,
    enabled_events: ['customer.created', 'customer.updated'],
  });
});

afterEach(async () => {
  await stripe.webhookEndpoints.del(endpoint.id);
  await sandbox.control('DELETE', '/faults');
});

const arrived = (count: number) =>
  vi.waitFor(
    () => {
      expect(deliveries).toHaveLength(count);
    },
    { timeout: 5_000, interval: 10 },
  );
const types = () => deliveries.map(({ type }) => type);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function verified(delivery: Delivery | undefined, secrets = [endpoint.secret ?? '']): Stripe.Event {
  if (delivery === undefined) throw new Error('Nothing was delivered.');
  return verifyStripeEvent(stripe, { rawBody: delivery.rawBody, signature: delivery.signature, secrets });
}

describe('deliveries', () => {
  it('given an endpoint, when something happens that it wants, then it is told, signed, and nothing else', async () => {
    const customer = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'webhooks:ada' });
    await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
    await stripe.customers.update(customer.id, { name: 'Grace' });
    await arrived(2);
    const [created, updated] = deliveries.map((delivery) => verified(delivery));
    expect(created).toMatchObject({
      type: 'customer.created',
      api_version: '2026-10-28.endive',
      data: { object: { id: customer.id, name: 'Ada' } },
      request: { idempotency_key: 'webhooks:ada', id: expect.stringMatching(/^req_/) as string },
    });
    expect(updated).toMatchObject({ data: { object: { name: 'Grace' }, previous_attributes: { name: 'Ada' } } });
    await pause(50);
    expect(types()).toEqual(['customer.created', 'customer.updated']);
    const event = await stripe.events.retrieve(created?.id ?? '');
    expect(event).toMatchObject({ pending_webhooks: 0, type: 'customer.created' });
  });

  it('given the receiver fails twice, then the same event comes three times; given it fails thrice, then no more', async () => {
    answers = [500, 503];
    await stripe.customers.create();
    await arrived(3);
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(1);
    answers = [500, 500, 500];
    await stripe.customers.create();
    await arrived(6);
    await pause(150);
    expect(deliveries).toHaveLength(6);
  });

  it('given the endpoint is disabled, then it is told nothing', async () => {
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
    await stripe.customers.create();
    await pause(100);
    expect(deliveries).toEqual([]);
  });
});

describe('deliveries that go wrong on demand', () => {
  it('given duplicated, dropped, delayed and overtaken ones, then they come so', async () => {
    await sandbox.fault({ kind: 'webhook_duplicate' });
    await stripe.customers.create();
    await arrived(2);
    expect(deliveries[0]?.id).toBe(deliveries[1]?.id);

    deliveries = [];
    await sandbox.fault({ kind: 'webhook_drop', type: 'customer.created' });
    const { id } = await stripe.customers.create();
    await stripe.customers.update(id, { name: 'x' });
    await arrived(1);
    expect(types()).toEqual(['customer.updated']);

    deliveries = [];
    await sandbox.fault({ kind: 'webhook_delay', ms: 150 });
    await sandbox.fault({ kind: 'webhook_reorder' });
    for (const name of ['delayed', 'overtaken', 'in time']) await stripe.customers.create({ name });
    await arrived(3);
    const names = deliveries.map((delivery) => (verified(delivery).data.object as Stripe.Customer).name);
    expect(names).toEqual(['in time', 'overtaken', 'delayed']);
  });

  it('given a bad signature, when it is verified, then it is refused', async () => {
    await sandbox.fault({ kind: 'webhook_bad_signature' });
    await stripe.customers.create();
    await arrived(1);
    expect(() => verified(deliveries[0])).toThrow(Stripe.errors.StripeSignatureVerificationError);
  });
});

describe('verifying', () => {
  it('given two live secrets, then either is accepted; given none or another, then it is refused', async () => {
    await stripe.customers.create();
    await arrived(1);
    const [delivery] = deliveries;
    const secret = endpoint.secret ?? '';
    expect(verified(delivery, ['whsec_old', secret]).type).toBe('customer.created');
    expect(verified(delivery, [secret, 'whsec_new']).type).toBe('customer.created');
    expect(() => verified(delivery, ['whsec_other'])).toThrow(Stripe.errors.StripeSignatureVerificationError);
    expect(() => verified(delivery, [])).toThrow('No webhook secret is configured.');
  });

  it('given a body that was changed or is not the bytes that came, then it is refused', async () => {
    await stripe.customers.create();
    await arrived(1);
    const { rawBody, signature, id, type } = deliveries[0] ?? {
      rawBody: Buffer.from(''),
      signature: '',
      id: '',
      type: '',
    };
    const changed = Buffer.from(rawBody.toString().replace('"customer"', '"Customer"'));
    expect(() => verified({ rawBody: changed, signature, id, type })).toThrow();
    const reprinted = Buffer.from(JSON.stringify(JSON.parse(rawBody.toString())));
    expect(() => verified({ rawBody: reprinted, signature, id, type })).toThrow();
  });

  it('given a delivery of more than 300 seconds ago, then it is refused as a replay', () => {
    const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'invoice.paid' });
    const secret = 'whsec_test';
    const at = (secondsAgo: number) => {
      const timestamp = Math.floor(Date.now() / 1000) - secondsAgo;
      const signature = stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
      return verifyStripeEvent(stripe, { rawBody: payload, signature, secrets: [secret] });
    };
    expect(at(290).type).toBe('invoice.paid');
    expect(() => at(310)).toThrow('Timestamp outside the tolerance zone');
  });
});
