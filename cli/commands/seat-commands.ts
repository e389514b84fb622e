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
  addSeats(program.command('seats').description('add and remove seats'), cli);
  addMembers(program.command('members').description('manage members'), cli);
  addAllocation(program.command('allocation').description('configure automatic seat allocation for new members'), cli);
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
        ? [`Seats awaiting removal end ${at(cycle.end)}.`]
        : []),
      ...(type === 'setAutomaticAllocation' ? [`Automatic allocation is ${enabled ? `on${limit}` : 'off'}.`] : []),
      ...billedSince(known, invoices),
    ].join(' ');
  };
  return { document: answer, words };
}

function addSeats(seats: Command, cli: Cli): void {
  costing(seats.command('add <account> <count>'))
    .description('add seats; scheduled removals are canceled first, at no charge')
    .action((accountId: string, wanted: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changeSeats(tools, accountId, 'addSeats', { count: numeral('count', wanted) })),
    );
  costing(seats.command('remove <account> [count]'))
    .description('remove free seats by count, or the seat of a member, at the end of the cycle')
    .option('--member <id>', 'the member whose seat to remove')
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
    .description('preview the cost of more seats, now and on the next invoice; changes nothing')
    .action((accountId: string, wanted: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => previewOf(tools, accountId, 'addSeats', { count: numeral('count', wanted) })),
    );
}

function addMembers(members: Command, cli: Cli): void {
  members
    .command('list <account>')
    .description('list members, with the reason for which a member is disabled')
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
    .description('invite a member, who takes no seat until their first private run or visit')
    .option('--login <login>', 'the login of the member (default: the id)')
    .option('--role <role>', 'admin or member (default: member)')
    .action((accountId: string, member: string, options: { login?: string; role?: string }, command: Command) =>
      cli.answer(command, (tools) => {
        const { login, role } = options;
        return changeSeats(tools, accountId, 'addMember', given({ memberId: member, login, role }), [
          `${member} is invited.`,
        ]);
      }),
    );
  changing(members.command('role <account> <member> <role>'))
    .description('set the role of a member; an admin can change seats, members, caps, and plans')
    .action((accountId: string, member: string, role: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) =>
        changeSeats(tools, accountId, 'setRole', { memberId: member, role }, [`${member} has the role ${role}.`]),
      ),
    );
  for (const [name, type, does] of [
    ['enable', 'enableMember', 'uses a free seat, or adds one'],
    ['disable', 'disableMember', 'frees the seat immediately; the bill decreases when a seat is removed'],
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
    .description('add a seat for new members when none is free; it is billed like any other seat')
    .option('--ceiling <count>', 'the highest number of seats to reach; none removes the limit')
    .action((accountId: string, { ceiling }: { readonly ceiling?: string }, command: Command) =>
      cli.answer(command, (tools) => {
        const limit = ceiling === undefined ? {} : { ceiling: numeralOrNone('ceiling', ceiling) };
        return changeSeats(tools, accountId, 'setAutomaticAllocation', { enabled: true, ...limit });
      }),
    );
  changing(allocation.command('off <account>'))
    .description('disable new members when no seat is free')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, (tools) => changeSeats(tools, accountId, 'setAutomaticAllocation', { enabled: false })),
    );
}
