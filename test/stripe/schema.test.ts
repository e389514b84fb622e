import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiDocument, loadApiDocument } from './openapi-document.ts';
import { type SandboxProcess, TEST_KEY, startSandbox } from './sandbox-process.ts';

// On a busy machine a start of the sandbox, or a retry of the SDK, takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

let sandbox: SandboxProcess;
let document: ApiDocument;

beforeAll(async () => {
  [sandbox, document] = await Promise.all([startSandbox(), loadApiDocument()]);
  await sandbox.control('POST', '/settings', { searchLagMs: 0 });
});

afterAll(async () => {
  await sandbox.stop();
});

/** The SDK with an ear on the wire. */
function recordingClient(recorded: Recorded[]): Stripe {
  const { hostname, port } = new URL(sandbox.baseUrl);
  const listen: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    const body: unknown = await response.clone().json();
    recorded.push({ method: init?.method ?? 'GET', path: url.pathname, status: response.status, body });
    return response;
  };
  return new Stripe(TEST_KEY, {
    host: hostname,
    port,
    protocol: 'http',
    httpClient: Stripe.createFetchHttpClient(listen),
  });
}

const refused = (promise: Promise<unknown>) => expect(promise).rejects.toBeInstanceOf(Stripe.errors.StripeError);

async function customersAndCards(stripe: Stripe): Promise<string> {
  const { id: customer } = await stripe.customers.create({
    name: 'Ada',
    email: 'ada@example.com',
    address: { line1: 'Street 1', country: 'DE' },
    metadata: { perennial_account: 'ada' },
  });
  const card = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: card.id } });
  await stripe.customers.retrieve(customer, { expand: ['invoice_settings.default_payment_method'] });
  await stripe.customers.list({ limit: 1 });
  await stripe.customers.search({ query: 'metadata["perennial_account"]:"ada"' });
  await stripe.customers.listPaymentMethods(customer);
  await stripe.paymentMethods.list({ customer });
  await stripe.paymentMethods.retrieve(card.id, { expand: ['customer'] });
  await stripe.paymentMethods.update(card.id, { metadata: { note: 'first' } });
  const other = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_mastercard' } });
  await stripe.paymentMethods.attach(other.id, { customer });
  await stripe.paymentMethods.detach(other.id);
  await refused(stripe.paymentMethods.attach('pm_card_visa_chargeDeclined', { customer }));
  await refused(stripe.customers.retrieve('cus_nobody'));
  const { id: gone } = await stripe.customers.create();
  await stripe.customers.del(gone);
  return customer;
}

async function newInvoice(stripe: Stripe, customer: string): Promise<string> {
  const { id } = await stripe.invoices.create({
    customer,
    currency: 'usd',
    auto_advance: false,
    custom_fields: [{ name: 'Number', value: 'A-1' }],
    metadata: { perennial_invoice: 'i1' },
  });
  await stripe.invoices.addLines(id, {
    lines: [
      { amount: 5_000, description: 'Base', period: { start: 1, end: 2 }, metadata: { perennial_line: 'l1' } },
      { amount: -700, description: 'Credit', discountable: false },
    ],
  });
  return id;
}

async function invoices(stripe: Stripe, customer: string): Promise<void> {
  const first = await newInvoice(stripe, customer);
  const [line] = (await stripe.invoices.listLineItems(first, { limit: 1 })).data;
  await stripe.invoices.updateLineItem(first, line?.id ?? '', { description: 'Base plan' });
  await stripe.invoices.updateLines(first, { lines: [{ id: line?.id ?? '', amount: 6_000 }] });
  await stripe.invoices.removeLines(first, { lines: [{ id: line?.id ?? '', behavior: 'delete' }] });
  await stripe.invoices.addLines(first, { lines: [{ amount: 9_000, quantity: 2 }] });
  await stripe.invoices.update(first, { description: 'January', footer: 'Thank you' });
  await stripe.invoices.finalizeInvoice(first, { auto_advance: false });
  await refused(stripe.invoices.finalizeInvoice(first));
  await stripe.invoices.pay(first, {
    expand: ['customer', 'payments.data.payment.payment_intent.latest_charge', 'confirmation_secret'],
  });
  await stripe.invoices.list({ customer, expand: ['data.payments', 'data.default_payment_method'] });
  await stripe.invoices.search({ query: "metadata['perennial_invoice']:'i1' AND status:'paid'" });
  const payments = await stripe.invoicePayments.list({ invoice: first });
  await stripe.invoicePayments.retrieve(payments.data[0]?.id ?? '', { expand: ['invoice', 'payment.payment_intent'] });

  await refunds(stripe, first);

  const voided = await newInvoice(stripe, customer);
  await stripe.invoices.finalizeInvoice(voided);
  await stripe.invoices.voidInvoice(voided);
  const writtenOff = await newInvoice(stripe, customer);
  await stripe.invoices.finalizeInvoice(writtenOff);
  await stripe.invoices.markUncollectible(writtenOff);
  await stripe.invoices.del(await newInvoice(stripe, customer));
}

