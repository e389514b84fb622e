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
    .description("take a paid plan; in a trial it begins at the trial's end")
    .requiredOption('--plan <name>', 'one of the plans of the catalog')
    .option('--interval <interval>', 'month or year')
    .option('--seats <count>', 'seats to begin with; as many as there are enabled members when left out')
    .option('--pack <name>', 'size of the plan, where it has sizes')
    .option('--cap <cents>', "ceiling on a cycle's overage, in minor units (cents); 0 means no overage")
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
    .description(
      'change plan, interval or pack: what costs more begins now, what costs less at the end of what is paid',
    )
    .option('--plan <name>')
    .option('--interval <interval>', 'month or year')
    .option('--pack <name>')
    .option('--keep <member...>', 'who stays when the plan becomes free')
    .action((accountId: string, { plan, interval, pack, keep }: Options, command: Command) =>
      cli.answer(command, (tools) =>
        changePlan(tools, accountId, 'changePlan', given({ plan, interval, pack, keepMemberIds: keep })),
      ),
    );
}

function addEnding(program: Command, cli: Cli): void {
  costing(program.command('cancel <account>'))
    .description('end the subscription with the cycle that is paid')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changePlan(tools, accountId, 'cancel', {})),
    );
  costing(program.command('resume <account>'))
    .description('take a cancellation, or another scheduled change, back')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changePlan(tools, accountId, 'resume', {})),
    );
  costing(program.command('close <account>'))
    .description(
      'settle the account at once and end it for good; nothing that is paid in advance comes back (see cancel)',
    )
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changePlan(tools, accountId, 'close', {})),
    );
}

function addCap(program: Command, cli: Cli): void {
  changing(program.command('cap <account> <meter> <cents>'))
    .description(
      "the ceiling on a meter's overage, or its budget, a month, in minor units (cents); none takes an optional one away",
    )
    .action((accountId: string, meter: string, cents: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client, send }) => {
        // `none` takes a limit away.
        const capCents = cents === 'none' ? null : minorUnits('capCents', cents);
        const answer = await send(accountId, 'setCap', { meter, capCents });
        const words = async (): Promise<string> => {
          const { currency } = await client.status(accountId);
          const limit =
            capCents === null ? 'has no ceiling' : `may cost up to ${amountWithCode(capCents, currency)} a month`;
          return `Overage of ${meterName(meter)} of ${accountId} ${limit}.`;
        };
        return { document: answer, words };
      }),
    );
}
