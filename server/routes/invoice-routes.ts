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
const invoiceParams = accountParams.extend({ number: id.meta({ description: 'The invoice number.' }) });

/** Invoices: read, as JSON and on paper, and paid. */
export function invoiceRoutes(api: Api, context: ApiContext): void {
  readRoutes(api, context);
  pdfRoute(api, context);
  commandRoute(api, context, {
    method: 'POST',
    url: '/v1/accounts/:account/invoices/:number/pay',
    operationId: 'payInvoice',
    tag: 'Invoices',
    summary: 'Pay an open invoice',
    description:
      'Attempts the payment immediately. Scheduled attempts stay scheduled. Once the invoice is paid, service is restored ' +
      'immediately.',
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
    summary: 'Record an out-of-band payment',
    description:
      'Marks an invoice as paid, here and at Stripe, without charging a card; for example after a bank transfer. `reference` ' +
      'is for your records.',
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
    summary: 'Record a payout to a customer',
    description:
      'After a subscription has ended, a credit balance has no next charge to be applied to. Record here that it was paid ' +
      'out, for example by bank transfer: a final invoice with a total of 0 shows the amount. `reference` is for your ' +
      'records.',
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
        summary: 'List invoices',
        description: 'Newest first, with their lines. A draft is included while late usage can still be added to it.',
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
        summary: 'Retrieve the upcoming invoice',
        description: 'The next invoice, if nothing else changes. `invoice` is null if there is none.',
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
        summary: 'Retrieve an invoice',
        description: 'By its number.',
        params: invoiceParams,
        ...answers({ 200: invoice }, ['unknown_account', 'member_not_admin', 'unknown_invoice']),
      },
    },
    ({ params }) => perennial.read.invoice(params.account, params.number),
  );
}

function pdfRoute(api: Api, { perennial }: ApiContext): void {
  const asItWas = { 304: z.undefined().meta({ description: 'Not modified' }) };
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
        summary: 'Download an invoice as PDF',
        description: 'With selectable text; each line shows its dates and how its amount was computed.',
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
