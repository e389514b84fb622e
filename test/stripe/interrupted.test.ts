import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { attachPaymentMethod } from '../../stripe/attach-payment-method.ts';
import { ensureCustomer } from '../../stripe/ensure-customer.ts';
import { endInvoice } from '../../stripe/end-invoice.ts';
import { payInvoice } from '../../stripe/pay-invoice.ts';
import { type InvoiceToPush, pushInvoice } from '../../stripe/push-invoice.ts';
import { isRetryable } from '../../stripe/retryable.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';
import { allOf, invoiceFor, newCustomer } from './stripe-under-test.ts';

// On a busy machine a start of the sandbox, or a retry of the SDK, takes its time.
vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

let sandbox: SandboxProcess;
/** Gives up as soon as the SDK lets it, so that the caller meets the fault. */
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client({ maxNetworkRetries: 0, timeoutMs: 400 });
});

afterAll(async () => {
  await sandbox.stop();
});

/**
 * How an act can be interrupted at a request. The SDK repeats a request whose connection was cut once, even when it is told
 * not to repeat anything, so two strikes are needed for the caller to lose the answer.
 */
const INTERRUPTIONS = [
  { name: 'the connection is cut before Stripe sees it', fault: { kind: 'reset_before', times: 2 } },
  { name: 'the answer is lost after Stripe did it', fault: { kind: 'reset_after', times: 2 } },
  { name: 'Stripe did it and never answers', fault: { kind: 'hang_after', times: 1 } },
  { name: 'Stripe fails and did nothing', fault: { kind: 'server_error_before', times: 1 } },
  { name: 'Stripe did it and answers 500', fault: { kind: 'server_error_after', times: 1 } },
  { name: 'there are too many requests', fault: { kind: 'rate_limit', times: 1 } },
  { name: 'another request holds the key', fault: { kind: 'conflict', times: 1 } },
] as const;

/** As Temporal would: again and again, under the same keys, while the error may be retried. */
async function untilDone<T>(act: () => Promise<T>): Promise<{ result: T; interruptions: number }> {
  for (let interruptions = 0; interruptions < 5; interruptions += 1) {
    try {
      return { result: await act(), interruptions };
    } catch (error) {
      if (!isRetryable(error)) throw error;
    }
  }
  throw new Error('It was interrupted five times.');
}

async function expectPushedOnce(invoice: InvoiceToPush): Promise<void> {
  const [only, ...more] = await allOf(stripe.invoices.list({ customer: invoice.customerId }));
  expect(more).toEqual([]);
  expect(only).toMatchObject({ status: 'open', total: invoice.totalMinor });
  const lines = await allOf(stripe.invoices.listLineItems(only?.id ?? '', { limit: 100 }));
  expect(lines.map((line) => line.metadata['perennial_line'])).toEqual(invoice.lines.map((line) => line.lineId));
}

const STEPS = [
  { step: 'create', path: '/v1/invoices$' },
  { step: 'add_lines', path: '/add_lines$' },
  { step: 'finalize', path: '/finalize$' },
];
// The keys of an act begin with the act's own name, by which its faults find it: so the cases can run side by side.

describe.concurrent('INV-4 pushing an invoice, interrupted', () => {
  for (const { step, path } of STEPS) {
    for (const { name, fault } of INTERRUPTIONS) {
      for (const isRecent of [false, true]) {
        const found = isRecent ? 'by its key' : 'in the list';
        it(`INV-4 given ${name} at ${step}, when it is pushed again and found ${found}, then it is there once`, async () => {
          const issuedAt = isRecent ? instantFromEpochMs(Date.now() - 1_000) : null;
          const invoice = { ...invoiceFor(await newCustomer(stripe, null)), issuedAt };
          await sandbox.fault({ ...fault, path, key: invoice.invoiceId });
          const { interruptions } = await untilDone(() => pushInvoice(stripe, invoice));
          expect(interruptions).toBeGreaterThan(0);
          await expectPushedOnce(invoice);
        });
      }
    }
  }
});

describe('INV-4 after more than a day', () => {
  it('INV-4 given it crashed after each step and Stripe forgot every key, then it is still there once', async () => {
    const invoice = invoiceFor(
      await newCustomer(stripe, null),
      Array.from({ length: 120 }, () => 100),
    );
    for (const { path } of [...STEPS, { path: '/add_lines$' }]) {
      await sandbox.fault({ kind: 'reset_after', times: 2, method: 'POST', path });
    }
    let interruptions = 0;
    for (;;) {
      try {
        await pushInvoice(stripe, invoice);
        break;
      } catch (error) {
        expect(isRetryable(error)).toBe(true);
        interruptions += 1;
        await sandbox.control('POST', '/forget-idempotency-keys');
      }
    }
    expect(interruptions).toBe(4); // create, two times add_lines, finalize
    await expectPushedOnce(invoice);
  });

  it('given Stripe fails under every key, when it is retried, then the error says that the outcome is unknown', async () => {
    const invoice = invoiceFor(await newCustomer(stripe, null));
    await sandbox.fault({ kind: 'server_error_before', times: 3, method: 'POST', path: '/v1/invoices$' });
    const errors: unknown[] = [];
    for (let run = 0; run < 4; run += 1) {
      await pushInvoice(stripe, invoice).catch((error: unknown) => errors.push(error));
    }
    expect(errors.at(-1)).toMatchObject({ code: 'outcome_unknown' });
    expect(errors.every(isRetryable)).toBe(true);
    await sandbox.control('POST', '/forget-idempotency-keys'); // A day later.
    await pushInvoice(stripe, invoice);
    await expectPushedOnce(invoice);
  });
});

