import type { Command } from 'commander';

import type { AccountDifference } from '../../db/reconciliation/reconciliations.ts';
import type { Perennial } from '../../client/perennial.ts';
import type { Cli, Reply } from '../context/cli.ts';
import { table } from '../output/table.ts';
import { count } from '../output/words.ts';

const ASK_EVERY_MS = 500;
const PAGE = 1_000;

/** AUD-3: whether the books agree. */
export function addReconcileCommand(program: Command, cli: Cli): void {
  interface Options {
    readonly start?: boolean;
    readonly report?: string;
    readonly actor?: string;
  }
  program
    .command('reconcile [account]')
    .description(
      'reconcile the ledger and invoices of one account or of all accounts with Stripe, and list differences',
    )
    .option('--start', 'start without waiting, for installations with many accounts; use --report to follow progress')
    .option('--report <id>', 'show a reconciliation that was started before')
    .option('--actor <name>', 'the person to record (default: cli)')
    .action((accountId: string | undefined, { start, report, actor = 'cli' }: Options, command: Command) =>
      cli.answer(command, async ({ client }) => {
        if (accountId !== undefined) return ofAccount(client, accountId);
        if (report !== undefined) return reportOf(client, report);
        const { reconciliationId } = await client.reconciliations.start(actor);
        if (start === true)
          return { document: { reconciliationId }, words: () => `The reconciliation ${reconciliationId} has started.` };
        while ((await client.reconciliations.get(reconciliationId)).endedAt === null) await pause(ASK_EVERY_MS);
        return reportOf(client, reconciliationId);
      }),
    );
}

async function ofAccount(client: Perennial, accountId: string): Promise<Reply> {
  const differences = await client.reconciliations.ofAccount(accountId);
  const words = (): string =>
    differences.length === 0
      ? `The records of ${accountId} agree.`
      : page(differences.map((each) => ({ ...each, accountId })));
  return { document: { account: accountId, agrees: differences.length === 0, differences }, words };
}

async function reportOf(client: Perennial, reconciliationId: string): Promise<Reply> {
  const { endedAt, accountsLookedAt, ...report } = await client.reconciliations.get(reconciliationId);
  const differences: AccountDifference[] = [];
  for (let after: readonly [string, number] | null = null; ;) {
    const found = await client.reconciliations.differences(reconciliationId, { after, count: PAGE });
    differences.push(...found.map(({ position: _position, ...difference }) => difference));
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE) break;
    after = [last.accountId, last.position];
  }
  const looked = `${endedAt === null ? 'So far ' : ''}${count(accountsLookedAt, 'account')} compared`;
  const words = (): string =>
    differences.length === 0
      ? `${looked}; all records agree.`
      : `${looked}; ${count(differences.length, 'difference')}.\n\n${page(differences)}`;
  return { document: { ...report, endedAt, accountsLookedAt, differences }, words };
}

function page(differences: readonly AccountDifference[]): string {
  const rows = differences.map(({ accountId, kind, sentence }) => [accountId, kind, sentence]);
  return table(rows, { head: ['account', 'kind', 'what'] });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
