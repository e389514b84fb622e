import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addSeconds, type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { attachPaymentMethod } from '../../stripe/attach-payment-method.ts';
import { ensureCustomer } from '../../stripe/ensure-customer.ts';
import { pushInvoice } from '../../stripe/push-invoice.ts';
import { isRetryable } from '../../stripe/retryable.ts';
import { type StripeUnderTest, allOf, connectStripe, invoiceFor, isLive, newCustomer } from './stripe-under-test.ts';

// On a busy machine a start of the sandbox, or a retry of the SDK, takes its time.
vi.setConfig({ testTimeout: isLive ? 60_000 : 20_000, hookTimeout: 60_000 });

let under: StripeUnderTest;
let stripe: Stripe;

beforeAll(async () => {
  under = await connectStripe();
  stripe = under.stripe;
});

afterAll(async () => {
  await under.stop();
});

const aWhileAgo = (seconds: number): Instant => addSeconds(instantFromEpochMs(Date.now()), -seconds);

describe('customers and cards', () => {
  it('INV-4 given a customer was made, when it is asked for again under the same key, then it is the same one', async () => {
    const accountId = `test-${randomUUID()}`;
    const request = { accountId, idempotencyKey: `customer:${accountId}` };
    const first = await ensureCustomer(stripe, request);
    expect(await ensureCustomer(stripe, request)).toEqual(first);
    const stored = await stripe.customers.retrieve(first.customerId);
    expect(stored.deleted === true ? null : stored.metadata).toEqual({ perennial_account: accountId });
  });

  it('INV-4 given an id in another script, as long as ids may be, when its customer is made twice, then it is one', async () => {
    const accountId = `${randomUUID()} 🦉 ${'日'.repeat(150)}`;
    const request = { accountId, idempotencyKey: `customer:${accountId}` };
    const first = await ensureCustomer(stripe, request);
    expect(await ensureCustomer(stripe, request)).toEqual(first);
    const { customerId } = first;
    const card = { customerId, paymentMethodId: 'pm_card_visa', idempotencyKey: `account:${accountId}:attach:🦉` };
    expect(await attachPaymentMethod(stripe, card)).toMatchObject({ kind: 'attached', last4: '4242' });
  });

  it.skipIf(isLive)(
    'INV-4 given Stripe has forgotten the key, when the customer is asked for, then it is found by its metadata',
    async () => {
      const accountId = `O'Neill "and" ${randomUUID()}`;
      await under.sandbox?.control('POST', '/settings', { searchLagMs: 0 });
      const first = await ensureCustomer(stripe, { accountId, idempotencyKey: `a:${accountId}` });
      await under.sandbox?.control('POST', '/forget-idempotency-keys');
      const again = await ensureCustomer(stripe, { accountId, idempotencyKey: `a:${accountId}` });
      await under.sandbox?.control('POST', '/settings', { searchLagMs: 1_000 });
      expect(again).toEqual(first);
    },
  );

  it.skipIf(isLive)(
    'given two accounts whose ids differ in case only, when both are made, then they are two customers',
    async () => {
      const suffix = randomUUID();
      await under.sandbox?.control('POST', '/settings', { searchLagMs: 0 });
      const upper = await ensureCustomer(stripe, { accountId: `ACME-${suffix}`, idempotencyKey: `A:${suffix}` });
      const lower = await ensureCustomer(stripe, { accountId: `acme-${suffix}`, idempotencyKey: `a:${suffix}` });
      await under.sandbox?.control('POST', '/settings', { searchLagMs: 1_000 });
      expect(lower).not.toEqual(upper);
    },
  );

  it('given a card that works, when it is attached, then it is the one that invoices are paid with', async () => {
    const customerId = await newCustomer(stripe, null);
    const attachment = await attachPaymentMethod(stripe, {
      customerId,
      paymentMethodId: 'pm_card_mastercard',
      idempotencyKey: `card:${customerId}`,
    });
    expect(attachment).toMatchObject({ kind: 'attached', brand: 'mastercard', last4: '4444' });
    const customer = await stripe.customers.retrieve(customerId, {
      expand: ['invoice_settings.default_payment_method'],
    });
    const card = customer.deleted === true ? null : customer.invoice_settings.default_payment_method;
    expect(card).toMatchObject({ card: { last4: '4444' } });
    expect(attachment).toMatchObject({ paymentMethodId: (card as Stripe.PaymentMethod).id });
  });

  it('given a card was attached, when the same is asked again, also under another key, then it is one card', async () => {
    const customerId = await newCustomer(stripe);
    const [card] = await allOf(stripe.customers.listPaymentMethods(customerId));
    const request = { customerId, paymentMethodId: card?.id ?? '' };
    const again = await attachPaymentMethod(stripe, { ...request, idempotencyKey: `again:${customerId}` });
    expect(again).toMatchObject({ kind: 'attached', paymentMethodId: card?.id });
    expect(await allOf(stripe.customers.listPaymentMethods(customerId))).toHaveLength(1);
  });

  it('given a card that the bank refuses, when it is attached, then that is an answer and not an error', async () => {
    const customerId = await newCustomer(stripe, null);
    const request = {
      customerId,
      paymentMethodId: 'pm_card_visa_chargeDeclined',
      idempotencyKey: `card:${customerId}`,
    };
    expect(await attachPaymentMethod(stripe, request)).toMatchObject({
      kind: 'declined',
      declineCode: 'generic_decline',
    });
  });

  it('given a card that does not exist, when it is attached, then it is our bug: an error that is not retried', async () => {
    const customerId = await newCustomer(stripe, null);
    const request = { customerId, paymentMethodId: 'pm_nonsense', idempotencyKey: `card:${customerId}` };
    const error: unknown = await attachPaymentMethod(stripe, request).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ type: 'StripeInvalidRequestError', code: 'resource_missing' });
    expect(isRetryable(error)).toBe(false);
  });
});

