import type { Command } from 'commander';

import { parseInstant } from '../../billing/calendar/instant.ts';
import type { ApiKey } from '../../db/access/api-keys.ts';
import type { MadeKey } from '../../client/credentials/server-keys.ts';
import { scope } from '../../client/credentials/principal.ts';
import type { Cli, Reply } from '../context/cli.ts';
import { numeral } from '../output/numeral.ts';
import { table } from '../output/table.ts';
import { at, count } from '../output/words.ts';

/** Who may call the HTTP API. Whoever has the database may make keys; over HTTP it takes an operator's. */
export function addKeyCommands(program: Command, cli: Cli): void {
  const keys = program.command('keys').description('manage the keys of the HTTP API');
  addCreate(keys, cli);
  addList(keys, cli);
  addRotate(keys, cli);
  addRevoke(keys, cli);
  addRotatePortalSecret(keys, cli);
}

function addCreate(keys: Command, cli: Cli): void {
  interface Options {
    readonly name: string;
    readonly scope: readonly string[];
    readonly expiresAt?: string;
  }
  keys
    .command('create')
    .description('create a server key; its secret is shown once')
    .requiredOption('--name <name>', 'a name, such as the program that uses the key')
    .requiredOption('--scope <scope...>', scope.options.join(', '))
    .option('--expires-at <instant>', 'when the key expires, like 2027-01-31T00:00:00Z')
    .action(({ name, scope: scopes, expiresAt }: Options, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const end = expiresAt === undefined ? null : parseInstant(expiresAt, 'expiresAt');
        return made(await client.keys.create({ name, scopes, expiresAt: end }), []);
      }),
    );
}

function addList(keys: Command, cli: Cli): void {
  keys
    .command('list')
    .description('list all keys, newest first, including expired and revoked ones')
    .option('--limit <count>', 'the maximum number to list', '100')
    .action(({ limit }: { readonly limit: string }, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const found = await client.keys.list({ limit: numeral('limit', limit) });
        const rows = found.map((key) => [
          ...[key.keyId, key.name, key.scopes.join(' '), at(key.createdAt)],
          ...[key.lastUsedAt === null ? 'never' : at(key.lastUsedAt), endOf(key)],
        ]);
        const head = ['key', 'name', 'scopes', 'made', 'last used', 'ends'];
        const words = (): string => (rows.length === 0 ? 'No keys yet.' : table(rows, { head }));
        return { document: { keys: found }, words };
      }),
    );
}

function addRotate(keys: Command, cli: Cli): void {
  keys
    .command('rotate <key>')
    .description('create a successor; the previous key stays valid for a while')
    .option('--overlap-hours <hours>', 'how long both keys are valid', '24')
    .action((keyId: string, { overlapHours }: { readonly overlapHours: string }, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const hours = numeral('overlapHours', overlapHours);
        const successor = await client.keys.rotate(keyId, hours);
        return made(successor, [`${keyId} stays valid for ${count(hours, 'more hour')}.`]);
      }),
    );
}

function addRevoke(keys: Command, cli: Cli): void {
  keys
    .command('revoke <key>')
    .description('revoke a key permanently; every process refuses it within 5 seconds')
    .action((keyId: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const key = await client.keys.revoke(keyId);
        return { document: { key }, words: () => `${keyId} is revoked.` };
      }),
    );
}

function addRotatePortalSecret(keys: Command, cli: Cli): void {
  keys
    .command('rotate-portal-secret')
    .description('sign portal tokens with a new secret; existing tokens stay valid until they expire')
    .action((_options: unknown, command: Command) =>
      cli.answer(command, async ({ client }) => {
        await client.portalTokens.rotate();
        return { document: { rotated: true }, words: () => 'Portal tokens are now signed with a new secret.' };
      }),
    );
}

function made({ key, secret }: MadeKey, more: readonly string[]): Reply {
  const words = (): string =>
    [
      `${key.name} has the key ${key.keyId}, for ${key.scopes.join(', ')}. Its secret is shown this once:`,
      '',
      `  ${secret}`,
      ...(more.length === 0 ? [] : ['', ...more]),
    ].join('\n');
  return { document: { key, secret }, words };
}

function endOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${at(revokedAt)}`;
  return expiresAt === null ? '–' : at(expiresAt);
}
