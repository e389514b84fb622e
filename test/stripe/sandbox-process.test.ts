import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSandbox } from './sandbox-process.ts';

// On a busy machine a start of the sandbox, or a retry of the SDK, takes its time.
vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

const MAIN = fileURLToPath(new URL('../../stripe-sandbox/main.ts', import.meta.url));
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stripe sandbox ')); // With a space, as a user's may have.
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { code, stderr };
}

describe('the sandbox as a process', () => {
  it('given a state file, when it is killed and started again, then all it acknowledged is there; it ends with its parent', async () => {
    const stateFile = join(directory, 'not there yet', 'kept.jsonl');
    const first = await startSandbox({ stateFile });
    const stripe = first.client();
    const customer = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'ada' });
    await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    const gone = await stripe.customers.create();
    await stripe.customers.del(gone.id);
    await first.kill('SIGKILL');
    await appendFile(stateFile, '["customers","cus_torn",{"id":"cus_to'); // The crash tore the last line.

    const second = await startSandbox({ stateFile });
    const again = second.client();
    expect((await again.customers.list()).data).toMatchObject([{ id: customer.id, name: 'Ada' }]);
    expect((await again.customers.listPaymentMethods(customer.id)).data).toHaveLength(1);
    expect(await again.customers.create({ name: 'Ada' }, { idempotencyKey: 'ada' })).toMatchObject({ id: customer.id });
    const events = (await again.events.list()).data.map(({ type }) => type);
    expect(events).toEqual(['customer.deleted', 'customer.created', 'payment_method.attached', 'customer.created']);
    await second.stop(); // The end of its standard input: its parent is gone.
    await expect(fetch(`${second.baseUrl}/_sandbox/health`)).rejects.toThrow();
    expect(await readFile(stateFile, 'utf8')).not.toContain('cus_torn');
  });

  it('given the port is taken, or is none, then it says so and ends with 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const [taken, none] = await Promise.all([run('--port', String(port)), run('--port', '70000')]);
    other.close();
    expect(taken.code).toBe(1);
    expect(taken.stderr).toContain(`cannot listen on 127.0.0.1:${String(port)}`);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('not 70000');
  });

  it('given it is used, reset, and told to end while a request hangs, then the state is shown, is gone, and it ends', async () => {
    const sandbox = await startSandbox();
    const stripe = sandbox.client({ maxNetworkRetries: 0 });
    const customer = await stripe.customers.create();
    const { secret } = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/', enabled_events: ['*'] });
    const state = await sandbox.control('GET', '/state');
    expect(state).toMatchObject({ customers: [{ id: customer.id }], webhook_endpoints: [{ status: 'enabled' }] });
    expect(JSON.stringify(state)).not.toContain(secret);
    await sandbox.control('POST', '/reset');
    expect(await sandbox.control('GET', '/state')).toMatchObject({ customers: [], events: [], webhook_endpoints: [] });
    await expect(sandbox.control('GET', '/nowhere')).rejects.toThrow('404');

    await sandbox.fault({ kind: 'hang_before' });
    const lost = expect(stripe.customers.list()).rejects.toMatchObject({ type: 'StripeConnectionError' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sandbox.kill('SIGTERM');
    await lost;
  });
});