describe('pushing an invoice', () => {
  it('given charges and a credit, when it is pushed, then Stripe has the same lines and the same total', async () => {
    const customerId = await newCustomer(stripe);
    const invoice = invoiceFor(customerId, [2_900, 1_450, -333]);
    const result = await pushInvoice(stripe, invoice);
    expect(result).toMatchObject({ status: 'open', total: 4_017 });

    const stored = await stripe.invoices.retrieve(result.stripeInvoiceId);
    expect(stored).toMatchObject({
      auto_advance: false,
      collection_method: 'charge_automatically',
      customer: customerId,
      amount_due: 4_017,
      metadata: { perennial_invoice: invoice.invoiceId, perennial_number: 'ACME-0007' },
      custom_fields: [{ name: 'Number', value: 'ACME-0007' }],
    });
    const lines = await allOf(stripe.invoices.listLineItems(result.stripeInvoiceId));
    expect(lines.map((line) => [line.metadata['perennial_line'], line.amount, line.description])).toEqual(
      invoice.lines.map((line) => [line.lineId, line.amount, line.description]),
    );
    expect(lines[0]?.period).toEqual({ start: 1_801_387_800, end: 1_803_807_000 });
  });

  it('INV-1 given it was pushed, when it is pushed again, also under other keys, then there is one invoice', async () => {
    const customerId = await newCustomer(stripe);
    const invoice = invoiceFor(customerId);
    const first = await pushInvoice(stripe, invoice);
    expect(await pushInvoice(stripe, invoice)).toEqual(first);
    expect(await pushInvoice(stripe, { ...invoice, idempotencyKeyPrefix: `other:${invoice.invoiceId}` })).toEqual(
      first,
    );
    expect(await allOf(stripe.invoices.list({ customer: customerId }))).toHaveLength(1);
  });

  it('INV-4 given what Stripe had when it was issued, when it is pushed under other keys, then it is looked for among what came after', async () => {
    const customerId = await newCustomer(stripe);
    const { createdAt } = await pushInvoice(stripe, invoiceFor(customerId));
    const invoice = { ...invoiceFor(customerId), issuedAfter: createdAt, isThere: true };
    const first = await pushInvoice(stripe, invoice);
    expect(await pushInvoice(stripe, { ...invoice, idempotencyKeyPrefix: `other:${invoice.invoiceId}` })).toEqual(
      first,
    );
    // Had it been issued after something that is yet to come, it could not be there.
    const later = { ...invoice, issuedAfter: addSeconds(createdAt, 3_600) };
    const another = await pushInvoice(stripe, { ...later, idempotencyKeyPrefix: `later:${invoice.invoiceId}` });
    expect(another.stripeInvoiceId).not.toBe(first.stripeInvoiceId);
  });

  it('INV-4 given it was issued just now, when it is pushed again, then it is the same one, and under another key nobody looks for it', async () => {
    const customerId = await newCustomer(stripe);
    const invoice = { ...invoiceFor(customerId), issuedAt: aWhileAgo(60) };
    const first = await pushInvoice(stripe, invoice);
    expect(await pushInvoice(stripe, invoice)).toEqual(first);
    // The key is what it is found by; who changes it has to wait.
    const renamed = { ...invoice, idempotencyKeyPrefix: `other:${invoice.invoiceId}` };
    expect((await pushInvoice(stripe, renamed)).stripeInvoiceId).not.toBe(first.stripeInvoiceId);
    const old = { ...invoiceFor(customerId), issuedAt: aWhileAgo(13 * 3_600) };
    const second = await pushInvoice(stripe, old);
    expect(await pushInvoice(stripe, { ...old, idempotencyKeyPrefix: `other:${old.invoiceId}` })).toEqual(second);
    // A clock that is ahead says nothing of when it can have been made.
    const ahead = { ...old, issuedAt: aWhileAgo(-3_600), idempotencyKeyPrefix: `ahead:${old.invoiceId}` };
    expect(await pushInvoice(stripe, ahead)).toEqual(second);
  });

  it('INV-1 given 230 lines, when it is pushed, then all of them are there, once and in order', async () => {
    const customerId = await newCustomer(stripe);
    const invoice = invoiceFor(
      customerId,
      Array.from({ length: 230 }, (_, index) => 100 + index),
    );
    const { stripeInvoiceId, total } = await pushInvoice(stripe, invoice);
    expect(total).toBe(invoice.totalMinor);
    const lines = await allOf(stripe.invoices.listLineItems(stripeInvoiceId, { limit: 100 }));
    expect(lines.map((line) => line.metadata['perennial_line'])).toEqual(invoice.lines.map((line) => line.lineId));
  });

  it('given 251 lines, when it is pushed, then it is refused before anything is sent', async () => {
    const customerId = await newCustomer(stripe, null);
    const invoice = invoiceFor(
      customerId,
      Array.from({ length: 251 }, () => 100),
    );
    await expect(pushInvoice(stripe, invoice)).rejects.toMatchObject({ code: 'too_many_lines' });
    expect(await allOf(stripe.invoices.list({ customer: customerId }))).toHaveLength(0);
  });

  it('MON-6 given a total below the minimum charge, when it is pushed, then it is refused and nothing is sent', async () => {
    const customerId = await newCustomer(stripe, null);
    for (const amounts of [[49], [0], [100, -150], []]) {
      await expect(pushInvoice(stripe, invoiceFor(customerId, amounts))).rejects.toMatchObject({
        code: 'below_minimum_charge',
      });
    }
    expect(await allOf(stripe.invoices.list({ customer: customerId }))).toHaveLength(0);
    expect(await pushInvoice(stripe, invoiceFor(customerId, [50]))).toMatchObject({ status: 'open', total: 50 });
  });

  it('given the lines do not sum to the total, when it is pushed, then nothing is sent', async () => {
    const customerId = await newCustomer(stripe, null);
    const error: unknown = await pushInvoice(stripe, { ...invoiceFor(customerId), totalMinor: 8_001 }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'ledger_mismatch' });
    expect(isRetryable(error)).toBe(false);
    expect(await allOf(stripe.invoices.list({ customer: customerId }))).toHaveLength(0);
  });

  it('given somebody added a line at Stripe, when it is pushed, then it stays a draft and says why', async () => {
    const customerId = await newCustomer(stripe);
    const invoice = invoiceFor(customerId);
    const draft = await stripe.invoices.create({
      customer: customerId,
      currency: 'usd',
      auto_advance: false,
      metadata: { perennial_invoice: invoice.invoiceId },
    });
    await stripe.invoices.addLines(draft.id, { lines: [{ amount: 5, description: 'by hand' }] });
    await expect(pushInvoice(stripe, invoice)).rejects.toMatchObject({ code: 'ledger_mismatch' });
    expect(await stripe.invoices.retrieve(draft.id)).toMatchObject({ status: 'draft', total: 8_005 });
  });

  it('given somebody added a line to a draft that is paid next, when it is pushed again, then it is not to be paid', async () => {
    const invoice = { ...invoiceFor(await newCustomer(stripe)), issuedAt: aWhileAgo(0), isPaidNext: true };
    const { stripeInvoiceId } = await pushInvoice(stripe, invoice);
    await stripe.invoices.addLines(stripeInvoiceId, { lines: [{ amount: 5, description: 'by hand' }] });
    await expect(pushInvoice(stripe, invoice)).rejects.toMatchObject({ code: 'ledger_mismatch' });
  });
});
