/** An account's move to another version of its catalog. */
export const words = {
  button: 'Move to another version',
  title: 'Move to another catalog version',
  what: (catalog: string, version: number) =>
    `This account is on version ${String(version)} of ${catalog}. Paid terms stay in place: the move happens at the end of the cycle, or now if nothing is paid for. It’s refused if the other version doesn’t sell what the account has.`,
  version: 'Version',
  versionHint: 'Leave empty for the newest version.',
  submit: 'Move account',
} as const;
