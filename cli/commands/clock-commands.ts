import type { Command } from 'commander';

import { parseInstant } from '../../billing/calendar/instant.ts';
import type { Cli } from '../context/cli.ts';
import { at } from '../output/words.ts';

/** Test clocks: they stand still until they are moved, and their accounts live on them. */
export function addClockCommands(program: Command, cli: Cli): void {
  const clock = program.command('clock').description('manage test clocks');
  clock
    .command('create <clock> <instant>')
    .description('create a clock that stands still at a time like 2027-01-31T00:00:00Z, in the past or the future')
    .action((clockId: string, instant: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const now = parseInstant(instant, 'instant');
        await client.createTestClock({ clockId, now });
        return { document: { clockId, now }, words: () => `The clock ${clockId} is at ${at(now)}.` };
      }),
    );
  clock
    .command('advance <clock> <instant>')
    .description('advance a clock; its accounts process everything scheduled until then, in order')
    .action((clockId: string, instant: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const now = parseInstant(instant, 'instant');
        await client.advanceTestClock(clockId, now);
        return { document: { clockId, now }, words: () => `The clock ${clockId} is at ${at(now)}.` };
      }),
    );
}
