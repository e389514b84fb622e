import { z } from 'zod';

import { isInstant } from '../../billing/calendar/instant.ts';
import { answers, WITH_BODY } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { commandRoute } from './command-routes.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../answers/cursor.ts';
import { creditNote } from '../schemas/documents.ts';
import { accountParams, count, id } from '../schemas/fields.ts';

const EXPECTED_AMOUNT = 'expected a whole number of minor units, 1 or more';

const creditBody = z
  .strictObject({
    invoice: id.meta({ description: 'The number of the invoice.' }),
    lines: z
      .array(
        z.strictObject({
          line: count.meta({ description: 'Counted from 1, as the invoice shows its lines.' }),
          amountCents: z.int(EXPECTED_AMOUNT).min(1, EXPECTED_AMOUNT),
        }),
      )
      .min(1)
      .max(250),
    reason: id.meta({ description: 'For people: it stands on the credit note.' }),
    to: z.enum(['card', 'balance']).exactOptional().meta({
      description: 'Default `card`: refunded by the payment provider. `balance`: a line of the next invoice.',
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
    summary: 'Give money of a paid invoice back',
    description:
      'Against its lines and with a reason, never more than was paid (INV-7). Issued credit notes never change.',
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
        summary: 'Credit notes, newest first',
        description: 'What was given back of paid invoices, and how far it has come (INV-7).',
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
