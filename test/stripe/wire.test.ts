import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type SandboxProcess, TEST_KEY, startSandbox } from './sandbox-process.ts';
import { allOf } from './stripe-under-test.ts';

// On a busy machine a start of the sandbox, or a retry of the SDK, takes its time.
vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

let sandbox: SandboxProcess;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
});

afterAll(async () => {
  await sandbox.stop();
});

interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly id?: string; readonly error?: Readonly<Record<string, unknown>> };
}

/** Without the SDK, for what it hides. */
async function raw(
  method: string,
  path: string,
  form?: string,
  headers: Record<string, string> = {},
): Promise<WireAnswer> {
  const answer = await fetch(`${sandbox.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TEST_KEY}`,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    ...(form === undefined ? {} : { body: form }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as WireAnswer['body'] };
}

async function refusal(promise: Promise<unknown>): Promise<InstanceType<typeof Stripe.errors.StripeError>> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Stripe.errors.StripeError) return error;
  throw new Error('It was not refused.');
}

describe('keys and versions', () => {
  it('given no key, a live key or nonsense, when anything is asked, then it is 401 and the key is not repeated', async () => {
    for (const authorization of ['', 'Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc', 'Bearer hello']) {
      const { status, body } = await raw('GET', '/v1/customers', undefined, { authorization });
      expect(status).toBe(401);
      expect(JSON.stringify(body)).not.toContain('4eC39HqLyjWDarjtT1zdp7dc');
    }
    const wrong = await refusal(sandbox.client({ apiKey: 'sk_live_1' }).customers.list());
    expect(wrong).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
  });

  it('given the key as the user of basic authentication, as curl -u sends it, then it is accepted', async () => {
    const authorization = `Basic ${Buffer.from(`${TEST_KEY}:`).toString('base64')}`;
    expect((await raw('GET', '/v1/customers', undefined, { authorization })).status).toBe(200);
  });

  it('given a version whose shapes the sandbox does not speak, then it is refused; a known one is echoed', async () => {
    const old = await raw('GET', '/v1/customers', undefined, { 'stripe-version': '2020-08-27' });
    expect(old.status).toBe(400);
    const known = await raw('GET', '/v1/customers', undefined, { 'stripe-version': '2026-08-26.dahlia' });
    expect(known.headers.get('stripe-version')).toBe('2026-08-26.dahlia');
  });

  it('given any answer, then it has a request id, and an error carries it too', async () => {
    expect((await raw('GET', '/v1/customers')).headers.get('request-id')).toMatch(/^req_/);
    expect((await refusal(stripe.customers.retrieve('cus_0'))).requestId).toMatch(/^req_/);
  });
});

describe('parameters', () => {
  it('given parameters that do not exist, also inside others, then each is named', async () => {
    const unknown = { code: 'parameter_unknown', statusCode: 400, type: 'StripeInvalidRequestError' };
    expect(await refusal(stripe.customers.create({ nme: 'Ada' } as Stripe.CustomerCreateParams))).toMatchObject({
      ...unknown,
      param: 'nme',
      message: 'Received unknown parameter: nme',
    });
    const line = { amount: 1, colour: 'red' } as Stripe.InvoiceAddLinesParams.Line;
    expect(await refusal(stripe.invoices.addLines('in_0', { lines: [{ amount: 1 }, line] }))).toMatchObject({
      ...unknown,
      param: 'lines[1][colour]',
    });
    expect((await raw('GET', '/v1/customers?created[foo]=1')).body.error).toMatchObject({
      code: 'parameter_unknown',
      param: 'created[foo]',
    });
  });

  it('given parameters that are missing, empty or of another type, then the message says so', async () => {
    expect((await raw('POST', '/v1/invoices', '')).body.error).toMatchObject({
      code: 'parameter_missing',
      param: 'customer',
    });
    expect((await raw('POST', '/v1/invoices', 'customer=')).body.error).toMatchObject({
      code: 'parameter_invalid_empty',
    });
    const amount = await raw('POST', '/v1/payment_intents', 'amount=9.99&currency=usd');
    expect(amount.body.error).toMatchObject({ code: 'parameter_invalid_integer', message: 'Invalid integer: 9.99' });
    const flag = await raw('POST', '/v1/invoices', 'customer=cus_1&auto_advance=yes');
    expect(flag.body.error).toMatchObject({ message: 'Invalid boolean: yes', param: 'auto_advance' });
    const choice = await raw('GET', '/v1/invoices?status=unpaid');
    expect(choice.body.error).toMatchObject({ param: 'status' });
    const long = await raw('POST', '/v1/customers', `name=${'x'.repeat(257)}`);
    expect(long.body.error?.['message']).toContain('at most 256 characters');
    expect((await raw('POST', '/v1/customers', 'metadata=5')).status).toBe(400);
  });

  it('given an address that does not exist, then it is 404 and names the address', async () => {
    const { status, body } = await raw('GET', '/v1/subscriptions');
    expect(status).toBe(404);
    expect(body.error?.['message']).toContain('Unrecognized request URL (GET: /v1/subscriptions)');
  });

  it('given texts in any script, brackets and an odd key, then they come back as they were', async () => {
    const metadata = { emoji: '🌲 & ünïcode', expression: 'a[0]=b', __proto__x: 'y', 'with space': '1' };
    const { id } = await stripe.customers.create({ name: '株式会社 & Söhne', metadata });
    expect(await stripe.customers.retrieve(id)).toMatchObject({ name: '株式会社 & Söhne', metadata });
  });

  it('given metadata, when a key is set to nothing or all of it is, then the key or all of it is gone', async () => {
    const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } });
    expect((await stripe.customers.update(id, { metadata: { b: '', c: '3' } })).metadata).toEqual({ a: '1', c: '3' });
    expect((await stripe.customers.update(id, { metadata: '' })).metadata).toEqual({});
  });
});

