import type { Command } from 'commander';

import { isInstant } from '../../billing/calendar/instant.ts';
import type { AccountLeft, CatalogMigration } from '../../client/operations/catalog-migrations.ts';
import type { Perennial } from '../../client/perennial.ts';
import type { Act, Cli, Reply } from '../context/cli.ts';
import { CliFailure, EXIT } from '../context/failure.ts';
import { optionalNumeral } from '../output/numeral.ts';
import { table } from '../output/table.ts';
import { at, count } from '../output/words.ts';
import { changing } from './options.ts';

const PAGE = 100;

/** CAT-2: one account, or all of a catalog. */
export function addMigrateCommand(program: Command, cli: Cli): void {
  interface Options {
    readonly version?: string;
    readonly catalog?: string;
    readonly report?: string;
    readonly actor?: string;
  }
  changing(program.command('migrate [account]'))
    .description(
      'move an account, or all accounts of a catalog, to another version of it, at the end of the paid period',
    )
    .option('--version <number>', 'the version (default: the newest); the current version cancels a scheduled move')
    .option('--catalog <name>', 'all accounts of this catalog; use --report to follow progress')
    .option('--report <id>', 'with --catalog: show the progress of a migration, and the accounts that have not moved')
    .action((accountId: string | undefined, { version, catalog, report, actor = 'cli' }: Options, command: Command) =>
      cli.answer(command, async ({ client, send }) => {
        const wanted = optionalNumeral('version', version);
        if (accountId !== undefined && catalog === undefined && report === undefined)
          return ofAccount(send, accountId, wanted);
        if (accountId !== undefined || catalog === undefined) throw wrongUsage();
        if (report !== undefined) return reportOf(client, catalog, report);
        const migration = await client.catalogMigrations.start({ catalog, ...wanted, actor });
        const words = (): string =>
          `The accounts of ${catalog} are moving to version ${String(migration.version)} (${migration.migrationId}).`;
        return { document: migration, words };
      }),
    );
}

function wrongUsage(): CliFailure {
  const message = 'Name either one account, or a catalog with --catalog.';
  return new CliFailure(EXIT.usage, 'WRONG_USAGE', message, 'Add --help for usage.');
}

async function ofAccount(send: Act['send'], accountId: string, wanted: { readonly version?: number }): Promise<Reply> {
  const answer = await send(accountId, 'migrateCatalog', wanted);
  const end = answer.result['at'];
  const when = isInstant(end) ? `from ${at(end)} on` : 'now';
  const words = (): string => `${accountId} is on version ${String(answer.result['version'])} ${when}.`;
  return { document: answer, words };
}

async function reportOf(client: Perennial, catalog: string, migrationId: string): Promise<Reply> {
  const { catalogName, ...report } = await client.catalogMigrations.get(catalog, migrationId);
  const left: AccountLeft[] = [];
  for (let after: string | null = null; ;) {
    const found = await client.catalogMigrations.accountsLeft({ catalogName, ...report }, { after, count: PAGE });
    left.push(...found);
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE) break;
    after = last.accountId;
  }
  const document = {
    ...{ catalog: catalogName, ...report },
    left: left.map(({ accountId, ...each }) => ({ account: accountId, ...each })),
  };
  const words = (): string => [headline({ catalogName, ...report }), ...page(left)].join('\n\n');
  return { document, words };
}

function headline({ status, version, accountsTold, accountsMoved, accountsLeft }: CatalogMigration): string {
  const how = { running: 'So far ', done: '', failed: 'Interrupted; ' }[status];
  // Who has paid for more goes over when that ends (CAT-2).
  const move = `${String(accountsMoved)} on version ${String(version)} or scheduled to move`;
  return `${how}${count(accountsTold, 'account')} notified, ${move}, ${String(accountsLeft)} remaining.`;
}

function page(left: readonly AccountLeft[]): readonly string[] {
  if (left.length === 0) return [];
  const rows = left.map(({ accountId, version, refusal }) => [
    ...[accountId, String(version), refusal?.code ?? '–'],
    refusal?.message ?? 'There is no known obstacle.',
  ]);
  return [table(rows, { head: ['account', 'version', 'refused', 'why'] })];
}
