import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { attachPaymentMethod } from '../../stripe/attach-payment-method.ts';
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

const pay = (stripeInvoiceId: string, attempt = 1) =>
  payInvoice(stripe, { stripeInvoiceId, idempotencyKey: `pay:${stripeInvoiceId}:${String(attempt)}` });

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
