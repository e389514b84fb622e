import Stripe from 'stripe';
import { declineCodeOf } from './decline-code.ts';
import { sendOnce } from './send-once.ts';

export type Attachment =
  | { readonly kind: 'attached'; readonly paymentMethodId: string; readonly brand: string; readonly last4: string }
  | { readonly kind: 'declined'; readonly declineCode: string; readonly message: string };

/**
 * Attaches a payment method to the customer and makes it the one that invoices are paid with. A bank that refuses the
 * card is an answer. `paymentMethodId` in the answer is what was attached: for a test id like `pm_card_visa`, a copy.
 */
export async function attachPaymentMethod(
  stripe: Stripe,
  request: { readonly customerId: string; readonly paymentMethodId: string; readonly idempotencyKey: string },
): Promise<Attachment> {
  const { customerId, paymentMethodId, idempotencyKey } = request;
  let method: Stripe.PaymentMethod;
  try {
    method = await sendOnce({
      idempotencyKey,
      send: (options) => stripe.paymentMethods.attach(paymentMethodId, { customer: customerId }, options),
      lookUp: () => findAttached(stripe, customerId, paymentMethodId),
    });
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError) {
      return { kind: 'declined', declineCode: declineCodeOf(error), message: error.message };
    }
    // "Already attached to a customer": fine if the customer is ours, as when the key was forgotten.
    const attached = isInvalidRequest(error) ? await findAttached(stripe, customerId, paymentMethodId) : null;
    if (attached === null) throw error;
    method = attached;
  }
  await sendOnce({
    idempotencyKey: `${idempotencyKey}:default`,
    send: (options) =>
      stripe.customers.update(customerId, { invoice_settings: { default_payment_method: method.id } }, options),
    lookUp: () => Promise.resolve(null), // Setting a default twice is the same as once.
  });
  return {
    kind: 'attached',
    paymentMethodId: method.id,
    brand: method.card?.brand ?? method.type,
    last4: method.card?.last4 ?? '',
  };
}

async function findAttached(stripe: Stripe, customerId: string, id: string): Promise<Stripe.PaymentMethod | null> {
  try {
    const method = await stripe.paymentMethods.retrieve(id);
    const owner = typeof method.customer === 'string' ? method.customer : (method.customer?.id ?? null);
    return owner === customerId ? method : null;
  } catch (error) {
    if (isInvalidRequest(error)) return null; // Not known under this id.
    throw error;
  }
}

function isInvalidRequest(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError;
}
