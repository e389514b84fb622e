import type Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { StripeInboxRow } from '../../db/tables.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';
import { registerStripeWebhook } from '../../stack/register-stripe-webhook.ts';
import { type SandboxProcess, startSandbox, TEST_KEY } from '../stripe/sandbox-process.ts';
import { dumpDatabase } from '../engine/database-dump.ts';
import { type AccountOnClock, type Engine, subscribedToPro } from '../engine/engine-under-test.ts';

let sandbox: SandboxProcess;
let stripe: Stripe;
let engine: Engine;
let api: ApiUnderTest;
let url = '';
let secrets: readonly string[] = [];
let endpointSecret = '';

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
  await sandbox.control('POST', '/settings', { webhookRetryDelaysMs: [100, 100] });
  api = await openApi(
    { stripeWebhookSecrets: () => secrets },
    { stripe: { apiKey: TEST_KEY, apiBase: sandbox.baseUrl } },
  );
  ({ engine } = api);
  url = `${api.url}/webhooks/stripe`;
  const connection = { apiKey: TEST_KEY, apiBase: sandbox.baseUrl };
  await registerStripeWebhook(connection, 'http://127.0.0.1:9/of-an-earlier-start');
  endpointSecret = await registerStripeWebhook(connection, url, ['*']);
  expect((await stripe.webhookEndpoints.list()).data.map((each) => each.url)).toEqual([url]);
});

beforeEach(() => {
  secrets = [endpointSecret];
});

afterEach(async () => {
  await sandbox.control('DELETE', '/faults');
});

afterAll(async () => {
  await api.close();
  await sandbox.stop();
});

const inbox = async (objectId: string): Promise<readonly StripeInboxRow[]> =>
  engine.db('stripeInbox').where({ objectId }).whereNotNull('handledAt').orderBy('type');

const until = (reached: () => Promise<boolean>): Promise<boolean> =>
  vi.waitUntil(reached, { timeout: 20_000, interval: 50 });

/** A renewal whose card wants its owner to authenticate: open here, and waiting for somebody at Stripe. */
async function awaitingAuthentication(): Promise<{ account: AccountOnClock; stripeInvoiceId: string; intent: string }> {
  const account = await subscribedToPro(engine, { now: '2027-01-31T09:00:00Z', seats: 2, interval: 'month' });
  await engine.perennial.addPaymentMethod(account.accountId, 'pm_card_authenticationRequired');
  await account.advance('2027-03-01T00:00:00Z');
  const { phase, invoices } = await engine.perennial.status(account.accountId);
  expect(phase).toBe('past_due');
  const stripeInvoiceId = invoices.find((invoice) => invoice.status === 'open')?.stripe?.id ?? '';
  const { payments } = await stripe.invoices.retrieve(stripeInvoiceId, { expand: ['payments'] });
  const intent = payments?.data.at(-1)?.payment.payment_intent;
  if (typeof intent !== 'string') throw new Error('The invoice has no payment that waits.');
  return { account, stripeInvoiceId, intent };
}

