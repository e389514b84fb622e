import type { CommandType } from '../../billing/model/command.ts';
import { parseCommand } from '../../billing/commands/command-shape.ts';
import { amountWithCode } from '../../billing/money/amount-with-code.ts';
import type { Act, Reply } from '../context/cli.ts';
import { invoiceLines } from '../output/invoice-page.ts';
import { at } from '../output/words.ts';

/** What a command would cost, from fields as they were typed; changes nothing. */
export async function previewOf(
  { client, paint }: Pick<Act, 'client' | 'paint'>,
  accountId: string,
  type: CommandType,
  fields: object,
): Promise<Reply> {
  const preview = await client.preview(accountId, parseCommand(type, fields).command);
  const words = (): string => {
    const { dueNow, nextInvoice } = preview;
    const now = dueNow === null ? 'Nothing is due now.' : `Due now: ${amountWithCode(dueNow.total, dueNow.currency)}`;
    const next =
      nextInvoice === null
        ? 'There is no invoice after that.'
        : `Next invoice, ${at(nextInvoice.issuedAt)}: ${amountWithCode(nextInvoice.total, nextInvoice.currency)}`;
    return [
      now,
      ...(dueNow === null ? [] : [invoiceLines(dueNow, paint)]),
      next,
      ...(nextInvoice === null ? [] : [invoiceLines(nextInvoice, paint)]),
    ].join('\n');
  };
  return { document: preview, words };
}
