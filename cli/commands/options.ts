import type { Command } from 'commander';

/** Options of every command that changes an account. */
export function changing(command: Command): Command {
  return command
    .option(
      '--command-id <id>',
      'your id for this command; repeating it has no further effect and returns the first answer',
    )
    .option('--actor <name>', 'the person to record in the audit log (default: cli)');
}

/** Options of every command that may cost something. */
export function costing(command: Command): Command {
  return changing(command).option('--preview', 'only show the cost, now and on the next invoice; changes nothing');
}

/** The given fields without those that were left out. */
export function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
