import type { Command } from 'commander';

import { CARD_NAMES, paymentMethodOf } from '../context/cards.ts';
import type { Cli } from '../context/cli.ts';
import { numeral } from '../output/numeral.ts';
import { painter } from '../output/paint.ts';
import { statusPage } from '../output/status-page.ts';
import { table } from '../output/table.ts';
import { at } from '../output/words.ts';
import { changing } from './options.ts';

/** Signing up, looking at accounts, paying by card, and what only an operator does. */
export function addAccountCommands(program: Command, cli: Cli): void {
  addSignUp(program, cli);
  addStatus(program, cli);
  addAccounts(program, cli);
  addCard(program, cli);
  addTrial(program, cli);
}

function addSignUp(program: Command, cli: Cli): void {
  interface Options {
    readonly owner: string;
    readonly catalog: string;
    readonly testClock?: string;
    readonly actor?: string;
  }
  changing(program.command('signup <account>'))
    .description('sign up an account; starts its trial or its free plan')
    .requiredOption('--owner <id>', 'the owner; each owner has one account per catalog')
    .requiredOption('--catalog <name>', 'the catalog to buy from: qodo, codspeed, …')
    .option('--test-clock <id>', 'follow a test clock (see clock create) instead of real time')
    .action((accountId: string, { owner, catalog, testClock, actor }: Options, command: Command) =>
      cli.answer(command, async ({ client, commandId }) => {
        const clock = testClock === undefined ? {} : { testClockId: testClock };
        const who = actor === undefined ? {} : { actor };
        const answer = await client.signUp({ accountId, ownerId: owner, catalog, commandId, ...clock, ...who });
        return {
          document: answer,
          words: async () => {
            const { phase, trialEndsAt } = await client.status(accountId);
            const trial = trialEndsAt === undefined ? '' : ` until ${at(trialEndsAt)}`;
            return `${accountId} is signed up for ${catalog} and ${phase}${trial}.`;
          },
        };
      }),
    );
}

function addStatus(program: Command, cli: Cli): void {
  program
    .command('status <account>')
    .description('show the state of an account, its usage, what is scheduled, and the upcoming invoice')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const account = await client.status(accountId);
        const words = async (): Promise<string> => {
          const [now, upcoming] = await Promise.all([client.now(accountId), client.upcomingInvoice(accountId)]);
          return statusPage({ account, now, upcoming }, painter(cli.io.isColorful));
        };
        return { document: account, words };
      }),
    );
}

function addAccounts(program: Command, cli: Cli): void {
  program
    .command('accounts')
    .description('list the accounts of this installation')
    .option('--limit <count>', 'the maximum number to list', '100')
    .action(({ limit }: { readonly limit: string }, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const accounts = await client.accounts(numeral('limit', limit));
        const rows = accounts.map(({ accountId, catalog, phase, plan }) => [accountId, catalog, phase, plan ?? '–']);
        const head = ['account', 'catalog', 'phase', 'plan'];
        const words = (): string => (rows.length === 0 ? 'No accounts yet.' : table(rows, { head }));
        return { document: { accounts }, words };
      }),
    );
}

function addCard(program: Command, cli: Cli): void {
  changing(program.command('card <account> <payment-method>'))
    .description(`set the card to charge: a Stripe pm_… id, or a test card by name (${CARD_NAMES})`)
    .action((accountId: string, card: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client, send }) => {
        const answer = await send(accountId, 'setPaymentMethod', { paymentMethodId: paymentMethodOf(card) });
        const words = async (): Promise<string> => {
          const { paymentMethod } = await client.status(accountId);
          return `${accountId} pays by ${paymentMethod?.brand ?? 'card'} ending in ${paymentMethod?.last4 ?? '?'}.`;
        };
        return { document: answer, words };
      }),
    );
}

function addTrial(program: Command, cli: Cli): void {
  const trial = program.command('trial').description('manage trials, as an operator');
  changing(trial.command('extend <account> <days>'))
    .description('extend a trial by days; a trial that has ended is reopened, counted from now')
    .action((accountId: string, days: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client, send }) => {
        const answer = await send(accountId, 'extendTrial', { days: numeral('days', days) });
        const words = async (): Promise<string> => {
          const { trialEndsAt } = await client.status(accountId);
          return `The trial of ${accountId} ends ${trialEndsAt === undefined ? 'now' : at(trialEndsAt)}.`;
        };
        return { document: answer, words };
      }),
    );
}
