import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { parseInstant } from '../../billing/calendar/instant.ts';
import { attachPaymentMethod } from '../../stripe/attach-payment-method.ts';
import { ensureCustomer } from '../../stripe/ensure-customer.ts';
import type { InvoiceLineToPush, InvoiceToPush } from '../../stripe/push-invoice.ts';
import { createStripeClient } from '../../stripe/stripe-client.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';

/**
 * `npm run test:stripe-live` runs the boundary's tests against Stripe itself, with the test key in STRIPE_API_KEY. A flag
 * of its own, so that a key that happens to be in the environment does not send an ordinary test run there.
 */
export const isLive = process.env['PERENNIAL_STRIPE_LIVE'] === '1';

export interface StripeUnderTest {
  readonly stripe: Stripe;
  /** Null when it is Stripe itself. */
  readonly sandbox: SandboxProcess | null;
  readonly stop: () => Promise<void>;
}

export async function connectStripe(): Promise<StripeUnderTest> {
  if (!isLive) {
    const sandbox = await startSandbox();
    return { stripe: sandbox.client(), sandbox, stop: sandbox.stop };
  }
  const apiKey = process.env['STRIPE_API_KEY'] ?? '';
  if (!apiKey.startsWith('sk_test_')) {
    throw new Error('Set STRIPE_API_KEY to a test key of your own (sk_test_…); these tests create objects there.');
  }
  return { stripe: createStripeClient({ apiKey, apiBase: null }), sandbox: null, stop: () => Promise.resolve() };
}

/** A customer with a name of its own and, unless it is null, that card as its default. */
export async function newCustomer(stripe: Stripe, card: string | null = 'pm_card_visa'): Promise<string> {
  const accountId = `test-${randomUUID()}`;
  const { customerId } = await ensureCustomer(stripe, { accountId, idempotencyKey: `customer:${accountId}` });
  if (card !== null) {
    await attachPaymentMethod(stripe, { customerId, paymentMethodId: card, idempotencyKey: `card:${accountId}` });
  }
  return customerId;
}

/** An invoice to push: a base of 100.00 and a credit of 20.00, unless other amounts (in cents) are given. */
export function invoiceFor(customerId: string, amounts: readonly number[] = [10_000, -2_000]): InvoiceToPush {
  const invoiceId = randomUUID();
  const lines = amounts.map((amount, index): InvoiceLineToPush => ({
    lineId: `${invoiceId}:${String(index)}`,
    amount,
    description: `Line ${String(index)}`,
    periodStart: parseInstant('2027-01-31T09:30:00Z'),
    periodEnd: parseInstant('2027-02-28T09:30:00Z'),
  }));
  return {
    invoiceId,
    number: 'ACME-0007',
    accountId: 'acme',
    customerId,
    ...{ isThere: false, issuedAfter: null, issuedAt: null, isPaidNext: false },
    currency: 'usd',
    description: 'Base plan',
    lines,
    totalMinor: amounts.reduce((sum, amount) => sum + amount, 0),
    daysUntilDue: null,
    idempotencyKeyPrefix: `invoice:${invoiceId}`,
  };
}

export async function allOf<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}
