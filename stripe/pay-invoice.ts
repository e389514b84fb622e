import Stripe from 'stripe';
import { declineCodeOf } from './decline-code.ts';
import { sendOnce } from './send-once.ts';
import { StripeBoundaryError } from './stripe-boundary-error.ts';

export type PaymentOutcome =
  | { readonly kind: 'paid' }
  | { readonly kind: 'declined'; readonly declineCode: string; readonly message: string }
  /** The customer must authenticate, at the hosted page; until then nothing is charged. */
  | { readonly kind: 'requires_action'; readonly hostedInvoiceUrl: string | null }
  | { readonly kind: 'no_payment_method' };

/** Codes by which Stripe says that the card's owner has to authenticate: in an invoice, and outside one. */
const AUTHENTICATION_CODES: readonly string[] = ['invoice_payment_intent_requires_action', 'authentication_required'];

/**
 * Tries once to collect a pushed invoice with the customer's payment method. The key names the attempt: under the same key
 * the same answer comes back, and a later attempt needs a key of its own. An invoice that is paid already answers `paid`;
 * an unknown outcome is looked up before anything is sent again (INV-4). Void or uncollectible: an error with that code.
 */
export async function payInvoice(
  stripe: Stripe,
  request: {
    readonly stripeInvoiceId: string;
    readonly idempotencyKey: string;
    /** Stripe has just said that it is open, or a draft to be paid, and there is a card: nothing is to be learned by asking before. Default false. */
    readonly isReady?: boolean;
  },
): Promise<PaymentOutcome> {
  const { stripeInvoiceId, idempotencyKey, isReady = false } = request;
  if (!isReady) {
    const before = await stripe.invoices.retrieve(stripeInvoiceId, { expand: ['customer'] });
    if (settled(before) !== null) return { kind: 'paid' };
    if (!hasPaymentMethod(before)) return { kind: 'no_payment_method' };
  }
  try {
    const after = await sendOnce<Stripe.Invoice>({
      idempotencyKey,
      send: (options) => stripe.invoices.pay(stripeInvoiceId, { off_session: true }, options),
      lookUp: async () => {
        const now = await stripe.invoices.retrieve(stripeInvoiceId);
        return now.status === 'draft' ? null : settled(now);
      },
    });
    if (settled(after) !== null) return { kind: 'paid' };
  } catch (error) {
    return await outcomeOf(stripe, request, error);
  }
  throw new StripeBoundaryError('payment_processing', `The payment of ${stripeInvoiceId} is still being processed.`);
}

/** The invoice if it is paid, null if it waits for money. */
function settled(invoice: Stripe.Invoice): Stripe.Invoice | null {
  switch (invoice.status) {
    case 'paid':
      return invoice;
    case 'open':
      return null;
    case 'void':
      throw new StripeBoundaryError('invoice_void', `The Stripe invoice ${invoice.id} is void; issue another one.`);
    case 'uncollectible':
      throw new StripeBoundaryError('invoice_uncollectible', `The Stripe invoice ${invoice.id} was written off.`);
    default:
      throw new StripeBoundaryError(
        'invoice_not_finalized',
        `The Stripe invoice ${invoice.id} is a draft; push it first.`,
      );
  }
}

/** `invoice.customer` must be expanded. */
function hasPaymentMethod(invoice: Stripe.Invoice): boolean {
  if (invoice.default_payment_method !== null || invoice.default_source !== null) return true;
  const { customer } = invoice;
  if (customer === null || typeof customer === 'string' || customer.deleted === true) return false;
  return customer.invoice_settings.default_payment_method !== null || customer.default_source !== null;
}

/** What an error of `pay` means; one that leaves the outcome open is thrown as it is, to be retried. */
async function outcomeOf(
  stripe: Stripe,
  { stripeInvoiceId, idempotencyKey }: Parameters<typeof payInvoice>[1],
  error: unknown,
): Promise<PaymentOutcome> {
  if (error instanceof Stripe.errors.StripeCardError || error instanceof Stripe.errors.StripeInvalidRequestError) {
    // Somebody may have paid meanwhile, on the hosted page for example: what the invoice says now comes first.
    const now = await finalized(stripe, stripeInvoiceId, idempotencyKey);
    if (settled(now) !== null) return { kind: 'paid' };
    const codes = [error.code, error.decline_code];
    if (codes.some((code) => code !== undefined && AUTHENTICATION_CODES.includes(code))) {
      return { kind: 'requires_action', hostedInvoiceUrl: now.hosted_invoice_url ?? null };
    }
    if (error instanceof Stripe.errors.StripeCardError) {
      return { kind: 'declined', declineCode: declineCodeOf(error), message: error.message };
    }
    if (!hasPaymentMethod(now)) return { kind: 'no_payment_method' };
  }
  throw error;
}

/** As it is now; one that is still a draft, because Stripe saw that nothing can be charged before it finalized it, is finalized: the customer may pay it at its page. */
async function finalized(stripe: Stripe, stripeInvoiceId: string, idempotencyKey: string): Promise<Stripe.Invoice> {
  const expand = ['customer'];
  const now = await stripe.invoices.retrieve(stripeInvoiceId, { expand });
  if (now.status !== 'draft') return now;
  const options = { idempotencyKey: `${idempotencyKey}:finalize` };
  return await stripe.invoices.finalizeInvoice(stripeInvoiceId, { auto_advance: false, expand }, options);
}
