import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addSeconds, type Instant, instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { attachPaymentMethod } from '../../stripe/attach-payment-method.ts';
import { ensureCustomer } from '../../stripe/ensure-customer.ts';
import { endInvoice } from '../../stripe/end-invoice.ts';
import { payInvoice } from '../../stripe/pay-invoice.ts';
import { pushInvoice } from '../../stripe/push-invoice.ts';
import { isRetryable } from '../../stripe/retryable.ts';
import { refundLines } from '../../stripe/refund-lines.ts';
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

/** A pushed invoice, ready to be paid. */
async function pushed(card: string | null = 'pm_card_visa', amounts?: readonly number[]) {
  const customerId = await newCustomer(stripe, card);
  const { stripeInvoiceId } = await pushInvoice(stripe, invoiceFor(customerId, amounts));
  return { customerId, stripeInvoiceId };
}

const aWhileAgo = (seconds: number): Instant => addSeconds(instantFromEpochMs(Date.now()), -seconds);

const pay = (stripeInvoiceId: string, attempt = 1) =>
  payInvoice(stripe, { stripeInvoiceId, idempotencyKey: `pay:${stripeInvoiceId}:${String(attempt)}` });

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

describe('paying an invoice', () => {
  it('INV-4 given a card that works, when it is paid twice, also under another key, then it is charged once', async () => {
    const { customerId, stripeInvoiceId } = await pushed();
    expect(await pay(stripeInvoiceId)).toEqual({ kind: 'paid' });
    expect(await pay(stripeInvoiceId)).toEqual({ kind: 'paid' });
    expect(await pay(stripeInvoiceId, 2)).toEqual({ kind: 'paid' });
    const charges = await allOf(stripe.charges.list({ customer: customerId }));
    expect(charges.map(({ amount, status }) => ({ amount, status }))).toEqual([{ amount: 8_000, status: 'succeeded' }]);
  });

  it('given a card that declines, when it is paid, then the decline is an answer; a better card pays it', async () => {
    const { customerId, stripeInvoiceId } = await pushed('pm_card_chargeCustomerFail');
    const declined = { kind: 'declined', declineCode: 'generic_decline', message: 'Your card was declined.' };
    expect(await pay(stripeInvoiceId)).toEqual(declined);
    expect(await pay(stripeInvoiceId)).toEqual(declined);
    const better = { customerId, paymentMethodId: 'pm_card_visa', idempotencyKey: `better:${customerId}` };
    expect(await attachPaymentMethod(stripe, better)).toMatchObject({ kind: 'attached' });
    expect(await pay(stripeInvoiceId)).toEqual(declined); // The first attempt's answer stays the first attempt's.
    expect(await pay(stripeInvoiceId, 2)).toEqual({ kind: 'paid' });
  });

  it('given a card whose owner must authenticate, when it is paid, then the answer says where', async () => {
    const { stripeInvoiceId } = await pushed('pm_card_authenticationRequired');
    const outcome = await pay(stripeInvoiceId);
    expect(outcome).toMatchObject({ kind: 'requires_action' });
    expect(outcome.kind === 'requires_action' ? outcome.hostedInvoiceUrl : null).toMatch(/^https?:\/\//);
  });

  it.skipIf(isLive)(
    'given the owner authenticates on the page, when it is paid again, then it is paid already',
    async () => {
      const { customerId, stripeInvoiceId } = await pushed('pm_card_authenticationRequired');
      await pay(stripeInvoiceId);
      const invoice = await stripe.invoices.retrieve(stripeInvoiceId, {
        expand: ['payments.data.payment.payment_intent'],
      });
      const intent = invoice.payments?.data[0]?.payment.payment_intent as Stripe.PaymentIntent;
      const page = intent.next_action?.redirect_to_url?.url ?? '';
      expect(await (await fetch(page)).text()).toContain('Complete');
      await fetch(page, { method: 'POST', body: new URLSearchParams({ answer: 'complete' }) });
      expect(await pay(stripeInvoiceId)).toEqual({ kind: 'paid' });
      expect(await allOf(stripe.charges.list({ customer: customerId }))).toHaveLength(1);
    },
  );

  it('given no payment method, when it is paid, then the answer says so', async () => {
    const { stripeInvoiceId } = await pushed(null);
    expect(await pay(stripeInvoiceId)).toEqual({ kind: 'no_payment_method' });
  });

  it('given it is paid next, when it is pushed and paid, then paying it finalizes it: paid, declined, or open for who has no card', async () => {
    const outcomes = [
      ['pm_card_visa', 'paid', 'paid'],
      ['pm_card_chargeCustomerFail', 'declined', 'open'],
      [null, 'no_payment_method', 'open'],
    ] as const;
    for (const [card, kind, status] of outcomes) {
      const customerId = await newCustomer(stripe, card);
      const draft = await pushInvoice(stripe, { ...invoiceFor(customerId), isPaidNext: true });
      expect(draft).toMatchObject({ status: 'draft', total: 8_000 });
      const { stripeInvoiceId } = draft;
      const request = { stripeInvoiceId, idempotencyKey: `pay:${stripeInvoiceId}:1`, isReady: true };
      expect(await payInvoice(stripe, request)).toMatchObject({ kind });
      const now = await stripe.invoices.retrieve(stripeInvoiceId);
      expect(now).toMatchObject({ status, total: 8_000, amount_paid: status === 'paid' ? 8_000 : 0 });
      expect(now.hosted_invoice_url).not.toBeNull();
    }
  });

  it('given a draft that nobody pushed, when it is paid, then it is not: it has to be pushed first', async () => {
    const customerId = await newCustomer(stripe);
    const draft = await stripe.invoices.create({ customer: customerId, currency: 'usd', auto_advance: false });
    await expect(pay(draft.id)).rejects.toMatchObject({ code: 'invoice_not_finalized' });
  });
});

describe('giving an invoice up', () => {
  it('given an open invoice, when it is voided twice and then paid, then it is void and nothing is charged', async () => {
    const { customerId, stripeInvoiceId } = await pushed();
    const request = { stripeInvoiceId, idempotencyKey: `void:${stripeInvoiceId}` };
    expect(await endInvoice(stripe, 'void', request)).toBe('void');
    expect(await endInvoice(stripe, 'void', { ...request, idempotencyKey: 'another' })).toBe('void');
    const error: unknown = await pay(stripeInvoiceId).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invoice_void' });
    expect(isRetryable(error)).toBe(false);
    expect(await allOf(stripe.charges.list({ customer: customerId }))).toHaveLength(0);
  });

  it('given a paid invoice, when it is voided or written off, then the answer is that it is paid', async () => {
    const { stripeInvoiceId } = await pushed();
    await pay(stripeInvoiceId);
    const request = { stripeInvoiceId, idempotencyKey: `give-up:${stripeInvoiceId}` };
    expect(await endInvoice(stripe, 'void', request)).toBe('paid');
    expect(await endInvoice(stripe, 'uncollectible', request)).toBe('paid');
  });

  it('given a draft, when it is voided, then it is deleted, and voiding it again is harmless', async () => {
    const customerId = await newCustomer(stripe, null);
    const draft = await stripe.invoices.create({ customer: customerId, currency: 'usd', auto_advance: false });
    const request = { stripeInvoiceId: draft.id, idempotencyKey: `void:${draft.id}` };
    expect(await endInvoice(stripe, 'void', request)).toBe('void');
    expect(await endInvoice(stripe, 'void', request)).toBe('void');
    expect(await allOf(stripe.invoices.list({ customer: customerId }))).toHaveLength(0);
  });

  it('given an open invoice, when it is written off twice and then paid, then nothing is charged', async () => {
    const { customerId, stripeInvoiceId } = await pushed();
    const request = { stripeInvoiceId, idempotencyKey: `write-off:${stripeInvoiceId}` };
    expect(await endInvoice(stripe, 'uncollectible', request)).toBe('uncollectible');
    expect(await endInvoice(stripe, 'uncollectible', { ...request, idempotencyKey: 'yet-another' })).toBe(
      'uncollectible',
    );
    await expect(pay(stripeInvoiceId)).rejects.toMatchObject({ code: 'invoice_uncollectible' });
    expect(await allOf(stripe.charges.list({ customer: customerId }))).toHaveLength(0);
  });
});

describe('INV-7: money of a paid invoice goes back to the card', () => {
  async function paidInvoice() {
    const customerId = await newCustomer(stripe);
    const invoice = invoiceFor(customerId);
    const { stripeInvoiceId } = await pushInvoice(stripe, invoice);
    await pay(stripeInvoiceId);
    const refund = (creditNoteId: string, amount: number, idempotencyKey = creditNoteId) =>
      refundLines(stripe, {
        ...{ stripeInvoiceId, creditNoteId, idempotencyKey: `${stripeInvoiceId}:${idempotencyKey}`, currency: 'usd' },
        ...{ number: 'ACME-CN-0001', reason: 'Down for a day' },
        lines: [{ lineId: invoice.lines[0]?.lineId ?? '', amount }],
      });
    return { customerId, stripeInvoiceId, refund };
  }
  const refundedOf = async (customerId: string) =>
    (await allOf(stripe.charges.list({ customer: customerId })))[0]?.amount_refunded;

  it('INV-7 given a paid invoice, when a part of a line is refunded twice under one id, then it is given back once', async () => {
    const { customerId, stripeInvoiceId, refund } = await paidInvoice();
    const first = await refund('c1', 1_500);
    expect(first.kind).toBe('refunded');
    expect(await refund('c1', 1_500)).toEqual(first);
    // Also when Stripe has forgotten the key: the credit note is found by our id.
    expect(await refund('c1', 1_500, 'another key')).toEqual(first);
    expect(await refundedOf(customerId)).toBe(1_500);
    expect(await allOf(stripe.creditNotes.list({ invoice: stripeInvoiceId }))).toHaveLength(1);
  });

  it('INV-7 given a refund of more than was paid, when Stripe is asked, then it refuses, as an answer and not as an error', async () => {
    const { customerId, refund } = await paidInvoice();
    // The line is 100.00, and 80.00 were paid.
    expect((await refund('c1', 8_100)).kind).toBe('refused');
    expect(await refundedOf(customerId)).toBe(0);
  });
});
