import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';
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

async function customerWith(card: string): Promise<{ customer: string; card: string }> {
  const { id: customer } = await stripe.customers.create();
  const { id } = await stripe.paymentMethods.attach(card, { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
  return { customer, card: id };
}

async function draftFor(customer: string, ...amounts: readonly number[]): Promise<string> {
  const { id } = await stripe.invoices.create({ customer, currency: 'usd', auto_advance: false });
  await stripe.invoices.addLines(id, { lines: amounts.map((amount) => ({ amount })) });
  return id;
}

const eventTypes = async (count: number) => (await stripe.events.list({ limit: count })).data.map(({ type }) => type);

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

describe("an invoice's life", () => {
  it('given lines and credits, when it is finalized and paid, then sums, payment and events agree', async () => {
    const { customer } = await customerWith('pm_card_visa');
    const id = await draftFor(customer, 5_000, -1_200, 0);
    expect(await stripe.invoices.retrieve(id)).toMatchObject({
      status: 'draft',
      total: 3_800,
      amount_due: 3_800,
      number: null,
    });
    const open = await stripe.invoices.finalizeInvoice(id, { auto_advance: false });
    expect(open).toMatchObject({ status: 'open', amount_remaining: 3_800, attempted: false });
    expect(open.number).toMatch(/^[A-Z0-9]{8}-0001$/);
    const paid = await stripe.invoices.pay(id, { expand: ['payments.data.payment.payment_intent.latest_charge'] });
    expect(paid).toMatchObject({ status: 'paid', amount_paid: 3_800, amount_remaining: 0, attempt_count: 1 });
    expect(paid.payments?.data[0]).toMatchObject({
      status: 'paid',
      amount_paid: 3_800,
      payment: { payment_intent: { status: 'succeeded', latest_charge: { amount: 3_800, paid: true } } },
    });
    expect(await eventTypes(6)).toEqual([
      'invoice.payment_succeeded',
      'invoice.paid',
      'invoice_payment.paid',
      'payment_intent.succeeded',
      'charge.succeeded',
      'invoice.finalized',
    ]);
  });

  it('given a finalized invoice, when its lines or texts are changed, then it is refused; metadata may change', async () => {
    const { customer } = await customerWith('pm_card_visa');
    const id = await draftFor(customer, 700);
    await stripe.invoices.finalizeInvoice(id);
    const notEditable = { code: 'invoice_not_editable', statusCode: 400 };
    expect(await errorOf(stripe.invoices.addLines(id, { lines: [{ amount: 1 }] }))).toMatchObject(notEditable);
    expect(await errorOf(stripe.invoices.update(id, { description: 'x' }))).toMatchObject(notEditable);
    expect(await errorOf(stripe.invoices.del(id))).toMatchObject(notEditable);
    expect(await errorOf(stripe.invoices.finalizeInvoice(id))).toMatchObject(notEditable);
    expect((await stripe.invoices.update(id, { metadata: { a: 'b' } })).metadata).toEqual({ a: 'b' });
  });

  it('given no line, when it is finalized, then it is refused; given 251, when they are added, too', async () => {
    const { id: customer } = await stripe.customers.create();
    const { id } = await stripe.invoices.create({ customer, currency: 'usd' });
    expect(await errorOf(stripe.invoices.finalizeInvoice(id))).toMatchObject({
      code: 'invoice_no_customer_line_items',
    });
    await stripe.invoices.addLines(id, { lines: Array.from({ length: 250 }, () => ({ amount: 1 })) });
    expect(await errorOf(stripe.invoices.addLines(id, { lines: [{ amount: 1 }] }))).toMatchObject({ statusCode: 400 });
  });

  it('MON-6 given less than the minimum charge, when it is finalized, then it is paid by the next invoice, as at Stripe', async () => {
    const { customer } = await customerWith('pm_card_visa');
    const small = await stripe.invoices.finalizeInvoice(await draftFor(customer, 49));
    expect(small).toMatchObject({ status: 'paid', total: 49, amount_due: 0, amount_paid: 0, ending_balance: 49 });
    const next = await stripe.invoices.pay(await draftFor(customer, 1_000));
    expect(next).toMatchObject({
      status: 'paid',
      total: 1_000,
      starting_balance: 49,
      amount_paid: 1_049,
      ending_balance: 0,
    });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: 0 });
  });

  it('given a negative total, when it is finalized, then it is credit for the invoices after it', async () => {
    const { customer } = await customerWith('pm_card_visa');
    expect(await stripe.invoices.finalizeInvoice(await draftFor(customer, -2_000))).toMatchObject({
      status: 'paid',
      ending_balance: -2_000,
    });
    expect(await stripe.invoices.pay(await draftFor(customer, 1_500))).toMatchObject({
      amount_paid: 0,
      ending_balance: -500,
    });
    expect(await stripe.invoices.pay(await draftFor(customer, 1_500))).toMatchObject({ amount_paid: 1_000 });
    expect((await allOf(stripe.charges.list({ customer }))).map(({ amount }) => amount)).toEqual([1_000]);
  });

  it('given an open invoice, when it is void, uncollectible or paid elsewhere, then its payment intent is settled too', async () => {
    const { customer } = await customerWith('pm_card_visa');
    const statusOf = async (id: string) => {
      const invoice = await stripe.invoices.retrieve(id, { expand: ['payments.data.payment.payment_intent'] });
      const payment = invoice.payments?.data[0];
      const intent = payment?.payment.payment_intent as Stripe.PaymentIntent | undefined;
      return [invoice.status, payment?.status, intent?.status];
    };
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      ids.push((await stripe.invoices.finalizeInvoice(await draftFor(customer, 900))).id);
    }
    const [voided = '', writtenOff = '', elsewhere = ''] = ids;
    await stripe.invoices.voidInvoice(voided);
    await stripe.invoices.markUncollectible(writtenOff);
    await stripe.invoices.pay(elsewhere, { paid_out_of_band: true });
    expect(await statusOf(voided)).toEqual(['void', 'canceled', 'canceled']);
    expect(await statusOf(writtenOff)).toEqual(['uncollectible', 'open', 'requires_payment_method']);
    expect(await statusOf(elsewhere)).toEqual(['paid', 'canceled', 'canceled']);
    expect(await stripe.invoices.pay(writtenOff)).toMatchObject({ status: 'paid' });
    expect(await errorOf(stripe.invoices.pay(voided))).toMatchObject({ statusCode: 400 });
    expect(await errorOf(stripe.invoices.voidInvoice(elsewhere))).toMatchObject({ statusCode: 400 });
  });
});

