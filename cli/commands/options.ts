import type { Command } from 'commander';

/** Options of every command that changes an account. */
export function changing(command: Command): Command {
  return command
    .option(
      '--command-id <id>',
      'your own id for this command; the same id again does nothing twice and gets the first answer',
    )
    .option('--actor <name>', 'who asks, for the audit log (cli when left out)');
}

/** Options of every command that may cost something. */
export function costing(command: Command): Command {
  return changing(command).option(
    '--preview',
    'only tell what it would cost, now and on the next invoice; changes nothing',
  );
}

/** The given fields without those that were left out. */
export function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
