import type { Command } from 'commander';

import { Refusal } from '../../billing/refusal.ts';
import { amountWithCode } from '../../billing/money/amount-with-code.ts';
import type { Cli } from '../context/cli.ts';
import { minorUnits, numeral } from '../output/numeral.ts';
import { invoicePage, invoiceTable } from '../output/invoice-page.ts';
import { painter } from '../output/paint.ts';
import { changing, given } from './options.ts';

/** What was billed, and what will be. */
export function addInvoiceCommands(program: Command, cli: Cli): void {
  const paint = painter(cli.io.isColorful);
  program
    .command('invoices <account> [number]')
    .description('list all invoices, or show one with its lines and how their amounts were computed')
    .action((accountId: string, number: string | undefined, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const { invoices } = await client.status(accountId);
        if (number === undefined) {
          const pages = invoices.map((each) => invoicePage(each, titleOf(each.number), paint));
          const words = (): string =>
            invoices.length === 0
              ? `${accountId} has no invoices yet.`
              : [invoiceTable(invoices), ...pages].join('\n\n');
          return { document: { invoices }, words };
        }
        const invoice = invoices.find((each) => each.number === number);
        if (invoice === undefined) {
          throw new Refusal({
            code: 'unknown_invoice',
            message: `${accountId} has no invoice "${number}".`,
            field: 'number',
          });
        }
        return { document: invoice, words: () => invoicePage(invoice, titleOf(number), paint) };
      }),
    );
  program
    .command('upcoming <account>')
    .description('show the next invoice, if nothing else changes')
    .action((accountId: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ client }) => {
        const invoice = await client.upcomingInvoice(accountId);
        const words = (): string =>
          invoice === null
            ? `${accountId} has no upcoming invoice.`
            : invoicePage(invoice, `Upcoming invoice of ${accountId}`, paint);
        return { document: { invoice }, words };
      }),
    );
  changing(program.command('pay <account> <number>'))
    .description('pay an open invoice now with the card of the account; scheduled attempts stay scheduled')
    .action((accountId: string, number: string, _options: unknown, command: Command) =>
      cli.answer(command, async ({ send }) => {
        const answer = await send(accountId, 'payInvoice', { number });
        return { document: answer, words: () => `Invoice ${number} is paid.` };
      }),
    );
  changing(program.command('payout <account>'))
    .description('record that the credit balance of a customer without a subscription was paid out')
    .option('--reference <text>', 'a reference for your records, such as that of a bank transfer')
    .action((accountId: string, { reference }: { readonly reference?: string }, command: Command) =>
      cli.answer(command, async ({ client, send }) => {
        const answer = await send(accountId, 'payOut', given({ reference }));
        const words = async (): Promise<string> => {
          const { currency } = await client.status(accountId);
          return `${amountWithCode(Number(answer.result['paidOutCents']), currency)} was paid out to ${accountId}.`;
        };
        return { document: answer, words };
      }),
    );
  addCredit(program, cli);
}

function addCredit(program: Command, cli: Cli): void {
  interface Options {
    readonly line: readonly string[];
    readonly reason: string;
    readonly to?: string;
  }
  changing(program.command('credit <account> <number>'))
    .description('issue a credit note on lines of a paid invoice, with a reason')
    .requiredOption(
      '--line <line=cents...>',
      "the number of the line on the invoice, starting at 1, and the amount in the currency's minor unit",
    )
    .requiredOption('--reason <text>', 'shown to the customer')
    .option('--to <where>', 'card, or balance to apply it to the next invoice (default: card)')
    .action((accountId: string, number: string, { line, reason, to }: Options, command: Command) =>
      cli.answer(command, async ({ client, send }) => {
        const lines = line.map(creditedLine);
        const answer = await send(accountId, 'creditInvoice', given({ number, lines, reason, to }));
        const words = async (): Promise<string> => {
          const { creditNotes } = await client.status(accountId);
          const note = creditNotes.find((each) => each.number === answer.result['creditNote']);
          if (note === undefined) return 'The credit note was issued.';
          const where = note.destination === 'card' ? 'to the card' : 'on the next invoice';
          return `Credit note ${note.number}: ${amountWithCode(note.total, note.currency)} ${where}.`;
        };
        return { document: answer, words };
      }),
    );
}

/** `2=500`: five dollars of the second line. */
function creditedLine(written: string): { line: number; amountCents: number } {
  const [line = '', ...cents] = written.split('=');
  return { line: numeral('--line', line), amountCents: minorUnits('--line', cents.join('=')) };
}

function titleOf(number: string | null): string {
  return number === null ? 'Invoice (draft)' : `Invoice ${number}`;
}