describe.concurrent('INV-4 paying an invoice, interrupted', () => {
  for (const { name, fault } of INTERRUPTIONS) {
    for (const [asked, isReady, isPaidNext] of [
      ['after a look', false, false],
      ['without a look before', true, false],
      ['as a draft', true, true],
    ] as const) {
      it(`INV-4 given ${name}, when it is paid again ${asked}, then it is charged once`, async () => {
        const customerId = await newCustomer(stripe);
        const { stripeInvoiceId } = await pushInvoice(stripe, { ...invoiceFor(customerId), isPaidNext });
        await sandbox.fault({ ...fault, key: `pay:${stripeInvoiceId}` });
        const attempt = { stripeInvoiceId, idempotencyKey: `pay:${stripeInvoiceId}:1`, isReady };
        const { result, interruptions } = await untilDone(() => payInvoice(stripe, attempt));
        expect(result).toEqual({ kind: 'paid' });
        expect(interruptions).toBeGreaterThan(0);
        expect(await allOf(stripe.charges.list({ customer: customerId }))).toHaveLength(1);
      });
    }
  }

  it('INV-4 given it was paid meanwhile, or its card is gone, when it is paid without a look before, then that is the answer', async () => {
    const customerId = await newCustomer(stripe);
    const { stripeInvoiceId } = await pushInvoice(stripe, invoiceFor(customerId));
    const attempt = (count: number): Parameters<typeof payInvoice>[1] => {
      return { stripeInvoiceId, idempotencyKey: `pay:${stripeInvoiceId}:${String(count)}`, isReady: true };
    };
    expect(await payInvoice(stripe, attempt(1))).toEqual({ kind: 'paid' });
    // As after a day, when the first key is forgotten.
    expect(await payInvoice(stripe, attempt(2))).toEqual({ kind: 'paid' });
    expect(await allOf(stripe.charges.list({ customer: customerId }))).toHaveLength(1);
    const cardless = await pushInvoice(stripe, invoiceFor(await newCustomer(stripe, null)));
    const request = { ...attempt(3), stripeInvoiceId: cardless.stripeInvoiceId };
    expect(await payInvoice(stripe, request)).toEqual({ kind: 'no_payment_method' });
  });

  it('INV-4 given the answer to a decline is lost, when it is paid again, then the decline comes back, not a second try', async () => {
    const customerId = await newCustomer(stripe, 'pm_card_chargeCustomerFail');
    const { stripeInvoiceId } = await pushInvoice(stripe, invoiceFor(customerId));
    await sandbox.fault({ kind: 'reset_after', times: 2, key: `pay:${stripeInvoiceId}` });
    const attempt = { stripeInvoiceId, idempotencyKey: `pay:${stripeInvoiceId}:1` };
    const { result } = await untilDone(() => payInvoice(stripe, attempt));
    expect(result).toMatchObject({ kind: 'declined' });
    expect(await allOf(stripe.charges.list({ customer: customerId }))).toHaveLength(1);
  });
});

describe.concurrent('INV-4 customers, cards and giving up, interrupted', () => {
  for (const { name, fault } of INTERRUPTIONS) {
    it(`INV-4 given ${name}, when the customer is asked for again, then there is one`, async () => {
      const accountId = `test-${randomUUID()}`;
      await sandbox.fault({ ...fault, key: accountId });
      const request = { accountId, idempotencyKey: `customer:${accountId}` };
      const { result } = await untilDone(() => ensureCustomer(stripe, request));
      const all = await allOf(stripe.customers.list({ limit: 100 }));
      const ours = all.filter((customer) => customer.metadata['perennial_account'] === accountId);
      expect(ours.map(({ id }) => id)).toEqual([result.customerId]);
    });
  }

  it('given Stripe fails at both requests of attaching a card, when it is attached again, then it is the default', async () => {
    const customerId = await newCustomer(stripe, null);
    await sandbox.fault({ kind: 'server_error_before', key: `card:${customerId}$` });
    await sandbox.fault({ kind: 'server_error_after', key: `card:${customerId}:default` });
    const request = { customerId, paymentMethodId: 'pm_card_visa', idempotencyKey: `card:${customerId}` };
    const { result } = await untilDone(() => attachPaymentMethod(stripe, request));
    const customer = await stripe.customers.retrieve(customerId);
    expect(customer.deleted === true ? null : customer.invoice_settings.default_payment_method).toBe(
      result.kind === 'attached' ? result.paymentMethodId : null,
    );
  });

  it('given Stripe voided or wrote off and answered 500, when it is asked again, then it is done', async () => {
    const customerId = await newCustomer(stripe);
    for (const [end, isPaidNext] of [
      ['void', false],
      ['uncollectible', false],
      ['uncollectible', true],
      ['paid', true],
    ] as const) {
      const { stripeInvoiceId } = await pushInvoice(stripe, { ...invoiceFor(customerId), isPaidNext });
      await sandbox.fault({ kind: 'server_error_after', key: `give-up:${stripeInvoiceId}` });
      const request = { stripeInvoiceId, idempotencyKey: `give-up:${stripeInvoiceId}` };
      const { result } = await untilDone(() => endInvoice(stripe, end, request));
      expect(result).toBe(end);
    }
  });
});
