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
    .description('record one event of use, or have it refused whole')
    .option('--quantity <count>', 'how often the feature was used (1 when left out)')
    .option('--credits <count>', 'what it consumed, where the catalog does not say')
    .option('--member <id>', 'who used it')
    .option('--model <name>', 'with which model; some cost more')
    .option('--id <id>', 'your own id of the event; the same id again is the same event')
    .option('--at <instant>', 'when it happened, like 2027-01-31T09:30:00Z (now when left out)')
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
    .description('may this run go ahead? A newcomer on a private repository becomes a member')
    .option('--sender <id>', "the provider's id of who triggered it; nobody when left out")
    .option('--login <name>', 'how the sender is called now (the id when left out)')
    .option('--visibility <visibility>', 'of the repository: private or public', 'private')
    .option('--minutes <minutes>', 'metered minutes that it used')
    .option('--id <id>', 'your own id of the run; the same id again is the same run')
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
        const who = answer.member === null ? 'nobody becomes a member by it' : `${answer.member} is a member`;
        const used =
          answer.metered === undefined
            ? ''
            : `; ${String(answer.metered.included)} minutes included, ${String(answer.metered.overage)} minutes overage`;
        return { document: answer, words: () => `The run may go ahead: ${who}${used}.` };
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
