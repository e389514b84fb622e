/** An account's move to another version of its catalog. */
export const words = {
  button: 'Move to another version',
  title: 'Move to another version of the catalog',
  what: (catalog: string, version: number) =>
    `It is on version ${String(version)} of ${catalog}. What is paid keeps its terms: the move takes place at the end of the cycle, or now where nothing is paid for. It is refused where the other version does not sell what the account has.`,
  version: 'Version',
  versionHint: 'Empty: the newest.',
  submit: 'Move it',
} as const;
