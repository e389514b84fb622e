import { z } from 'zod';

import { answers } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { commandRoute } from './command-routes.ts';
import { pageOf, pageQuery, readPlace, toPage } from '../answers/cursor.ts';
import { member } from '../schemas/documents.ts';
import { accountParams, id } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';

const memberParams = accountParams.extend({
  member: id.meta({ description: 'The stable id of the person at the identity provider.' }),
});

export function memberRoutes(api: Api, context: ApiContext): void {
  const { perennial } = context;
  api.get(
    '/v1/accounts/:account/members',
    {
      config: { access: { scope: 'accounts:read', portal: 'member', forMembers: pageOf(member) } },
      schema: {
        operationId: 'listMembers',
        tags: ['Members'],
        summary: 'List members',
        description: 'In the order in which they joined. Available to all members: the list has no amounts.',
        params: accountParams,
        querystring: z.strictObject(pageQuery),
        ...answers({ 200: pageOf(member) }, ['unknown_account']),
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const after = readPlace(cursor, [z.string()]);
      const found = await perennial.read.members(params.account, { after, count: limit + 1 });
      return toPage(found, limit, (each) => [each.member]);
    },
  );
  api.get(
    '/v1/accounts/:account/members/:member',
    {
      config: { access: { scope: 'accounts:read', portal: 'self', forMembers: member } },
      schema: {
        operationId: 'getMember',
        tags: ['Members'],
        summary: 'Retrieve a member',
        description: 'Members can retrieve themselves, including the reason for which they are disabled.',
        params: memberParams,
        ...answers({ 200: member }, ['unknown_account', 'member_not_admin', 'unknown_member']),
      },
    },
    ({ params }) => perennial.read.member(params.account, params.member),
  );
  commandRoute(api, context, {
    method: 'POST',
    url: '/v1/accounts/:account/members',
    operationId: 'addMember',
    tag: 'Members',
    summary: 'Invite a member',
    description: 'An invited member does not take a seat until their first private run or dashboard visit.',
    params: accountParams,
    body: z
      .strictObject({
        member: id.meta({ description: 'The stable id of the person at the identity provider.' }),
        login: id.exactOptional(),
        role: role.exactOptional().meta({ description: 'Default: member.' }),
      })
      .meta({ examples: [{ member: 'github:2', login: 'ada', role: 'admin' }] }),
    codes: ['no_change'],
    command: ({ body: { member: memberId, ...rest } }) => ({ type: 'addMember', memberId, ...rest }),
  });
  enableRoute(api, context);
  changeRoute(api, context);
}

const role = z.enum(['admin', 'member'], 'expected admin or member');

/** One thing at a time: each is a command, applied whole or not at all. */
const changeBody = z
  .union(
    [z.strictObject({ state: z.enum(['enabled', 'disabled']) }), z.strictObject({ role })],
    'expected {"state": "enabled" | "disabled"} or {"role": "admin" | "member"}',
  )
  .meta({ examples: [{ state: 'enabled' }] });

export const ENABLE_CODES: readonly ProblemCode[] = [
  ...(['unknown_member', 'free_plan_limit', 'no_seat', 'plan_has_no_seats', 'not_subscribed', 'trial_ended'] as const),
  ...(['payment_method_required', 'card_declined', 'payment_failed'] as const),
];

export const someMembers = z.array(id).min(1).max(1000);

function enableRoute(api: Api, context: ApiContext): void {
  commandRoute(api, context, {
    method: 'POST',
    url: '/v1/accounts/:account/members/enable',
    operationId: 'enableMembers',
    tag: 'Members',
    summary: 'Enable several members',
    description:
      'Enables either all of the members or none. Free seats are used first; missing seats are added together and prorated as ' +
      'one line.',
    params: accountParams,
    body: z.strictObject({ members: someMembers }).meta({ examples: [{ members: ['github:2', 'github:3'] }] }),
    codes: ENABLE_CODES,
    command: ({ body }) => ({ type: 'enableMembers', memberIds: body.members }),
  });
}

function changeRoute(api: Api, context: ApiContext): void {
  commandRoute(api, context, {
    method: 'PATCH',
    url: '/v1/accounts/:account/members/:member',
    operationId: 'changeMember',
    tag: 'Members',
    summary: 'Enable or disable a member, or change a role',
    description:
      'Enabling a member uses a free seat, or adds a prorated one. Disabling a member frees the seat immediately; the bill ' +
      'decreases only when a seat is removed.',
    params: memberParams,
    body: changeBody,
    codes: [...ENABLE_CODES, 'last_admin', 'no_change'],
    command: ({ params: { member: memberId }, body }) => {
      if ('role' in body) return { type: 'setRole', memberId, role: body.role };
      return body.state === 'enabled' ? { type: 'enableMember', memberId } : { type: 'disableMember', memberId };
    },
  });
}
