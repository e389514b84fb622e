import { z } from 'zod';

import { isInstant } from '../../billing/calendar/instant.ts';
import { invoicePdf } from '../pdf/invoice-pdf.ts';
import { answers, WITH_BODY } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { commandRoute } from './command-routes.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../answers/cursor.ts';
import { invoice } from '../schemas/documents.ts';
import { accountParams, id } from '../schemas/fields.ts';
import { attachmentNamed } from '../answers/attachment-name.ts';
import { isAsItWas } from '../answers/private-cache.ts';

const access = { scope: 'accounts:read', portal: 'admin' } as const;
const invoiceParams = accountParams.extend({ number: id.meta({ description: 'The invoice’s number.' }) });

/** Invoices: read, as JSON and on paper, and paid. */
export function invoiceRoutes(api: Api, context: ApiContext): void {
  readRoutes(api, context);
  pdfRoute(api, context);
  commandRoute(api, context, {
    method: 'POST',
    url: '/v1/accounts/:account/invoices/:number/pay',
    operationId: 'payInvoice',
    tag: 'Invoices',
    summary: 'Try to pay an open invoice now',
    description:
      'As after a new card. The tries that are planned stay as they are (INV-5); when it is paid, service is back at once (INV-6).',
    params: invoiceParams,
    codes: [
      'unknown_invoice',
      'invoice_not_open',
      'no_change',
      'payment_method_required',
      'card_declined',
      'payment_failed',
    ],
    command: ({ params }) => ({ type: 'payInvoice', number: params.number }),
  });
  commandRoute(api, context, {
    method: 'POST',
    url: '/v1/accounts/:account/invoices/:number/record-payment',
    operationId: 'recordPayment',
    tag: 'Operator',
    summary: 'Note that an invoice was paid by another way',
    description:
      'By a bank transfer, for example: it is paid, here and at Stripe, and no card is charged (CRE-18). `reference` is for people.',
    onlyOperators: true,
    params: invoiceParams,
    body: z.strictObject({ reference: id.exactOptional() }).meta({ examples: [{ reference: 'transfer of March 3' }] }),
    codes: ['unknown_invoice', 'invoice_not_open', ...WITH_BODY],
    command: ({ params, body }) => ({ type: 'recordPayment', number: params.number, ...body }),
  });
  commandRoute(api, context, {
    method: 'POST',
    url: '/v1/accounts/:account/payouts',
    operationId: 'recordPayout',
    tag: 'Operator',
    summary: 'Note that what is owed to a customer was paid out',
    description:
      'After a subscription has ended nothing comes that a credit could be set off against. Whoever pays it out, by a bank transfer for example, ' +
      'says so here: the amount is on a final invoice that sums to 0. `reference` is for people.',
    onlyOperators: true,
    params: accountParams,
    body: z.strictObject({ reference: id.exactOptional() }).meta({ examples: [{ reference: 'transfer of March 3' }] }),
    codes: ['no_change', ...WITH_BODY],
    command: ({ body }) => ({ type: 'payOut', ...body }),
  });
}

function readRoutes(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account/invoices',
    {
      config: { access },
      schema: {
        operationId: 'listInvoices',
        tags: ['Invoices'],
        summary: 'Invoices, newest first',
        description: 'With their lines; a draft is shown as long as late use may still join it (CRE-12).',
        params: accountParams,
        querystring: z.strictObject(pageQuery),
        ...answers({ 200: pageOf(invoice) }, ['unknown_account', 'member_not_admin']),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.string().refine(isInstant), z.string()]);
      const found = await perennial.read.invoices(params.account, { after, count: limit + 1 });
      return toPage(found, limit, (each) => [each.issuedAt, each.invoiceId]);
    },
  );
  api.get(
    '/v1/accounts/:account/invoices/upcoming',
    {
      config: { access },
      schema: {
        operationId: 'getUpcomingInvoice',
        tags: ['Invoices'],
        summary: 'The next invoice, as it is issued if nothing more happens',
        description: 'INV-3. `invoice` is null where none is coming.',
        params: accountParams,
        ...answers({ 200: z.object({ invoice: invoice.nullable() }) }, ['unknown_account', 'member_not_admin']),
      },
    },
    async ({ params }) => ({ invoice: await perennial.upcomingInvoice(params.account) }),
  );
  api.get(
    '/v1/accounts/:account/invoices/:number',
    {
      config: { access },
      schema: {
        operationId: 'getInvoice',
        tags: ['Invoices'],
        summary: 'One invoice',
        description: 'By its number.',
        params: invoiceParams,
        ...answers({ 200: invoice }, ['unknown_account', 'member_not_admin', 'unknown_invoice']),
      },
    },
    ({ params }) => perennial.read.invoice(params.account, params.number),
  );
}

function pdfRoute(api: Api, { perennial }: ApiContext): void {
  const asItWas = { 304: z.undefined().meta({ description: 'As it was.' }) };
  const { response, ...rest } = answers(asItWas, ['unknown_account', 'member_not_admin', 'unknown_invoice']);
  const schema = z.string().meta({ format: 'binary' }) as z.ZodType;
  const pdf = { description: 'The invoice.', content: { 'application/pdf': { schema } } };
  api.get(
    '/v1/accounts/:account/invoices/:number.pdf',
    {
      config: { access },
      schema: {
        operationId: 'getInvoicePdf',
        tags: ['Invoices'],
        summary: 'One invoice, as PDF',
        description: 'Real text: each line with its dates, and why it is what it is (MON-5).',
        params: invoiceParams,
        headers: z.object({ 'if-none-match': z.string().max(2000).optional() }),
        ...rest,
        response: { ...response, 200: pdf },
      },
    },
    async (request, reply) => {
      const { account, number } = request.params;
      const found = await perennial.read.invoice(account, number);
      if (isAsItWas(request, reply, { shown: found })) return reply.code(304).send();
      const { name } = await perennial.read.catalog(account);
      const file = await invoicePdf(found, { seller: name, customer: account });
      return reply
        .type('application/pdf')
        .header('content-disposition', attachmentNamed(`invoice-${number}.pdf`))
        .send(file);
    },
  );
}