async function authenticate(intent: string): Promise<void> {
  const pressed = await fetch(`${sandbox.baseUrl}/_sandbox/authenticate/${intent}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'answer=complete',
  });
  expect(pressed.status).toBe(200);
}

const isActive = async ({ accountId }: AccountOnClock): Promise<boolean> =>
  (await engine.perennial.status(accountId)).phase === 'active';

function signed(payload: string, options: { secret?: string; secondsAgo?: number } = {}): RequestInit {
  const { secret = endpointSecret, secondsAgo = 0 } = options;
  const timestamp = Math.floor(Date.now() / 1000) - secondsAgo;
  const header = stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  return { method: 'POST', body: payload, headers: { 'content-type': 'application/json', 'stripe-signature': header } };
}

const eventText = (id: string, type = 'invoice.paid', object = 'in_of_nobody'): string =>
  JSON.stringify({ id, object: 'event', type, data: { object: { id: object, object: 'invoice' } } });

const isKept = async (eventId: string): Promise<boolean> =>
  (await engine.db('stripeInbox').where({ eventId }).first()) !== undefined;

describe('what happens at Stripe', () => {
  it('INV-6 given a renewal that waits for 3-D Secure, when its owner authenticates, then the webhook restores service at once', async () => {
    const { account, stripeInvoiceId, intent } = await awaitingAuthentication();
    await authenticate(intent);
    await until(() => isActive(account));
    const { invoices, audit } = await engine.perennial.status(account.accountId);
    expect(invoices.map(({ status, stripe: seen }) => [status, seen?.status])).toEqual([
      ['paid', 'paid'],
      ['paid', 'paid'],
    ]);
    expect(audit.filter(({ action }) => action === 'invoice.paid').map(({ at }) => at)).toEqual([
      '2027-01-31T09:00:00Z',
      '2027-03-01T00:00:00Z',
    ]);
    await until(async () => (await inbox(stripeInvoiceId)).some(({ type }) => type === 'invoice.paid'));
    await account.advance('2027-03-20T00:00:00Z');
    const charges = await stripe.charges.list({ limit: 100 });
    const own = charges.data.filter((charge) => charge.payment_intent === intent && charge.status === 'succeeded');
    expect(own).toHaveLength(1);
  });

  it('INV-4 given webhooks that come twice, late and in the wrong order, when all is done, then it was recorded once', async () => {
    const { account, stripeInvoiceId, intent } = await awaitingAuthentication();
    await sandbox.fault({ kind: 'webhook_reorder', type: 'invoice.paid' });
    await sandbox.fault({ kind: 'webhook_duplicate', type: 'invoice.payment_succeeded' });
    await authenticate(intent);
    // What was held back for another event comes with the next one.
    await stripe.customers.create();
    await until(() => isActive(account));
    const paid = eventText('evt_again', 'invoice.paid', stripeInvoiceId);
    const voided = eventText('evt_never_true', 'invoice.voided', stripeInvoiceId);
    for (const body of [paid, voided, paid]) expect((await fetch(url, signed(body))).status).toBe(200);
    await until(async () => (await inbox(stripeInvoiceId)).some(({ eventId }) => eventId === 'evt_never_true'));
    const { audit, phase } = await engine.perennial.status(account.accountId);
    expect(phase).toBe('active');
    expect(audit.filter(({ action }) => action === 'invoice.paid')).toHaveLength(2);
  });

  it('INV-4 given a webhook that says paid and is signed, when Stripe has no payment, then nothing is believed', async () => {
    const { account, stripeInvoiceId } = await awaitingAuthentication();
    expect((await fetch(url, signed(eventText('evt_lie', 'invoice.paid', stripeInvoiceId)))).status).toBe(200);
    await until(async () => (await inbox(stripeInvoiceId)).some(({ eventId }) => eventId === 'evt_lie'));
    expect((await engine.perennial.status(account.accountId)).phase).toBe('past_due');
  });

  it('INV-5 given a webhook that never comes, when the next try is due, then it finds the payment and charges nothing', async () => {
    const { account, intent } = await awaitingAuthentication();
    await sandbox.fault({ kind: 'webhook_drop', times: 20 });
    await authenticate(intent);
    await account.advance('2027-03-04T00:00:00Z');
    const { phase, invoices } = await engine.perennial.status(account.accountId);
    expect([phase, invoices.at(-1)?.status]).toEqual(['active', 'paid']);
  });

  it('INV-6 given Stripe does not answer when it is asked, when it does again, then the payment is recorded', async () => {
    const { account, intent } = await awaitingAuthentication();
    await sandbox.fault({ kind: 'webhook_delay', type: 'invoice.paid', ms: 300 });
    await authenticate(intent);
    await sandbox.fault({ kind: 'server_error_before', method: 'GET', path: '^/v1/invoices/', times: 8 });
    await until(() => isActive(account));
  });

  it('INV-5 given a failed renewal, when a card is saved at Checkout, then what is owed is paid with it', async () => {
    const { account } = await awaitingAuthentication();
    const customer = (await engine.db('accounts').where({ accountId: account.accountId }).first())?.stripeCustomerId;
    const session = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'usd',
      customer: String(customer),
      success_url: 'https://example.com',
    });
    await sandbox.fault({ kind: 'webhook_duplicate', type: 'checkout.session.completed' });
    await fetch(`${sandbox.baseUrl}/_sandbox/checkout/${session.id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'card=pm_card_visa',
      redirect: 'manual',
    });
    await until(() => isActive(account));
    const { paymentMethod, audit } = await engine.perennial.status(account.accountId);
    expect(paymentMethod).toMatchObject({ last4: '4242' });
    expect(audit.filter(({ actor }) => actor === 'stripe').map(({ action }) => action)).toEqual(['payment_method.set']);
    await until(async () => (await inbox(session.id)).length === 1);
    expect((await inbox(session.id))[0]?.outcome).toBe(`told ${account.accountId}`);
  });
});

