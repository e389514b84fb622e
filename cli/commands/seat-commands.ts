import type { Command } from 'commander';

import type { CommandType } from '../../billing/model/command.ts';
import type { Act, Cli, Reply } from '../context/cli.ts';
import { numeral, numeralOrNone, optionalNumeral } from '../output/numeral.ts';
import { seatWords } from '../output/status-page.ts';
import { table } from '../output/table.ts';
import { at, count } from '../output/words.ts';
import { billedSince, invoiceNumbers } from './new-invoices.ts';
import { changing, costing, given } from './options.ts';
import { previewOf } from './preview.ts';

/** Seats, the members who sit on them, and whether newcomers get one by themselves. */
export function addSeatCommands(program: Command, cli: Cli): void {
  addSeats(program.command('seats').description('buy and give back seats'), cli);
  addMembers(program.command('members').description('who uses the product'), cli);
  addAllocation(
    program.command('allocation').description('whether a newcomer without a free seat gets one added'),
    cli,
  );
}

/** Sends one command, and says how the seats stand afterwards. */
async function changeSeats(
  tools: Act,
  accountId: string,
  type: CommandType,
  fields: object,
  opening: readonly string[] = [],
): Promise<Reply> {
  if (tools.isPreview) return previewOf(tools, accountId, type, fields);
  const { client, send } = tools;
  const known = await invoiceNumbers(client, accountId);
  const answer = await send(accountId, type, fields);
  const words = async (): Promise<string> => {
    const { seats, automaticAllocation, invoices, cycle } = await client.status(accountId);
    const { enabled, ceiling } = automaticAllocation;
    const limit = ceiling === null ? '' : ` up to ${count(ceiling, 'seat')}`;
    return [
      ...opening,
      seats === null ? `${accountId} is on a plan without seats.` : `${accountId} has ${seatWords(seats)}.`,
      ...(seats !== null && seats.awaitingRemoval > 0 && cycle !== null
        ? [`Those that await removal end ${at(cycle.end)}.`]
        : []),
      ...(type === 'setAutomaticAllocation' ? [`Automatic allocation is ${enabled ? `on${limit}` : 'off'}.`] : []),
      ...billedSince(known, invoices),
    ].join(' ');
  };
  return { document: answer, words };
}

function addSeats(seats: Command, cli: Cli): void {
  costing(seats.command('add <account> <count>'))
    .description('add seats; those that await removal are taken back first, at no charge')
    .action((accountId: string, wanted: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changeSeats(tools, accountId, 'addSeats', { count: numeral('count', wanted) })),
    );
  costing(seats.command('remove <account> [count]'))
    .description('remove free seats by count, or a taken one by naming its member; they end with the cycle')
    .option('--member <id>', 'whose seat')
    .action(
      (accountId: string, wanted: string | undefined, { member }: { readonly member?: string }, command: Command) =>
        cli.answer(command, (tools) =>
          changeSeats(
            tools,
            accountId,
            'removeSeats',
            given({ ...optionalNumeral('count', wanted), memberId: member }),
          ),
        ),
    );
  seats
    .command('preview <account> <count>')
    .description('what more seats would cost, now and on the next invoice; changes nothing')
    .action((accountId: string, wanted: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => previewOf(tools, accountId, 'addSeats', { count: numeral('count', wanted) })),
    );
}

function addMembers(members: Command, cli: Cli): void {
  members
    .command('list <account>')
    .description('the members, and why those who are disabled are')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const account = await client.status(accountId);
        const rows = account.members.map(({ member, login, role, state, reason }) => [
          member,
          login,
          role,
          state,
          reason ?? '',
        ]);
        const head = ['member', 'login', 'role', 'state', 'reason'];
        const words = (): string => (rows.length === 0 ? `${accountId} has no members yet.` : table(rows, { head }));
        return { document: { members: account.members }, words };
      }),
    );
  changing(members.command('add <account> <member>'))
    .description('invite somebody; they take no seat before their first private run or visit')
    .option('--login <login>', 'what they are called; the id when left out')
    .option('--role <role>', 'admin or member (member when left out)')
    .action((accountId: string, member: string, options: { login?: string; role?: string }, command: Command) =>
      cli.answer(command, (tools) => {
        const { login, role } = options;
        return changeSeats(tools, accountId, 'addMember', given({ memberId: member, login, role }), [
          `${member} is invited.`,
        ]);
      }),
    );
  changing(members.command('role <account> <member> <role>'))
    .description('make somebody an admin, who may change seats, members, caps and plans, or a member')
    .action((accountId: string, member: string, role: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) =>
        changeSeats(tools, accountId, 'setRole', { memberId: member, role }, [`${member} has the role ${role}.`]),
      ),
    );
  for (const [name, type, does] of [
    ['enable', 'enableMember', 'takes a free seat, or adds one'],
    ['disable', 'disableMember', 'frees the seat at once; the bill falls when a seat is removed'],
  ] as const) {
    costing(members.command(`${name} <account> <member>`))
      .description(`${name} a member: ${does}`)
      .action((accountId: string, member: string, _options: unknown, command: Command) =>
        cli.answer(command, (tools) =>
          changeSeats(tools, accountId, type, { memberId: member }, [`${member} is ${name}d.`]),
        ),
      );
  }
}

function addAllocation(allocation: Command, cli: Cli): void {
  changing(allocation.command('on <account>'))
    .description('newcomers get a seat added; it is billed like any other')
    .option('--ceiling <count>', 'add none beyond so many seats; none takes the ceiling away')
    .action((accountId: string, { ceiling }: { readonly ceiling?: string }, command: Command) =>
      cli.answer(command, (tools) => {
        const limit = ceiling === undefined ? {} : { ceiling: numeralOrNone('ceiling', ceiling) };
        return changeSeats(tools, accountId, 'setAutomaticAllocation', { enabled: true, ...limit });
      }),
    );
  changing(allocation.command('off <account>'))
    .description('newcomers without a free seat are disabled')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changeSeats(tools, accountId, 'setAutomaticAllocation', { enabled: false })),
    );
}
