import type { RefusalCode } from '../../billing/refusal-codes.ts';

/** The model's "no" (AUD-1): thrown before anything is changed. */
export class Refused extends Error {
  readonly code: RefusalCode;
  /** The limit that decided, where the code names the state of the account. */
  readonly limit: RefusalCode | null;

  constructor(code: RefusalCode, limit: RefusalCode | null = null) {
    super(code);
    this.code = code;
    this.limit = limit;
  }
}

/** A "no" that leaves what happened: a payment was tried, and failed. */
export class RefusedWithTrace extends Refused {}

export function no(code: RefusalCode, limit: RefusalCode | null = null): never {
  throw new Refused(code, limit);
}
