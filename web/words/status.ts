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
  enabled: 'Enabled',
  disabled: 'Disabled',
};

export function statusWord(status: string): string {
  return WORDS[status] ?? status;
}
