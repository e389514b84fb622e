import { type AccountState, tell } from './account-state.ts';
import type { Second } from './calendar.ts';
import { voided } from './giving-up.ts';
import { makeInvoice, type NewInvoice } from './invoices.ts';
import { canPay, paid } from './payments.ts';
import { RefusedWithTrace } from './refused.ts';

export interface Purchase extends Omit<NewInvoice, 'at' | 'draftUntil'> {
  /** What is told when it is not paid for. */
  readonly failure: 'seat_payment_failed' | 'pack_payment_failed' | 'plan_payment_failed';
}

/**
 * What is bought within a paid cycle comes with its payment (SBI-11, CRE-16, SBI-9): where the card declines, the invoice is
 * void, what waited waits again, and nothing else was done.
 */
export function assertPaid(state: AccountState, at: Second, { failure, ...made }: Purchase, granted: () => void): void {
  if (made.lines.length === 0) {
    granted();
    return;
  }
  const invoice = makeInvoice(state, { ...made, at });
  // Settled without the provider (MON-6), or agreed to be paid later (CRE-18).
  if (invoice.status !== 'open' || invoice.dueAt !== null) {
    granted();
    return;
  }
  if (canPay(state)) {
    granted();
    paid(state, invoice, at);
    return;
  }
  voided(invoice);
  tell(state, at, failure);
  throw new RefusedWithTrace('payment_failed');
}
