import type Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { HttpClient } from '../../sdk/http-client.ts';
import { registerStripeWebhook } from '../../stack/register-stripe-webhook.ts';
import { dumpDatabase } from '../engine/database-dump.ts';
import { type AccountOnClock, signUpOnClock, subscribedToPro } from '../engine/engine-under-test.ts';
import { type SandboxProcess, startSandbox, TEST_KEY } from '../stripe/sandbox-process.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';

const PAGES = 'https://billing.example.com';
const RETURN_URL = `${PAGES}/portal/?from=stripe`;

let sandbox: SandboxProcess;
let stripe: Stripe;
let api: ApiUnderTest;
let client: HttpClient;
let secret = '';

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
  const connection = { apiKey: TEST_KEY, apiBase: sandbox.baseUrl };
  const options = { publicUrl: PAGES, returnOrigins: ['http://localhost:5173'], stripeWebhookSecrets: () => [secret] };
  api = await openApi(options, { stripe: connection });
  ({ client } = api);
  secret = await registerStripeWebhook(connection, `${api.url}/webhooks/stripe`);
});

afterEach(async () => {
  await sandbox.control('DELETE', '/faults');
});

afterAll(async () => {
  await api.close();
  await sandbox.stop();
});

const until = (reached: () => Promise<boolean>): Promise<boolean> =>
  vi.waitUntil(reached, { timeout: 20_000, interval: 50 });

function ask(account: string, returnUrl = RETURN_URL, key?: string) {
  const header = key === undefined ? {} : { 'idempotency-key': key };
  return client.POST('/v1/accounts/{account}/payment-method-sessions', {
    ...{ params: { path: { account }, header }, body: { returnUrl } },
  });
}

/** The page is opened and its button pressed, as a browser does; answers where the browser goes then. */
async function saveCard(url: string, card: string): Promise<string | null> {
  expect(await (await fetch(url)).text()).toContain(card);
  const body = new URLSearchParams({ card });
  const pressed = await fetch(url, { method: 'POST', body, redirect: 'manual' });
  return pressed.headers.get('location');
}

const read = async (account: string) => {
  const { data } = await client.GET('/v1/accounts/{account}', { params: { path: { account } } });
  return data as { phase: string; paymentMethod: { last4: string } | null };
};

/** A renewal that the card on file could not pay. */
async function owing(): Promise<AccountOnClock> {
  const account = await subscribedToPro(api.engine, { now: '2027-01-31T09:00:00Z', seats: 2, interval: 'month' });
  await api.engine.perennial.addPaymentMethod(account.accountId, 'pm_card_chargeCustomerFail');
  await account.advance('2027-03-01T00:00:00Z');
  expect((await read(account.accountId)).phase).toBe('past_due');
  return account;
}

