import { z } from 'zod';

import { isInstant } from '../../billing/calendar/instant.ts';
import { answers, WITH_BODY } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { commandRoute } from './command-routes.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../answers/cursor.ts';
import { creditNote } from '../schemas/documents.ts';
import { accountParams, count, id } from '../schemas/fields.ts';

const EXPECTED_AMOUNT = 'expected a whole number in the currency’s minor unit, 1 or more';

const creditBody = z
  .strictObject({
    invoice: id.meta({ description: 'The invoice number.' }),
    lines: z
      .array(
        z.strictObject({
          line: count.meta({ description: 'The number of the line on the invoice, starting at 1.' }),
          amountCents: z.int(EXPECTED_AMOUNT).min(1, EXPECTED_AMOUNT),
        }),
      )
      .min(1)
      .max(250),
    reason: id.meta({ description: 'The reason to show on the credit note.' }),
    to: z.enum(['card', 'balance']).exactOptional().meta({
      description: 'Default: `card`, a refund by the payment provider. `balance`: applied to the next invoice.',
    }),
  })
  .meta({
    examples: [{ invoice: 'acme-0001', lines: [{ line: 1, amountCents: 1500 }], reason: 'Down for a day' }],
  });

/** What was given back of paid invoices (INV-7). */
export function creditNoteRoutes(api: Api, context: ApiContext): void {
  commandRoute(api, context, {
    method: 'POST',
    url: '/v1/accounts/:account/credit-notes',
    operationId: 'creditInvoice',
    tag: 'Operator',
    summary: 'Issue a credit note',
    description:
      'Credits lines of a paid invoice, with a reason, up to the amount that was paid. Issued credit notes never change.',
    onlyOperators: true,
    params: accountParams,
    body: creditBody,
    codes: ['unknown_invoice', 'invoice_not_paid', 'credit_exceeds_paid', 'refund_failed', ...WITH_BODY],
    command: ({ body: { invoice: number, ...rest } }) => ({ type: 'creditInvoice', number, ...rest }),
  });
  listRoute(api, context);
}

function listRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account/credit-notes',
    {
      config: { access: { scope: 'accounts:read', portal: 'admin' } },
      schema: {
        operationId: 'listCreditNotes',
        tags: ['Invoices'],
        summary: 'List credit notes',
        description: 'Credit notes on paid invoices with their status, newest first.',
        params: accountParams,
        querystring: z.strictObject(pageQuery),
        ...answers({ 200: pageOf(creditNote) }, ['unknown_account', 'member_not_admin']),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.string().refine(isInstant), z.string()]);
      const found = await perennial.read.creditNotes(params.account, { after, count: limit + 1 });
      return toPage(found, limit, (each) => [each.issuedAt, each.creditNoteId]);
    },
  );
}