/** Money of a paid invoice, given back by line and by charge. */
async function refunds(stripe: Stripe, invoice: string): Promise<void> {
  const line = (await stripe.invoices.listLineItems(invoice)).data.find((each) => each.amount > 0);
  const lines = [{ type: 'invoice_line_item' as const, invoice_line_item: line?.id ?? '', amount: 400 }];
  const metadata = { perennial_credit_note: 'c1' };
  const note = await stripe.creditNotes.create({
    invoice,
    lines,
    refund_amount: 300,
    out_of_band_amount: 100,
    memo: 'Sorry',
    metadata,
  });
  await refused(stripe.creditNotes.create({ invoice, lines, refund_amount: 399 }));
  await refused(
    stripe.creditNotes.create({ invoice, lines: [{ ...lines[0]!, amount: 1_000_000 }], refund_amount: 1_000_000 }),
  );
  await stripe.creditNotes.retrieve(note.id, { expand: ['invoice', 'customer'] });
  await stripe.creditNotes.list({ invoice, limit: 1 });
  const refundId = note.refunds[0]?.refund as string;
  const first = await stripe.refunds.retrieve(refundId, { expand: ['charge'] });
  const charge = (first.charge as Stripe.Charge).id;
  await stripe.refunds.create({ charge, amount: 100, reason: 'requested_by_customer' });
  await stripe.refunds.list({ charge });
  await refused(stripe.refunds.create({ charge, amount: 1_000_000 }));
}

async function payments(stripe: Stripe, customer: string): Promise<void> {
  for (const id of ['pm_card_chargeCustomerFail', 'pm_card_authenticationRequired']) {
    const card = await stripe.paymentMethods.attach(id, { customer });
    const invoice = await newInvoice(stripe, customer);
    await refused(stripe.invoices.pay(invoice, { payment_method: card.id }));
    await stripe.invoices.retrieve(invoice, { expand: ['payments.data.payment.payment_intent'] });
    const request = { amount: 5_000, currency: 'usd', customer, payment_method: card.id, confirm: true };
    await refused(stripe.paymentIntents.create({ ...request, off_session: true }));
  }
  const [card] = (await stripe.paymentMethods.list({ customer })).data;
  const intent = await stripe.paymentIntents.create({ amount: 700, currency: 'eur', customer });
  await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' });
  const onSession = await stripe.paymentIntents.create({
    amount: 700,
    currency: 'eur',
    customer,
    payment_method: card?.id ?? '',
  });
  await stripe.paymentIntents.confirm(onSession.id, { expand: ['payment_method'] });
  await stripe.paymentIntents.retrieve(onSession.id);
  await stripe.paymentIntents.list({ customer });
  await refused(stripe.paymentIntents.create({ amount: 49, currency: 'usd' }));
  const charges = await stripe.charges.list({ customer, expand: ['data.payment_intent'] });
  await stripe.charges.retrieve(charges.data[0]?.id ?? '', { expand: ['customer'] });
}

async function theRest(stripe: Stripe, customer: string): Promise<void> {
  const session = await stripe.checkout.sessions.create({
    mode: 'setup',
    customer,
    success_url: 'https://example.com/',
  });
  const open = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent', 'customer'] });
  await fetch(open.url ?? '', {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ card: 'pm_card_visa' }),
  });
  const done = await stripe.checkout.sessions.retrieve(session.id);
  await stripe.setupIntents.retrieve(done.setup_intent as string, { expand: ['payment_method'] });
  await stripe.checkout.sessions.list({ customer });
  const endpoint = await stripe.webhookEndpoints.create({
    url: 'http://127.0.0.1:9/',
    enabled_events: ['invoice.paid'],
  });
  await stripe.webhookEndpoints.update(endpoint.id, { description: 'ours', disabled: true });
  await stripe.webhookEndpoints.retrieve(endpoint.id);
  await stripe.webhookEndpoints.list();
  await stripe.webhookEndpoints.del(endpoint.id);
  const events = await stripe.events.list({ limit: 100 });
  await stripe.events.retrieve(events.data[0]?.id ?? '');
  await refused(stripe.customers.create({ nonsense: 1 } as Stripe.CustomerCreateParams));
  await refused(stripe.customers.list({ expand: ['data.nonsense'] }));
}

describe("the sandbox against Stripe's OpenAPI document", () => {
  it('given a run through every endpoint, when its answers are checked, then each is what Stripe documents', async () => {
    const recorded: Recorded[] = [];
    const stripe = recordingClient(recorded);
    const customer = await customersAndCards(stripe);
    await invoices(stripe, customer);
    await payments(stripe, customer);
    await theRest(stripe, customer);

    expect(document.version).toBe('2026-08-26.dahlia');
    expect(recorded.length).toBeGreaterThan(75);
    const problems = recorded.flatMap((answer) =>
      document
        .problemsOf(answer)
        .map((problem) => `${answer.method} ${answer.path} (${String(answer.status)}): ${problem}`),
    );
    expect(problems).toEqual([]);
  });

  it('given an answer with a key that Stripe does not have, when it is checked, then it is refused', () => {
    const [path, method] = ['/v1/customers/cus_1', 'GET'];
    const good = { id: 'cus_1', object: 'customer', created: 1, livemode: false };
    expect(document.problemsOf({ method, path, status: 200, body: good })).toEqual([]);
    expect(document.problemsOf({ method, path, status: 200, body: { ...good, colour: 'red' } })).not.toEqual([]);
    expect(document.problemsOf({ method, path, status: 200, body: { ...good, created: 'now' } })).not.toEqual([]);
  });
});
