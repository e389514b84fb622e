import type { Command } from 'commander';
import { v7 as uuid } from 'uuid';

import type { UsageAnswer } from '../../billing/usage/decide-events.ts';
import { parseInstant } from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { Cli } from '../context/cli.ts';
import { optionalNumeral } from '../output/numeral.ts';
import { metered } from '../output/words.ts';

/** What the product asks and tells: may this happen, and this was used. */
export function addUseCommands(program: Command, cli: Cli): void {
  addUse(program, cli);
  addRun(program, cli);
}

function addUse(program: Command, cli: Cli): void {
  interface Options {
    readonly quantity?: string;
    readonly credits?: string;
    readonly member?: string;
    readonly model?: string;
    readonly id?: string;
    readonly at?: string;
  }
  program
    .command('use <account> <feature>')
    .description('record one usage event, which is accepted or refused in full')
    .option('--quantity <count>', 'how often the feature was used (default: 1)')
    .option('--credits <count>', 'the credits used, if the catalog does not set them')
    .option('--member <id>', 'the member who used it')
    .option('--model <name>', 'the model that was used; models can differ in price')
    .option('--id <id>', 'your id of the event; repeating it never records a second event')
    .option('--at <instant>', 'when the usage occurred, like 2027-01-31T09:30:00Z (default: now)')
    .action((accountId: string, feature: string, options: Options, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const { member, model, at: happened } = options;
        const id = options.id ?? uuid();
        const answer = await client.recordUsage(accountId, {
          ...{
            id,
            feature,
            ...optionalNumeral('quantity', options.quantity),
            ...optionalNumeral('credits', options.credits),
          },
          ...(member === undefined ? {} : { member }),
          ...(model === undefined ? {} : { model }),
          ...(happened === undefined ? {} : { occurredAt: parseInstant(happened, 'at') }),
        });
        return { document: { id, ...answer }, words: () => `Recorded ${feature} as event ${id}: ${partsOf(answer)}.` };
      }),
    );
}

/** CRE-3: an event that straddles is one event with two parts. */
function partsOf({ meter, trial, included, overage }: UsageAnswer): string {
  const parts: readonly (readonly [number, string])[] = [
    [trial, 'free in the trial'],
    [included, 'included'],
    [overage, 'overage'],
  ];
  return parts.flatMap(([quantity, how]) => (quantity === 0 ? [] : [`${metered(quantity, meter)} ${how}`])).join(', ');
}

function addRun(program: Command, cli: Cli): void {
  interface Options {
    readonly sender?: string;
    readonly login?: string;
    readonly visibility: string;
    readonly minutes?: string;
    readonly id?: string;
  }
  program
    .command('run <account>')
    .description('check whether a run may start; a new person on a private repository becomes a member')
    .option('--sender <id>', 'the stable id of the sender; omit it for a run without a sender')
    .option('--login <name>', 'the current login of the sender (default: the id)')
    .option('--visibility <visibility>', 'the visibility of the repository: private or public', 'private')
    .option('--minutes <minutes>', 'the metered minutes that the run used')
    .option('--id <id>', 'your id of the run; repeating it counts the run once')
    .action((accountId: string, { sender, login, visibility, minutes, id }: Options, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const person = sender === undefined ? null : { id: sender, ...(login === undefined ? {} : { login }) };
        const answer = await client.checkAccess(accountId, {
          ...{
            kind: 'run',
            sender: person,
            visibility: visibilityOf(visibility),
            ...optionalNumeral('minutes', minutes),
          },
          ...(id === undefined ? {} : { eventId: id }),
        });
        const who = answer.member === null ? 'no member involved' : `${answer.member} is a member`;
        const used =
          answer.metered === undefined
            ? ''
            : `; ${String(answer.metered.included)} minutes included, ${String(answer.metered.overage)} minutes overage`;
        return { document: answer, words: () => `The run may start: ${who}${used}.` };
      }),
    );
}

function visibilityOf(text: string): 'private' | 'public' {
  if (text === 'private' || text === 'public') return text;
  throw new Refusal({
    code: 'invalid_request',
    message: `visibility: expected private or public, found "${text.slice(0, 60)}".`,
    field: 'visibility',
  });
}
