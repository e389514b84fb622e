import Stripe from 'stripe';
import { StripeBoundaryError, type StripeBoundaryErrorCode } from './stripe-boundary-error.ts';

/**
 * What may be sent again under the same key, by the SDK's class of error
 * (https://docs.stripe.com/error-handling). "No" means that the same request will get the same answer.
 */
const RETRYABLE_BY_TYPE: Readonly<Record<string, boolean>> = {
  StripeConnectionError: true, // Nothing heard: the outcome is unknown, the key makes the repeat safe.
  StripeAPIError: true, // 5xx at Stripe, and 409: another request under this key is still being executed.
  StripeRateLimitError: true, // 429: too many requests, or a lock on the object (`lock_timeout`).
  StripeAuthenticationError: true, // 401: the key is wrong or rotated. The request is right; an operator mends the key.
  StripePermissionError: true, // 403: as above, for what the key may do.
  StripeCardError: false, // 402: the bank's answer, not a fault. Dunning decides what follows.
  StripeInvalidRequestError: false, // 400 and 404: our bug, or an object that is in another state than we think.
  StripeIdempotencyError: false, // 400: one key, two different requests. Our bug.
  StripeSignatureVerificationError: false, // A webhook that Stripe did not sign with our secret.
};

const RETRYABLE_BY_CODE: Readonly<Record<StripeBoundaryErrorCode, boolean>> = {
  ledger_mismatch: false, // Stripe has another sum than the ledger: a person must look.
  invoice_void: false, // It will stay void.
  invoice_uncollectible: false, // Written off; charging it would contradict our books.
  invoice_not_finalized: false, // It was never pushed to the end; push it first.
  below_minimum_charge: false, // Stripe would mark it paid and move it to the customer's balance (MON-6).
  amount_not_representable: false, // Not a multiple of the unit in which Stripe takes this currency.
  too_many_lines: false, // More lines than an invoice may have.
  payment_processing: true, // The bank has not answered yet; ask again.
  outcome_unknown: true, // Stripe answered 500 under every key; the next run looks again.
};

/** Whether an error came from the boundary to Stripe, so that it is Stripe, or what we asked of it, that is in trouble. */
export function isStripeTrouble(error: unknown): error is Error {
  return error instanceof StripeBoundaryError || error instanceof Stripe.errors.StripeError;
}

/** Whether repeating the same act, under the same key, can lead to another answer. Errors that are not Stripe's: yes. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof StripeBoundaryError) return RETRYABLE_BY_CODE[error.code];
  if (error instanceof Stripe.errors.StripeError) return RETRYABLE_BY_TYPE[error.type] ?? true;
  return true;
}