describe('a card saved on Stripe’s page', () => {
  it('INV-5 given a renewal that is owed, when an admin saves another card there, then they come back, it is set, and the invoice is paid', async () => {
    const { accountId } = await owing();
    const admin = api.clientOf(api.tokenOf({ kind: 'portal', accountId, role: 'admin', memberId: 'ada' }));
    const { data, response } = await admin.POST('/v1/accounts/{account}/payment-method-sessions', {
      ...{ params: { path: { account: accountId } }, body: { returnUrl: RETURN_URL } },
    });
    expect(response.status).toBe(201);
    expect(await (await fetch(data!.url)).text()).toContain(`href="${RETURN_URL}"`);
    expect(await saveCard(data!.url, 'pm_card_mastercard')).toBe(`${RETURN_URL}&card=saved`);
    await until(async () => (await read(accountId)).phase === 'active');
    expect((await read(accountId)).paymentMethod).toMatchObject({ last4: '4444' });
    const invoices = await client.GET('/v1/accounts/{account}/invoices', { params: { path: { account: accountId } } });
    expect(invoices.data?.items.map(({ status, stripe: seen }) => [status, seen?.status])).toEqual([
      ['paid', 'paid'],
      ['paid', 'paid'],
    ]);
  });

  it('TRI-7 given an account without a customer at Stripe, in any script, when two pages are asked for at once, then there is one customer, and the card is the account’s', async () => {
    const { accountId } = await signUpOnClock(api.engine, {
      ...{ catalog: 'codspeed', now: '2027-01-01T00:00:00Z', stem: 'eule 🦉' },
    });
    const [one, two] = await Promise.all([ask(accountId), ask(accountId)]);
    expect(one.data!.url).not.toBe(two.data!.url);
    const customers = await stripe.customers.list({ limit: 100 });
    expect(customers.data.filter((each) => each.metadata['perennial_account'] === accountId)).toHaveLength(1);
    expect((await read(accountId)).paymentMethod).toBeNull();
    await saveCard(two.data!.url, 'pm_card_visa');
    await until(async () => (await read(accountId)).paymentMethod?.last4 === '4242');
  });

  it('INV-6 given a card that wants its owner to authenticate, when it is saved and they do, then the invoice is paid', async () => {
    const { accountId } = await owing();
    const { data } = await ask(accountId);
    await saveCard(data!.url, 'pm_card_authenticationRequired');
    await until(async () => (await read(accountId)).paymentMethod?.last4 === '3184');
    const invoices = await client.GET('/v1/accounts/{account}/invoices', { params: { path: { account: accountId } } });
    const path = { account: accountId, number: invoices.data!.items[0]!.number! };
    const page = () => client.GET('/v1/accounts/{account}/invoices/{number}/payment-page', { params: { path } });
    let authentication = '';
    await until(async () => {
      const html = await (await fetch((await page()).data!.url)).text();
      authentication = /\/_sandbox\/authenticate\/\w+/.exec(html)?.[0] ?? '';
      return authentication !== '';
    });
    const body = new URLSearchParams({ answer: 'complete' });
    await fetch(`${sandbox.baseUrl}${authentication}`, { method: 'POST', body });
    await until(async () => (await read(accountId)).phase === 'active');
    expect((await page()).error).toMatchObject({ code: 'invoice_not_open', status: 409 });
  });

  it('INV-4 given an Idempotency-Key, when the request is repeated, also where its first answer was lost at Stripe, then there is one page', async () => {
    const { accountId } = await signUpOnClock(api.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    await sandbox.fault({ kind: 'hang_after', method: 'POST', path: '^/v1/checkout/sessions', times: 2 });
    expect((await ask(accountId, RETURN_URL, 'one page')).error).toMatchObject({ code: 'unavailable', status: 503 });
    await sandbox.control('DELETE', '/faults');
    const first = await ask(accountId, RETURN_URL, 'one page');
    const again = await ask(accountId, RETURN_URL, 'one page');
    expect(again.data).toEqual(first.data);
    const { stripeCustomerId } = (await api.engine.db('accounts').where({ accountId }).first())!;
    expect((await stripe.checkout.sessions.list({ customer: stripeCustomerId! })).data).toHaveLength(1);
    const other = await ask(accountId, `${PAGES}/elsewhere`, 'one page');
    expect(other.error).toMatchObject({ code: 'idempotency_conflict', status: 409 });
  });
});

describe('what leads to no page', () => {
  it('given an address that is not this installation’s, when a page is asked for, then it is refused, and nothing was written', async () => {
    const { accountId } = await signUpOnClock(api.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    const before = await dumpDatabase(api.engine.db);
    const wrong = [
      ...[
        'https://evil.example',
        `${PAGES}.evil.example/`,
        'https://billing.example.com@evil.example/',
        '//evil.example',
      ],
      ...[
        'http://billing.example.com/',
        'https://billing.example.com:8443/',
        '/portal',
        'javascript:alert(1)',
        'x',
        '',
      ],
      ...[`https://me:secret@billing.example.com/`, `${PAGES}/portal/#token=secret`, api.url],
    ];
    for (const returnUrl of wrong) {
      const { error } = await ask(accountId, returnUrl);
      expect({ returnUrl, code: error?.code, field: error?.field }).toEqual({
        ...{ returnUrl, code: 'invalid_request', field: 'returnUrl' },
      });
    }
    expect(await dumpDatabase(api.engine.db)).toEqual(before);
    expect((await ask(accountId, 'http://localhost:5173/portal/')).response.status).toBe(201);
    expect((await ask('nobody')).error).toMatchObject({ code: 'unknown_account', status: 404 });
  });

  it('given an API that was not told its address, then its own is the place, whatever else is asked for', async () => {
    const plain = await openApi();
    try {
      const { accountId } = await signUpOnClock(plain.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
      const send = async (returnUrl: string): Promise<number> => {
        const { response } = await plain.client.POST('/v1/accounts/{account}/payment-method-sessions', {
          ...{ params: { path: { account: accountId } }, body: { returnUrl } },
        });
        return response.status;
      };
      expect(await send(`${plain.url}/portal/`)).toBe(201);
      expect(await send(RETURN_URL)).toBe(400);
    } finally {
      await plain.close();
    }
  });

  it('AUD-1 given Stripe does not answer, when a page is asked for, then within seconds the answer is to come back', async () => {
    const { accountId } = await signUpOnClock(api.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    await sandbox.fault({ kind: 'hang_before', times: 20 });
    const beganMs = performance.now();
    const { error, response } = await ask(accountId);
    expect(error).toMatchObject({ code: 'unavailable', status: 503 });
    expect(error?.solve).toMatch(/Repeat the request/);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(performance.now() - beganMs).toBeLessThan(10_000);
    await sandbox.control('DELETE', '/faults');
    expect((await ask(accountId)).response.status).toBe(201);
  });

  it('given a closed account that owes nothing, when a page is asked for, then it is refused by code', async () => {
    const { accountId } = await signUpOnClock(api.engine, { catalog: 'codspeed', now: '2027-01-01T00:00:00Z' });
    await api.engine.perennial.execute(accountId, { type: 'close' });
    expect((await ask(accountId)).error).toMatchObject({ code: 'account_closed', status: 409 });
  });
});
