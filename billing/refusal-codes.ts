/**
 * Every way this installation says no, and what the reader can do about it (AUD-1).
 * A code is a promise to scripts: it is never renamed, and a retired one is never used for something else.
 */
export const REFUSAL_CODES = {
  // The request itself.
  invalid_request: 'Correct the field that is named and send the request again.',
  idempotency_conflict: 'Use a new id for a new request; repeat an old id only with exactly the same content.',
  unknown_account: 'Check the account id, or sign the account up first.',
  unknown_catalog_version: 'Use the number of a version that was published; publishing answers with it.',
  unknown_catalog: 'Use the name of a catalog that this installation serves.',
  unknown_plan: 'Choose one of the plans of this catalog.',
  unknown_pack: 'Choose one of the packs of this plan.',
  unknown_feature: 'Use the name of a feature of this catalog.',
  unknown_meter: 'Use the name of a meter of this catalog.',
  unknown_member: 'Check the member id; a member appears with the first private run or visit of the dashboard.',
  unknown_invoice: 'Check the invoice number; the list of invoices shows those that exist.',
  invoice_not_paid: 'Wait until the invoice is paid: only what was paid can be given back.',
  credit_exceeds_paid: 'Give back at most what the line has left, and in all no more than was paid.',
  refund_failed: 'Look at the payment in the provider’s dashboard; credit to the balance instead, or pay out by hand.',
  invoice_not_open: 'Nothing needs to be paid: the list of invoices shows how it ended.',
  unknown_event: 'Check the event id; only usage that was accepted can be reversed.',
  unknown_hold: 'Check the hold id; a hold exists once it was accepted.',
  unknown_webhook_endpoint: 'Check the id; the list of webhook endpoints shows those that exist.',
  unknown_webhook_message: 'Check the message id; messages are kept for 30 days.',
  unknown_key: 'Check the key id; the list of keys shows those that exist.',
  unknown_reconciliation: 'Check the id; the list of reconciliations shows those that exist.',
  unknown_catalog_migration: 'Check the id and the catalog; the list of its migrations shows those that exist.',
  unknown_test_clock: 'Check the clock’s id, or make the clock first.',
  unknown_step: 'Use one of the steps that the scenario format knows.',
  invalid_catalog: 'Correct the catalog at the place that is named and load it again.',
  invalid_scenario: 'Correct the scenario at the place that is named and play it again.',
  precondition_failed: 'Read the account again, decide whether the request still makes sense, and send its new ETag.',

  // The account and its plan.
  account_exists: 'Use the account that is named: there is one per owner, and its data is still there.',
  account_closed: 'Sign up again, under another account id, to open a new account.',
  interval_not_offered: 'Choose an interval that the plan is sold in.',
  plan_not_self_serve: 'Contact sales: this plan is set up together with you.',
  already_subscribed: 'Change the plan of the running subscription instead.',
  not_subscribed: 'Subscribe to a plan first.',
  no_change: 'Nothing needs to be done: the account already is as requested.',
  change_pending: 'Wait until the change that is scheduled takes effect, or cancel it first.',
  catalog_not_compatible: 'Publish a version that counts and sells as the account does, and move it to that one.',
  currency_fixed: 'Keep the currency: an account has one, fixed when it first subscribed.',
  plan_has_no_seats: 'Nothing needs to be bought: this plan is not sold by the seat.',

  // Paying.
  payment_method_required: 'Add a payment method and try again.',
  card_declined: 'Use another card, or ask the bank that issued this one.',
  provider_refused: 'Tell whoever runs this installation: the payment provider does not accept the request as it is.',
  payment_failed: 'Add a working payment method; the open invoice is then paid and service continues.',

  // Using the product.
  trial_ended: 'Subscribe to a plan to continue; everything recorded so far stays readable.',
  trial_over: 'Subscribe to a plan: each owner has one trial.',
  subscription_ended: 'Subscribe again to continue; everything recorded so far stays readable.',
  spending_cap_reached: 'Raise the spending cap, or wait for the next cycle.',
  allowance_used_up: 'Move to a plan with more, or wait until the allowance renews.',
  budget_reached: 'Raise the budget, or wait until it renews.',
  event_too_old: 'Send usage within 35 days of its occurrence.',
  event_in_future: 'Check the sender’s clock: usage may be at most 5 minutes ahead.',
  cycle_closed: 'The cycle has been invoiced; corrections are made on the next invoice.',
  hold_not_open: 'Nothing can be captured or released: the hold was captured, was released or has expired.',

  // Caps.
  cap_required: 'Choose a spending cap; 0 means no overage.',
  cap_not_offered: 'Leave the cap away: this plan has nothing to cap on that meter.',

  // Members and seats.
  no_seat: 'Ask an admin to add a seat and to enable the member.',
  member_disabled: 'Ask an admin to enable the member.',
  free_plan_limit: 'Disable another member first, or move to a paid plan.',
  last_seat: 'Change to the free plan, or cancel, to stop paying altogether.',
  seats_in_use: 'Disable members first, or name the member whose seat is to be removed.',
  seat_limit_reached: 'Raise the ceiling of automatic allocation, or add a seat by hand.',
  not_enough_seats: 'Buy at least as many seats as there are enabled members.',
  last_admin: 'Make somebody else an admin first.',

  // Keys and tokens.
  key_not_live: 'Make a new key, or rotate the one that came after it.',
  member_not_admin: 'Ask for the role member, or make them an admin first.',

  // Clocks.
  date_before_clock: 'Choose an instant that is not before the clock: time only moves forward.',
  clock_not_movable: 'Only an account on a test clock can be moved through time.',
  not_a_sandbox: 'Use a sandbox installation for test clocks.',
} as const;

export type RefusalCode = keyof typeof REFUSAL_CODES;
