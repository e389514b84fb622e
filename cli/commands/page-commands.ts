import type { Command } from 'commander';

import { instantFromEpochMs } from '../../billing/calendar/instant.ts';
import { Refusal } from '../../billing/refusal.ts';
import { SIGN_IN_SECONDS } from '../../client/credentials/operator-sessions.ts';
import { portalLink, signInLink } from '../../client/credentials/sign-in-link.ts';
import type { Cli } from '../context/cli.ts';
import { pagesPlace } from '../context/connection.ts';
import { CliFailure, EXIT } from '../context/failure.ts';
import { numeral } from '../output/numeral.ts';
import { at } from '../output/words.ts';

/** Links to the pages, for people to open. Whoever has the database may have one for anybody, as over HTTP an operator. */
export function addPageCommands(program: Command, cli: Cli): void {
  addPortal(program, cli);
  addSignIn(program, cli);
}

function addPortal(program: Command, cli: Cli): void {
  interface Options {
    readonly as: string;
    readonly role: string;
    readonly minutes: string;
  }
  program
    .command('portal <account>')
    .description('create a link to the pages of an account, for one of its members')
    .requiredOption(
      '--as <member>',
      'the person who opens the link; a person who is not an admin is recorded as support:… in the audit log',
    )
    .option('--role <role>', 'admin or member', 'member')
    .option('--minutes <count>', 'how long the link is valid, at most an hour', '15')
    .action((accountId: string, { as: memberId, role, minutes }: Options, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const { origin } = pagesPlace(cli.io.env);
        const claims = await client.openPortalSession({
          ...{ accountId, memberId, role: roleOf(role), isOperator: true },
          expiresInSeconds: numeral('minutes', minutes) * 60,
        });
        const url = portalLink(origin, await client.portalTokens.sign(claims));
        const expiresAt = instantFromEpochMs(claims.expiresAtSeconds * 1000);
        const words = (): string =>
          `${url}\n\n${claims.memberId} has access until ${at(expiresAt)}, with the role ${claims.role}.`;
        return { document: { url, memberId: claims.memberId, role: claims.role, expiresAt }, words };
      }),
    );
}

function addSignIn(program: Command, cli: Cli): void {
  program
    .command('sign-in')
    .description('create a link to the operator pages, valid for 10 minutes')
    .action((_options: unknown, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const { origin, operatorKey } = pagesPlace(cli.io.env);
        const key = operatorKey ?? '';
        const found = await client.keys.find(key);
        if (found.kind !== 'live' || !found.key.scopes.includes('operator')) throw noKey(operatorKey !== null);
        const url = await signInLink(client, { origin, key });
        const words = (): string =>
          `${url}\n\nValid for ${String(SIGN_IN_SECONDS / 60)} minutes, for anyone with the link.`;
        return { document: { url, keyId: found.key.keyId }, words };
      }),
    );
}

function noKey(isGiven: boolean): CliFailure {
  const message = isGiven
    ? 'The key is no longer valid, or does not have the scope operator.'
    : 'There is no key to sign in with: PERENNIAL_KEY is not set, and there is no key of a local stack.';
  const solve = 'Set PERENNIAL_KEY; `perennial keys create --name me --scope operator` creates a key.';
  return new CliFailure(EXIT.usage, 'NO_OPERATOR_KEY', message, solve);
}

function roleOf(role: string): 'admin' | 'member' {
  if (role === 'admin' || role === 'member') return role;
  const message = `role: expected admin or member, found "${role.slice(0, 60)}".`;
  throw new Refusal({ code: 'invalid_request', message, field: 'role' });
}
