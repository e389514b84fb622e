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
        summary: 'List audit log entries',
        description:
          'Every change of amounts, seats, caps, plans, or members, newest first. Entries are never edited or deleted.',
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
        summary: 'List commands',
        description:
          'The commands that took effect, newest first, with their results. Commands that were refused immediately are not ' +
          'recorded; a command whose payment failed later has a `refusal`. The audit log shows who requested a command and what ' +
          'it changed.',
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
        summary: 'List notices',
        description:
          'Notices about the end of a trial, usage and cap thresholds, and failed payments, newest first, each with its details. ' +
          'Members see notices without amounts.',
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
