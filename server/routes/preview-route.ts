import { z } from 'zod';

import type { Command } from '../../billing/model/command.ts';
import { answers, POSTED } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { preview } from '../schemas/documents.ts';
import { accountParams, cents, count, id } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';
import { someMembers } from './member-routes.ts';
import { ADD_CODES, allocationFields } from './seat-routes.ts';
import { CHANGE_CODES, changeFields, END_CODES, SUBSCRIBE_CODES, subscribeFields } from './subscription-routes.ts';

/** What admins may ask of an account and costs something, now or later; in the words of the routes that do it. */
const previewBody = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('subscribe'), ...subscribeFields }),
    z.strictObject({ type: z.literal('changePlan'), ...changeFields }),
    z.strictObject({ type: z.literal('cancel') }),
    z.strictObject({ type: z.literal('resume') }),
    z.strictObject({ type: z.literal('addSeats'), count }),
    z.strictObject({ type: z.literal('removeSeats'), count: count.exactOptional(), member: id.exactOptional() }),
    z.strictObject({ type: z.literal('setAutomaticAllocation'), ...allocationFields }),
    z.strictObject({ type: z.literal('enableMember'), member: id }),
    z.strictObject({ type: z.literal('enableMembers'), members: someMembers }),
    z.strictObject({ type: z.literal('disableMember'), member: id }),
    z.strictObject({ type: z.literal('setCap'), meter: id, capCents: cents.nullable() }),
    z.strictObject({ type: z.literal('payInvoice'), number: id }),
  ])
  .meta({ examples: [{ type: 'enableMember', member: 'github:2' }] });

const CODES: readonly ProblemCode[] = [
  ...([
    'unknown_account',
    'member_not_admin',
    'account_closed',
    'unknown_member',
    'no_seat',
    'free_plan_limit',
    'trial_ended',
  ] as const),
  ...(['seats_in_use', 'last_seat', 'last_admin', 'unknown_meter', 'unknown_invoice', 'invoice_not_open'] as const),
  ...SUBSCRIBE_CODES,
  ...CHANGE_CODES,
  ...END_CODES,
  ...ADD_CODES,
  ...POSTED,
];

export function previewRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/accounts/:account/preview',
    {
      config: { access: { scope: 'accounts:read', portal: 'admin' } },
      schema: {
        operationId: 'previewCommand',
        tags: ['Preview'],
        summary: 'Preview any change',
        description:
          'Returns exactly the invoices that the change would produce, or the error it would be refused with. Nothing is changed.',
        params: accountParams,
        body: previewBody,
        ...answers({ 200: preview }, CODES),
      },
    },
    ({ params, body }) => perennial.preview(params.account, commandOf(body)),
  );
}

function commandOf(body: z.output<typeof previewBody>): Command {
  if (body.type === 'enableMembers') return { type: body.type, memberIds: body.members };
  if (!('member' in body)) return body;
  const { member: memberId, ...rest } = body;
  return { ...rest, memberId };
}
