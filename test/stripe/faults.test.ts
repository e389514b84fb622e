import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isRetryable } from '../../stripe/retryable.ts';
import { StripeBoundaryError } from '../../stripe/stripe-boundary-error.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';
import { allOf } from './stripe-under-test.ts';

// On a busy machine a start of the sandbox, or a retry of the SDK, takes its time.
vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

let sandbox: SandboxProcess;
let patient: Stripe;
let hasty: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  patient = sandbox.client({ timeoutMs: 400 });
  hasty = sandbox.client({ maxNetworkRetries: 0, timeoutMs: 400 });
});

afterAll(async () => {
  await sandbox.stop();
});

/** Makes a customer under a key of its own, and tells how it went and how many there are then. */
async function create(client: Stripe, fault: object) {
  const name = randomUUID();
  await sandbox.fault({ ...fault, key: name });
  const error: unknown = await client.customers.create({ name }, { idempotencyKey: name }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const made = (await allOf(hasty.customers.list({ limit: 100 }))).filter((customer) => customer.name === name).length;
  return { error, made };
}

describe.concurrent('faults on demand, as the SDK meets them', () => {
  it('given a 429 that says to retry, then the SDK does; one that does not say so reaches the caller', async () => {
    expect(await create(patient, { kind: 'rate_limit', shouldRetry: true })).toEqual({ error: null, made: 1 });
    for (const fault of [{ kind: 'rate_limit' }, { kind: 'rate_limit', shouldRetry: false }]) {
      const { error, made } = await create(patient, fault);
      expect(error).toMatchObject({ type: 'StripeRateLimitError', statusCode: 429 });
      expect([made, isRetryable(error)]).toEqual([0, true]);
    }
  });

  it('given a 409 or a lost connection, then the SDK repeats the request under its key, and it happens once', async () => {
    const kinds = ['conflict', 'reset_before', 'reset_after', 'hang_before', 'hang_after'];
    const outcomes = await Promise.all(kinds.map((kind) => create(patient, { kind })));
    expect(outcomes).toEqual(kinds.map(() => ({ error: null, made: 1 })));
  });

  it('given a 409, when the SDK may not repeat, then the error may be retried', async () => {
    const { error } = await create(hasty, { kind: 'conflict' });
    expect(error).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect(isRetryable(error)).toBe(true);
  });

  it('given a 500, then the SDK repeats it under its key and gets it again, because Stripe has stored it', async () => {
    const kinds = ['server_error_before', 'server_error_after'];
    const [before, after] = await Promise.all(kinds.map((kind) => create(patient, { kind })));
    const stored = { type: 'StripeAPIError', statusCode: 500, headers: { 'idempotent-replayed': 'true' } };
    expect(before).toMatchObject({ error: stored, made: 0 });
    expect(after).toMatchObject({ error: stored, made: 1 });
  });

  it('given no answer, when the SDK may not repeat, then it is a connection error, and nothing or one was made', async () => {
    const kinds = ['hang_before', 'hang_after'];
    const [before, after] = await Promise.all(kinds.map((kind) => create(hasty, { kind })));
    expect(before).toMatchObject({ error: { type: 'StripeConnectionError' }, made: 0 });
    expect(after).toMatchObject({ error: { type: 'StripeConnectionError' }, made: 1 });
    expect([before?.error, after?.error].every(isRetryable)).toBe(true);
  });

  it('given a fault for some requests only, then the others are not struck, and it is used up', async () => {
    const email = `${randomUUID()}@example.com`;
    await sandbox.fault({ kind: 'server_error_before', method: 'GET', path: '^/v1/setup_intents/', times: 2 });
    await hasty.customers.create({ email });
    for (const status of [500, 500, 404]) {
      await expect(hasty.setupIntents.retrieve('seti_0')).rejects.toMatchObject({ statusCode: status });
    }
  });

  it('given a fault that does not exist, then it is refused', async () => {
    await expect(sandbox.fault({ kind: 'meteor' })).rejects.toThrow('400');
    await expect(sandbox.fault({ kind: 'hang_before', times: 0 })).rejects.toThrow('times');
  });

  it('given errors that are not a fault of the moment, then they are not retried', async () => {
    const missing: unknown = await hasty.customers.retrieve('cus_0').catch((thrown: unknown) => thrown);
    expect(isRetryable(missing)).toBe(false);
    expect(isRetryable(new StripeBoundaryError('ledger_mismatch', ''))).toBe(false);
    expect(isRetryable(new StripeBoundaryError('payment_processing', ''))).toBe(true);
    expect(isRetryable(new Error('Postgres is away'))).toBe(true);
  });
});
