import { REFUSAL_CODES, type RefusalCode } from './refusal-codes.ts';

export interface RefusalReason {
  readonly code: RefusalCode;
  /** One sentence for a person: what was refused and which value was the reason. */
  readonly message: string;
  /** What to do next; the code's own advice when absent. */
  readonly solve?: string | null | undefined;
  /** The limit that was met, where the code says why it was so low: nothing is included once a trial has ended. */
  readonly limit?: RefusalCode | null | undefined;
  /** The request's field that was wrong, as a path like `steps[3].count`. */
  readonly field?: string | null | undefined;
}

/**
 * A legitimate "no" (AUD-1): something a caller asked for that the rules do not allow. It changes nothing.
 * A broken invariant is not a refusal; it is a plain Error and stops loudly.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly solve: string | null;
  readonly limit: RefusalCode | null;
  readonly field: string | null;

  constructor(reason: RefusalReason) {
    super(reason.message);
    this.code = reason.code;
    this.solve = reason.solve === undefined ? REFUSAL_CODES[reason.code] : reason.solve;
    this.limit = reason.limit ?? null;
    this.field = reason.field ?? null;
  }
}
