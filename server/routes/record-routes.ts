import { z } from 'zod';

import { isInstant } from '../../billing/calendar/instant.ts';
import { answers } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../answers/cursor.ts';
import { answeredCommand, auditEntry } from '../schemas/documents.ts';
import { accountParams } from '../schemas/fields.ts';
import { notice, noticeForMembers } from '../schemas/notice-document.ts';

const page = z.strictObject(pageQuery);
const access = { scope: 'accounts:read', portal: 'admin' } as const;

/** What an account has on record beside its invoices: who changed what, what was told. Newest first. */
export function recordRoutes(api: Api, context: ApiContext): void {
  auditRoute(api, context);
  commandRoute(api, context);
  noticeRoute(api, context);
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
        ...answers({ 200: pageOf(auditEntry) }, ['unknown_account', 'member_not_admin']),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.int()]);
      const found = await perennial.read.audit(params.account, { after, count: limit + 1 });
      return toPage(found, limit, (each) => [each.auditId]);
    },
  );
}

function commandRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account/commands',
    {
      config: { access: { scope: 'operator', portal: null } },
      schema: {
        operationId: 'listCommands',
        tags: ['Operator'],
        summary: 'The commands that took effect, newest first',
        description:
          'With what was answered. One that was refused at once has left no trace; one that was granted and not paid for has its `refusal`. ' +
          'Who asked, and what was changed, is in the audit.',
        params: accountParams,
        querystring: page,
        ...answers({ 200: pageOf(answeredCommand) }, ['unknown_account']),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.string().refine(isInstant), z.string()]);
      const found = await perennial.read.commands(params.account, { after, count: limit + 1 });
      return toPage(found, limit, (each) => [each.effectiveAt, each.commandId]);
    },
  );
}

function noticeRoute(api: Api, { perennial }: ApiContext): void {
  api.get(
    '/v1/accounts/:account/notices',
    {
      config: { access: { scope: 'accounts:read', portal: 'member', forMembers: pageOf(noticeForMembers) } },
      schema: {
        operationId: 'listNotices',
        tags: ['Audit'],
        summary: 'What the account was told, newest first',
        description:
          'The end of a trial, shares of credits and caps, failed payments (TRI-7, CRE-15), each with what it is about. Members get what has no ' +
          'amount (SEA-17).',
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
