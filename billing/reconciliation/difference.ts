/** What can differ, and what that means for whoever reads it. A kind is a promise to scripts: it is never renamed. */
export const DIFFERENCE_KINDS = {
  // Use: the ledger, the balances, the days.
  balance_differs_from_ledger: 'A balance is not the sum of the cycle’s events.',
  days_differ_from_ledger: 'The use by day is not the sum of the cycle’s events.',
  use_does_not_add_up: 'Included, overage and trial use are not all the use there is.',
  balance_missing: 'Events were taken down for a cycle that has no balance.',
  events_lost: 'An id is known, and its event is not in the ledger.',
  events_doubled: 'An event stands in the ledger twice.',
  // Invoices.
  overage_amount_differs: 'What was billed for a cycle’s overage is not what it costs.',
  overage_quantity_differs: 'A line of overage has another quantity than the cycle.',
  overage_not_billed: 'The subscription has ended, and some of its overage is on no invoice.',
  total_is_not_its_lines: 'A total is not the sum of its lines.',
  number_missing: 'A number in the sequence is on nothing.',
  number_unexpected: 'Something has a number that was never given.',
  credited_beyond_paid: 'More was given back of an invoice than was paid.',
  credit_line_differs: 'A credit to the balance is not what the credit note says.',
  // The payment provider.
  invoice_missing_at_stripe: 'Stripe does not have an invoice that it should.',
  invoice_refused_by_stripe: 'Stripe does not take an invoice as it is, so it is not collected.',
  invoice_twice_at_stripe: 'Stripe has one invoice twice.',
  unknown_invoice_at_stripe: 'Stripe has an invoice of ours that the books do not have.',
  total_differs_at_stripe: 'Stripe has another total.',
  status_differs_at_stripe: 'Stripe has another status.',
  paid_twice: 'More was taken from the customer than the invoice says.',
  unknown_payment_at_stripe: 'The customer paid something that belongs to no invoice.',
  refunds_differ_at_stripe: 'Stripe gave back another amount than the credit notes say.',
  refund_missing_at_stripe: 'Stripe does not have a credit note that was refunded here.',
  unknown_refund_at_stripe: 'Stripe has a credit note of ours that the books do not have.',
  // The comparison itself.
  not_compared: 'The account could not be compared.',
} as const;

export type DifferenceKind = keyof typeof DIFFERENCE_KINDS;
type Figure = number | string | null;

/** One thing in which two places that should agree do not. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** The invoice, the credit note, the meter and cycle. */
  readonly about: string;
  readonly sentence: string;
  readonly expected: Figure;
  readonly found: Figure;
}

/** A difference where two figures differ, else none. */
export function whereDifferent(
  kind: DifferenceKind,
  about: string,
  { what, expected, found }: { readonly what: string; readonly expected: Figure; readonly found: Figure },
): readonly Difference[] {
  if (expected === found) return [];
  const sentence = `${about}: ${what}; expected ${shown(expected)}, found ${shown(found)}.`;
  return [{ kind, about, sentence, expected, found }];
}

function shown(figure: Figure): string {
  return figure === null ? 'nothing' : String(figure);
}

export function isSameDifference(a: Difference, b: Difference): boolean {
  return a.kind === b.kind && a.about === b.about && a.expected === b.expected && a.found === b.found;
}

export function notCompared(accountId: string, why: string): readonly Difference[] {
  const figures = { what: why, expected: 'compared', found: 'not compared' };
  return whereDifferent('not_compared', `account ${accountId}`, figures);
}
