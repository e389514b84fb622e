import { z } from 'zod';

import { isInstant } from '../../../billing/calendar/instant.ts';
import { answers } from '../answers.ts';
import type { Api, ApiContext } from '../api.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../cursor.ts';
import { auditEntry, invoice, notice } from '../documents.ts';
import { accountParams, id } from '../fields.ts';

const page = z.strictObject(pageQuery);
const access = { scope: 'accounts:read', portal: 'admin' } as const;

/** What an account has on record: invoices, who changed what, what was told. Newest first. */
export function recordRoutes(api: Api, context: ApiContext): void {
  invoiceRoutes(api, context);
  auditRoute(api, context);
  noticeRoute(api, context);
}

function invoiceRoutes(api: Api, { perennial }: ApiContext): void {
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
        querystring: page,
        ...answers({ 200: pageOf(invoice) }, ['unknown_account']),
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
        ...answers({ 200: z.object({ invoice: invoice.nullable() }) }, ['unknown_account']),
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
        params: accountParams.extend({ number: id }),
        ...answers({ 200: invoice }, ['unknown_account', 'unknown_invoice']),
      },
    },
    ({ params }) => perennial.read.invoice(params.account, params.number),
  );
}

function auditRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account/audit',
    {
      config: { access },
      schema: {
        operationId: 'listAudit',
        tags: ['Audit'],
        summary: 'Who changed what, newest first',
        description: 'Every change of money, seat, cap, plan or member (AUD-2). Entries are never edited or deleted.',
        params: accountParams,
        querystring: page,
        ...answers({ 200: pageOf(auditEntry) }, ['unknown_account']),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.int()]);
      const found = await perennial.read.audit(params.account, { after, count: limit + 1 });
      return toPage(found, limit, (each) => [each.auditId]);
    },
  );
}

function noticeRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account/notices',
    {
      config: { access: { scope: 'accounts:read', portal: 'member', forMembers: pageOf(notice) } },
      schema: {
        operationId: 'listNotices',
        tags: ['Audit'],
        summary: 'What the account was told, newest first',
        description: 'The end of a trial, shares of credits and caps, failed payments (TRI-7, CRE-15).',
        params: accountParams,
        querystring: page,
        ...answers({ 200: pageOf(notice) }, ['unknown_account']),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.int()]);
      const found = await perennial.read.notices(params.account, { after, count: limit + 1 });
      return toPage(found, limit, (each) => [each.noticeId]);
    },
  );
}