describe('what Stripe did not send', () => {
  const refused = async (init: RequestInit): Promise<void> => {
    // What was taken before is done by itself, and would write while this compares.
    await vi.waitUntil(
      async () => (await engine.db('stripeInbox').where({ handledAt: null }).first()) === undefined,
      45_000,
    );
    const before = await dumpDatabase(engine.db);
    const answer = await fetch(url, init);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request' });
    expect(await dumpDatabase(engine.db)).toEqual(before);
  };

  it('given a wrong signature, none, another secret, or one byte changed, then it is refused and nothing is kept', async () => {
    const body = eventText('evt_forged');
    await refused({ ...signed(body), headers: { 'stripe-signature': 't=1,v1=00' } });
    await refused({ method: 'POST', body });
    await refused(signed(body, { secret: 'whsec_of_somebody_else' }));
    await refused({ ...signed(body), body: body.replace('evt_forged', 'evt_forgeD') });
    await refused(signed('{}'));
    await refused(signed('not json'));
    expect(await isKept('evt_forged')).toBe(false);
  });

  it('given a delivery that is played again after more than 300 seconds, then it is refused', async () => {
    await refused(signed(eventText('evt_old'), { secondsAgo: 310 }));
    expect((await fetch(url, signed(eventText('evt_in_time'), { secondsAgo: 290 }))).status).toBe(200);
  });

  it('given a secret that is being rotated, then the old and the new one are good; after that only the new one', async () => {
    secrets = ['whsec_new', endpointSecret];
    for (const secret of secrets) {
      expect((await fetch(url, signed(eventText(`evt_by_${secret}`), { secret }))).status).toBe(200);
    }
    secrets = ['whsec_new'];
    await refused(signed(eventText('evt_too_late')));
  });

  it('given a delivery that Stripe signed wrongly, when it tries again, then that one is kept', async () => {
    await sandbox.fault({ kind: 'webhook_bad_signature', type: 'customer.created' });
    const { id } = await stripe.customers.create();
    await until(async () => (await inbox(id)).length === 1);
    expect((await inbox(id))[0]?.outcome).toBe('ignored: nothing depends on it');
  });

  it('given events about what is none of ours, then they are kept, and nothing follows', async () => {
    for (const type of ['invoice.paid', 'checkout.session.completed', 'invoice.upcoming', 'v9.unheard_of']) {
      expect((await fetch(url, signed(eventText(`evt_foreign_${type}`, type)))).status).toBe(200);
    }
    await vi.waitUntil(async () => {
      const rows = await engine.db('stripeInbox').where('eventId', 'like', 'evt_foreign_%').whereNotNull('outcome');
      return rows.length === 4;
    }, 10_000);
  });
});
