import type { Command } from 'commander';

import type { CommandType } from '../../billing/model/command.ts';
import { amountWithCode } from '../../billing/money/amount-with-code.ts';
import type { Act, Cli, Reply } from '../context/cli.ts';
import { minorUnits, optionalNumeral } from '../output/numeral.ts';
import { at, meterName } from '../output/words.ts';
import { billedSince, invoiceNumbers } from './new-invoices.ts';
import { changing, costing, given } from './options.ts';
import { previewOf } from './preview.ts';

/** Taking a plan, changing it, leaving it, and the ceilings on what it may cost. */
export function addPlanCommands(program: Command, cli: Cli): void {
  addSubscribe(program, cli);
  addChangePlan(program, cli);
  addEnding(program, cli);
  addCap(program, cli);
}

/** Sends one command, and says how the plan stands afterwards. */
async function changePlan(tools: Act, accountId: string, type: CommandType, fields: object): Promise<Reply> {
  if (tools.isPreview) return previewOf(tools, accountId, type, fields);
  const { client, send } = tools;
  const known = await invoiceNumbers(client, accountId);
  const answer = await send(accountId, type, fields);
  const words = async (): Promise<string> => {
    const { phase, plan, interval, pack, cycle, scheduledChange, trialEndsAt, invoices } =
      await client.status(accountId);
    const size = pack === null ? '' : `, pack ${pack}`;
    const terms =
      plan === null ? 'without a plan' : `on ${plan}${size}${interval === null ? '' : `, billed by the ${interval}`}`;
    const start =
      phase === 'trialing' && plan !== null && trialEndsAt !== undefined ? ` It begins ${at(trialEndsAt)}.` : '';
    const until = cycle === null ? '' : ` The cycle ends ${at(cycle.end)}.`;
    const change = scheduledChange === null || start !== '' ? '' : ` Then: ${scheduledChange.to}.`;
    const bill = billedSince(known, invoices);
    return [`${accountId} is ${phase.replace('_', ' ')} ${terms}.${start}${until}${change}`, ...bill].join(' ');
  };
  return { document: answer, words };
}

function addSubscribe(program: Command, cli: Cli): void {
  interface Options {
    readonly plan: string;
    readonly interval?: string;
    readonly seats?: string;
    readonly pack?: string;
    readonly cap?: string;
    readonly startNow?: boolean;
  }
  costing(program.command('subscribe <account>'))
    .description('subscribe to a paid plan; in a trial it starts at the end of the trial')
    .requiredOption('--plan <name>', 'a plan of the catalog')
    .option('--interval <interval>', 'month or year')
    .option('--seats <count>', 'the number of seats to start with (default: the number of enabled members)')
    .option('--pack <name>', 'the pack, if the plan has packs')
    .option('--cap <cents>', "spending cap on overage per cycle, in the currency's minor unit; 0 for no overage")
    .option('--start-now', 'do not wait for the end of the trial')
    .action((accountId: string, options: Options, command: Command) =>
      cli.answer(command, (tools) => {
        const { plan, interval, seats, pack, cap, startNow } = options;
        const fields = {
          plan,
          interval,
          pack,
          startNow,
          ...optionalNumeral('seats', seats),
          capCents: cap === undefined ? undefined : minorUnits('capCents', cap),
        };
        return changePlan(tools, accountId, 'subscribe', given(fields));
      }),
    );
}

function addChangePlan(program: Command, cli: Cli): void {
  interface Options {
    readonly plan?: string;
    readonly interval?: string;
    readonly pack?: string;
    readonly keep?: readonly string[];
  }
  costing(program.command('change-plan <account>'))
    .description('change plan, interval, or pack; upgrades start now, downgrades at the end of the paid period')
    .option('--plan <name>')
    .option('--interval <interval>', 'month or year')
    .option('--pack <name>')
    .option('--keep <member...>', 'the members who stay enabled when the plan becomes free')
    .action((accountId: string, { plan, interval, pack, keep }: Options, command: Command) =>
      cli.answer(command, (tools) =>
        changePlan(tools, accountId, 'changePlan', given({ plan, interval, pack, keepMemberIds: keep })),
      ),
    );
}

function addEnding(program: Command, cli: Cli): void {
  costing(program.command('cancel <account>'))
    .description('cancel the subscription at the end of the paid cycle')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changePlan(tools, accountId, 'cancel', {})),
    );
  costing(program.command('resume <account>'))
    .description('undo a cancellation or another scheduled change')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changePlan(tools, accountId, 'resume', {})),
    );
  costing(program.command('close <account>'))
    .description('close the account now, with a final invoice; amounts paid in advance are not refunded (see cancel)')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changePlan(tools, accountId, 'close', {})),
    );
}

function addCap(program: Command, cli: Cli): void {
  changing(program.command('cap <account> <meter> <cents>'))
    .description(
      "set the spending cap or budget of a meter per month, in the currency's minor unit; none removes an optional cap",
    )
    .action((accountId: string, meter: string, cents: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client, send }) => {
        // `none` takes a limit away.
        const capCents = cents === 'none' ? null : minorUnits('capCents', cents);
        const answer = await send(accountId, 'setCap', { meter, capCents });
        const words = async (): Promise<string> => {
          const { currency } = await client.status(accountId);
          const limit =
            capCents === null ? 'has no cap' : `may cost up to ${amountWithCode(capCents, currency)} a month`;
          return `Overage of ${meterName(meter)} of ${accountId} ${limit}.`;
        };
        return { document: answer, words };
      }),
    );
}