describe('cards', () => {
  it('given a card that declines, when it is charged, then it is 402 and the failed charge is kept', async () => {
    const { customer } = await customerWith('pm_card_chargeCustomerFail');
    const id = await draftFor(customer, 900);
    const error = await errorOf(stripe.invoices.pay(id));
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'card_declined',
      decline_code: 'generic_decline',
    });
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'open', attempted: true, attempt_count: 1 });
    expect((await allOf(stripe.charges.list({ customer }))).map(({ status }) => status)).toEqual(['failed']);
    expect((await eventTypes(1))[0]).toBe('invoice.payment_failed');
  });

  it('given cards that are refused when attached, then the codes are those that Stripe gives', async () => {
    const { id: customer } = await stripe.customers.create();
    const refusals = {
      pm_card_chargeDeclinedInsufficientFunds: 'insufficient_funds',
      pm_card_visa_chargeDeclined: 'generic_decline',
    };
    for (const [card, decline_code] of Object.entries(refusals)) {
      const error = await errorOf(stripe.paymentMethods.attach(card, { customer }));
      expect(error).toMatchObject({ code: 'card_declined', decline_code });
    }
    const expired = await errorOf(stripe.paymentMethods.attach('pm_card_chargeDeclinedExpiredCard', { customer }));
    expect(expired).toMatchObject({ code: 'expired_card' });
    expect((await stripe.customers.listPaymentMethods(customer)).data).toEqual([]);
  });

  it("given another customer's card, when it is attached or made the default, then it is refused", async () => {
    const { card } = await customerWith('pm_card_visa');
    const { id: customer } = await stripe.customers.create();
    expect(await errorOf(stripe.paymentMethods.attach(card, { customer }))).toMatchObject({ statusCode: 400 });
    const asDefault = stripe.customers.update(customer, { invoice_settings: { default_payment_method: card } });
    expect(await errorOf(asDefault)).toMatchObject({ code: 'resource_missing' });
  });

  it('given the default card is detached, then there is no default, and an invoice cannot be paid', async () => {
    const { customer, card } = await customerWith('pm_card_visa');
    await stripe.paymentMethods.detach(card);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
    expect(await errorOf(stripe.invoices.pay(await draftFor(customer, 900)))).toMatchObject({
      message: expect.stringContaining('`default_payment_method`') as string,
    });
  });

  it('given a card that must be authenticated, when its owner fails and then completes, then it is charged once', async () => {
    const { customer } = await customerWith('pm_card_authenticationRequired');
    const id = await draftFor(customer, 900);
    const press = async (answer: string) => {
      const expand = ['payments.data.payment.payment_intent'];
      const invoice = await stripe.invoices.retrieve(id, { expand });
      const intent = invoice.payments?.data[0]?.payment.payment_intent as Stripe.PaymentIntent;
      const hosted = await (await fetch(invoice.hosted_invoice_url ?? '')).text();
      expect(hosted).toContain('9.00 USD');
      await fetch(intent.next_action?.redirect_to_url?.url ?? '', {
        method: 'POST',
        body: new URLSearchParams({ answer }),
      });
      return (await stripe.invoices.retrieve(id)).status;
    };
    const needsAction = { statusCode: 402, code: 'invoice_payment_intent_requires_action' };
    expect(await errorOf(stripe.invoices.pay(id))).toMatchObject(needsAction);
    expect((await eventTypes(1))[0]).toBe('invoice.payment_action_required');
    expect(await press('fail')).toBe('open');
    expect(await errorOf(stripe.invoices.pay(id))).toMatchObject(needsAction);
    expect(await press('complete')).toBe('paid');
    expect(await allOf(stripe.charges.list({ customer }))).toHaveLength(1);
  });
});

