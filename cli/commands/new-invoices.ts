import type { InvoiceDocument } from '../../billing/model/document.ts';
import { amountWithCode } from '../../billing/money/amount-with-code.ts';
import type { Perennial } from '../../client/perennial.ts';

/** Taken before a command, to tell afterwards what it was billed with. @throws Refusal `unknown_account`. */
export async function invoiceNumbers(client: Perennial, accountId: string): Promise<ReadonlySet<string | null>> {
  const { invoices } = await client.status(accountId);
  return new Set(invoices.map(({ number }) => number));
}

/** A sentence for each invoice that was not there before. */
export function billedSince(
  known: ReadonlySet<string | null>,
  invoices: readonly InvoiceDocument[],
): readonly string[] {
  return invoices
    .filter(({ number }) => !known.has(number))
    .map(
      ({ number, total, currency, status }) =>
        `Invoice ${number ?? '(draft)'}: ${amountWithCode(total, currency)}, ${status}.`,
    );
}
