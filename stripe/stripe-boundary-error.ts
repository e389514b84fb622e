/** What can go wrong at the boundary besides what Stripe itself answers. */
export type StripeBoundaryErrorCode =
  | 'ledger_mismatch'
  | 'invoice_void'
  | 'invoice_uncollectible'
  | 'invoice_not_finalized'
  | 'below_minimum_charge'
  | 'amount_not_representable'
  | 'too_many_lines'
  | 'payment_processing'
  | 'outcome_unknown';

/** `code` is stable; the message names the values and what to do next. Whether it may be retried: `isRetryable`. */
export class StripeBoundaryError extends Error {
  override readonly name = 'StripeBoundaryError';
  readonly code: StripeBoundaryErrorCode;

  constructor(code: StripeBoundaryErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
