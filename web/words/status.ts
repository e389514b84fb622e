/** Phases of accounts, statuses of invoices, states of members, in words. */
const WORDS: Readonly<Record<string, string>> = {
  trialing: 'Trial',
  free: 'Free',
  active: 'Active',
  past_due: 'Past due',
  blocked: 'Blocked',
  canceled: 'Canceled',
  draft: 'Draft',
  open: 'Open',
  paid: 'Paid',
  void: 'Void',
  uncollectible: 'Uncollectible',
  carried: 'Carried over',
  pending: 'Pending',
  refunded: 'Refunded',
  credited: 'Credited',
  failed: 'Failed',
  running: 'Running',
  done: 'Done',
  enabled: 'Enabled',
  disabled: 'Disabled',
  no_seat: 'No seat',
  member_disabled: 'Disabled by an admin',
  seat_removed: 'Seat removed',
  invited: 'Invited',
  leaving: 'Enabled, seat ends',
  on: 'On',
  off: 'Off',
};

export function statusWord(status: string): string {
  return WORDS[status] ?? status;
}
