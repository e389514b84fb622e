/**
 * Every way this installation says no, and what the reader can do about it (AUD-1).
 * A code is a promise to scripts: it is never renamed, and a retired one is never used for something else.
 */
export const REFUSAL_CODES = {
  // The request itself.
  invalid_request: 'Correct the named field and send the request again.',
  idempotency_conflict: 'Use a new id for a new request; repeat an old id only with exactly the same content.',
  unknown_account: 'Check the account id, or sign up the account first.',
  unknown_catalog_version: 'Use the number of a published version; publishing a catalog returns it.',
  unknown_catalog: 'Use the name of a catalog of this installation.',
  unknown_plan: 'Choose one of the plans of this catalog.',
  unknown_pack: 'Choose one of the packs of this plan.',
  unknown_feature: 'Use the name of a feature of this catalog.',
  unknown_meter: 'Use the name of a meter of this catalog.',
  unknown_member: 'Check the member id; a person becomes a member with their first private run or dashboard visit.',
  unknown_invoice: 'Check the invoice number against the list of invoices.',
  invoice_not_paid: 'Wait until the invoice is paid; only paid amounts can be credited.',
  credit_exceeds_paid: 'Credit at most what remains of the line, and no more than was paid in total.',
  refund_failed:
    'Check the payment in the provider’s dashboard; credit the balance instead, or pay the amount out manually.',
  invoice_not_open: 'No payment is needed; the invoice’s status shows how it was settled.',
  unknown_event: 'Check the event id; only accepted usage can be reversed.',
  unknown_hold: 'Check the hold id; only an accepted hold exists.',
  unknown_webhook_endpoint: 'Check the id against the list of webhook endpoints.',
  unknown_webhook_message: 'Check the message id; messages are kept for 30 days.',
  unknown_key: 'Check the key id against the list of keys.',
  unknown_reconciliation: 'Check the id against the list of reconciliations.',
  unknown_catalog_migration: 'Check the id and the catalog against the list of its migrations.',
  unknown_test_clock: 'Check the id of the clock, or create the clock first.',
  unknown_step: 'Use one of the steps of the scenario format.',
  invalid_catalog: 'Correct the catalog at the named place and load it again.',
  invalid_scenario: 'Correct the scenario at the named place and play it again.',
  precondition_failed: 'Fetch the account again, check that the request still applies, and send it with the new ETag.',

  // The account and its plan.
  account_exists: 'Use the existing account: each owner has one, and its data is still there.',
  account_closed: 'Sign up again under another account id.',
  interval_not_offered: 'Choose a billing interval that the plan offers.',
  plan_not_self_serve: 'Contact sales to set up this plan.',
  already_subscribed: 'Change the plan of the existing subscription instead.',
  not_subscribed: 'Subscribe to a plan first.',
  no_change: 'No action is needed; the account is already as requested.',
  change_pending: 'Wait until the pending change takes effect, or cancel it first.',
  catalog_not_compatible:
    'Publish a version with the same meters and kinds of plan as the account’s, and migrate to that one.',
  currency_fixed: 'Keep the account’s currency; it is fixed with the first subscription.',
  plan_has_no_seats: 'No seats are needed; this plan is not sold by the seat.',

  // Paying.
  payment_method_required: 'Add a payment method and try again.',
  card_declined: 'Use another card, or contact the bank that issued this one.',
  provider_refused: 'Contact the operator of this installation; the payment provider rejects the request.',
  payment_failed: 'Add a working payment method; the open invoice is then paid and service continues.',

  // Using the product.
  trial_ended: 'Subscribe to a plan to continue. Existing data stays readable.',
  trial_over: 'Subscribe to a plan; each owner gets one trial.',
  subscription_ended: 'Subscribe again to continue. Existing data stays readable.',
  spending_cap_reached: 'Raise the spending cap, or wait for the next cycle.',
  allowance_used_up: 'Upgrade to a plan that includes more, or wait until the allowance renews.',
  budget_reached: 'Raise the budget, or wait until it renews.',
  event_too_old: 'Send usage within 35 days of when it occurred.',
  event_in_future: 'Check the sender’s clock; usage may be dated at most 5 minutes ahead.',
  cycle_closed: 'The cycle has been invoiced; make corrections on the next invoice.',
  hold_not_open: 'No action is possible; the hold was captured, was released, or has expired.',

  // Caps.
  cap_required: 'Choose a spending cap; 0 means no overage.',
  cap_not_offered: 'Omit the cap; this plan has no overage of that meter to cap.',

  // Members and seats.
  no_seat: 'Ask an admin to add a seat and enable the member.',
  member_disabled: 'Ask an admin to enable the member.',
  free_plan_limit: 'Ask an admin to upgrade to a paid plan or disable a member.',
  last_seat: 'To stop paying, cancel the subscription or change to the free plan.',
  seats_in_use: 'Disable members first, or name the member whose seat to remove.',
  seat_limit_reached: 'Raise the limit of automatic allocation, or add a seat manually.',
  not_enough_seats: 'Buy at least as many seats as there are enabled members.',
  last_admin: 'Make another member an admin first.',

  // Keys and tokens.
  key_not_live: 'Create a new key, or rotate the successor of this one.',
  member_not_admin: 'Request the role member, or make this person an admin first.',

  // Clocks.
  date_before_clock: 'Choose a time that is not before the clock; time only moves forward.',
  clock_not_movable: 'Use an account on a test clock; other accounts follow real time.',
  not_a_sandbox: 'Use a sandbox installation for test clocks.',
} as const;

export type RefusalCode = keyof typeof REFUSAL_CODES;