describe('payment intents and setup', () => {
  it('MON-6 given less than the minimum charge, when it is to be charged, then amount_too_small', async () => {
    for (const [amount, currency, isEnough] of [
      [49, 'usd', false],
      [50, 'usd', true],
      [29, 'gbp', false],
      [30, 'gbp', true],
    ] as const) {
      const error = await errorOf(stripe.paymentIntents.create({ amount, currency }));
      if (isEnough) expect(error).toBeNull();
      else expect(error).toMatchObject({ code: 'amount_too_small', param: 'amount' });
    }
  });

  it('given a card to be authenticated, when it is charged off-session, then declined; on-session, then asked', async () => {
    const { customer, card } = await customerWith('pm_card_authenticationRequired');
    const request = { amount: 900, currency: 'usd', customer, payment_method: card, confirm: true };
    const offSession = await errorOf(stripe.paymentIntents.create({ ...request, off_session: true }));
    expect(offSession).toMatchObject({ code: 'authentication_required', statusCode: 402 });
    const onSession = await stripe.paymentIntents.create(request);
    expect(onSession).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect_to_url' } });
  });

  it('given a session to save a card, when a card is chosen on its page, then it is attached and the session is complete', async () => {
    const { id: customer } = await stripe.customers.create();
    const success_url = 'https://example.com/done?session={CHECKOUT_SESSION_ID}';
    const session = await stripe.checkout.sessions.create({ mode: 'setup', customer, success_url });
    expect(session).toMatchObject({ status: 'open', mode: 'setup', payment_status: 'no_payment_required' });
    const choose = (card: string) =>
      fetch(session.url ?? '', { method: 'POST', redirect: 'manual', body: new URLSearchParams({ card }) });
    expect((await choose('pm_card_visa_chargeDeclined')).status).toBe(402);
    const accepted = await choose('pm_card_visa');
    expect(accepted.headers.get('location')).toBe(`https://example.com/done?session=${session.id}`);
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent.payment_method'] });
    expect(done).toMatchObject({
      status: 'complete',
      url: null,
      setup_intent: { status: 'succeeded', payment_method: { customer, card: { last4: '4242' } } },
    });
    expect(await eventTypes(2)).toEqual(['checkout.session.completed', 'setup_intent.succeeded']);
  });

  it('given a customer is deleted, then it is gone, and its cards are detached', async () => {
    const { customer, card } = await customerWith('pm_card_visa');
    expect(await stripe.customers.del(customer)).toMatchObject({ deleted: true });
    expect(await errorOf(stripe.customers.retrieve(customer))).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
    expect((await stripe.paymentMethods.retrieve(card)).customer).toBeNull();
  });
});