describe('expansion', () => {
  it('given nested and listed paths, then the objects stand where the ids were', async () => {
    const customer = await stripe.customers.create();
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id, expand: ['customer'] });
    expect(card.customer).toMatchObject({ id: customer.id, object: 'customer' });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: card.id } });
    const { id } = await stripe.invoices.create({ customer: customer.id, currency: 'usd' });
    await stripe.invoices.addLines(id, { lines: [{ amount: 500 }] });
    const paid = await stripe.invoices.pay(id, {
      expand: [
        'payments.data.payment.payment_intent.latest_charge',
        'customer.invoice_settings.default_payment_method',
      ],
    });
    expect(paid).toMatchObject({
      customer: { invoice_settings: { default_payment_method: { card: { last4: '4242' } } } },
      payments: { data: [{ payment: { payment_intent: { latest_charge: { amount: 500, status: 'succeeded' } } } }] },
    });
    const listed = await stripe.invoices.list({ customer: customer.id, expand: ['data.customer'] });
    expect(listed.data[0]?.customer).toMatchObject({ id: customer.id });
    expect(await stripe.invoices.retrieve(id)).not.toHaveProperty('payments');
  });

  it('given a path that cannot be expanded or is too deep, then it is refused and nothing is done', async () => {
    const before = (await allOf(stripe.customers.list({ limit: 100 }))).length;
    for (const path of ['nonsense', 'email', 'invoice_settings.footer']) {
      expect((await refusal(stripe.customers.create({ expand: [path] }))).message).toContain(
        `cannot be expanded (${path})`,
      );
    }
    const deep = 'payment_intent.latest_charge.payment_intent.latest_charge.payment_intent';
    expect((await refusal(stripe.charges.retrieve('ch_0', { expand: [deep] }))).message).toContain('4 levels');
    expect(await allOf(stripe.customers.list({ limit: 100 }))).toHaveLength(before);
  });
});

describe('lists', () => {
  it('given 25 customers, when pages are turned both ways, then each comes once, newest first', async () => {
    const email = `${randomUUID()}@example.com`;
    const made: string[] = [];
    for (let count = 0; count < 25; count += 1) made.push((await stripe.customers.create({ email })).id);
    const newestFirst = made.toReversed();
    const ids = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);

    const first = await stripe.customers.list({ email });
    expect([ids(first), first.has_more, first.url]).toEqual([newestFirst.slice(0, 10), true, '/v1/customers']);
    const last = await stripe.customers.list({ email, limit: 100, starting_after: newestFirst[19] ?? '' });
    expect([ids(last), last.has_more]).toEqual([newestFirst.slice(20), false]);
    const back = await stripe.customers.list({ email, limit: 5, ending_before: newestFirst[19] ?? '' });
    expect([ids(back), back.has_more]).toEqual([newestFirst.slice(14, 19), true]);
    const all = await allOf(stripe.customers.list({ email, limit: 7 }));
    expect(all.map(({ id }) => id)).toEqual(newestFirst);
  });

  it('given a wrong cursor or limit, then it is refused', async () => {
    expect((await refusal(stripe.customers.list({ starting_after: 'cus_0' }))).code).toBe('resource_missing');
    expect((await refusal(stripe.customers.list({ limit: 101 }))).param).toBe('limit');
    const both = stripe.customers.list({ starting_after: 'cus_0', ending_before: 'cus_1' });
    expect((await refusal(both)).message).toContain('only supply one');
  });
});

describe('search', () => {
  it('given it was just written, then search does not find it yet; a list does', async () => {
    const { id } = await stripe.customers.create({ metadata: { fresh: 'yes' } });
    expect((await stripe.customers.search({ query: "metadata['fresh']:'yes'" })).data).toEqual([]);
    expect((await stripe.customers.list({ limit: 1 })).data[0]?.id).toBe(id);
  });

  it('given clauses, when they are joined, negated or compared, then what matches is found, page by page', async () => {
    await sandbox.control('POST', '/settings', { searchLagMs: 0 });
    const tag = randomUUID();
    for (const [index, size] of ['s', 'm', 'm', 'l'].entries()) {
      await stripe.customers.create({ email: `${String(index)}@${tag}.example`, metadata: { tag, size } });
    }
    const count = async (query: string) => (await stripe.customers.search({ query, limit: 100 })).data.length;
    expect(await count(`metadata["tag"]:"${tag}"`)).toBe(4);
    expect(await count(`metadata["tag"]:"${tag}" AND metadata["size"]:"m"`)).toBe(2);
    expect(await count(`metadata["tag"]:"${tag}" AND -metadata["size"]:"m"`)).toBe(2);
    expect(await count(`email:"0@${tag}.example" OR email:"1@${tag}.example"`)).toBe(2);
    expect(await count(`metadata["tag"]:"${tag}" AND created>1000`)).toBe(4);
    const pages = await allOf(stripe.customers.search({ query: `metadata["tag"]:"${tag}"`, limit: 3 }));
    expect(new Set(pages.map(({ id }) => id)).size).toBe(4);
    expect((await refusal(stripe.customers.search({ query: 'what is this' }))).param).toBe('query');
    await sandbox.control('POST', '/settings', { searchLagMs: 1_000 });
  });
});
