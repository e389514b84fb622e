import { z } from 'zod';

import type { Command } from '../../billing/model/command.ts';
import { answers, POSTED } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { commandRoute } from './command-routes.ts';
import { preview } from '../schemas/documents.ts';
import { accountParams, cents, count, id, interval } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';

export const subscribeFields = {
  plan: id,
  interval: interval.exactOptional().meta({ description: 'Default: the first that the plan is sold in.' }),
  seats: count.exactOptional().meta({ description: 'Default: as many as there are enabled members, at least 1.' }),
  pack: id.exactOptional().meta({ description: 'The size of a credit plan. Default: its first.' }),
  capCents: cents.exactOptional().meta({ description: 'The most that overage may cost in a cycle; 0: no overage.' }),
  startNow: z.boolean().exactOptional().meta({ description: 'In a trial: ends it, and begins to pay now.' }),
};

export const changeFields = {
  plan: id.exactOptional(),
  interval: interval.exactOptional(),
  pack: id.exactOptional(),
  keepMemberIds: z
    .array(id)
    .max(1000)
    .exactOptional()
    .meta({ description: 'Who stays when the plan becomes free (SBI-10). Default: admins first, then the earliest.' }),
};

const subscribeBody = z.strictObject(subscribeFields).meta({
  examples: [{ plan: 'pro-teams', pack: 'small', capCents: 10_000 }],
});
const changeBody = z.strictObject(changeFields).meta({ examples: [{ interval: 'year' }] });
const previewBody = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('subscribe'), ...subscribeFields }),
    z.strictObject({ type: z.literal('changePlan'), ...changeFields }),
    z.strictObject({ type: z.literal('cancel') }),
    z.strictObject({ type: z.literal('resume') }),
  ])
  .meta({ examples: [{ type: 'subscribe', plan: 'pro', interval: 'year', seats: 3 }] });

export const SUBSCRIBE_CODES: readonly ProblemCode[] = [
  ...(['unknown_plan', 'unknown_pack', 'interval_not_offered', 'plan_not_self_serve', 'plan_has_no_seats'] as const),
  ...(['already_subscribed', 'not_enough_seats', 'cap_required', 'cap_not_offered', 'currency_fixed'] as const),
  ...(['payment_method_required', 'card_declined', 'payment_failed', 'change_pending'] as const),
];

export const CHANGE_CODES: readonly ProblemCode[] = [
  ...(['not_subscribed', 'unknown_plan', 'unknown_pack', 'interval_not_offered', 'plan_not_self_serve'] as const),
  ...(['no_change', 'change_pending', 'unknown_member', 'free_plan_limit', 'payment_method_required'] as const),
  ...(['card_declined', 'payment_failed', 'cap_required', 'cap_not_offered'] as const),
];

export const END_CODES: readonly ProblemCode[] = ['not_subscribed', 'no_change', 'change_pending'];

export function subscriptionRoutes(api: Api, context: ApiContext): void {
  const route = { tag: 'Subscription', params: accountParams, url: '/v1/accounts/:account/subscription' } as const;
  commandRoute(api, context, {
    ...route,
    method: 'POST',
    operationId: 'subscribe',
    summary: 'Subscribe to a plan',
    description:
      'In a trial, the paid cycle and the charge begin at its end, or at once with `startNow` (TRI-4). ' +
      'After it, the cycle begins now, and use is allowed as soon as the first invoice is paid (TRI-5).',
    body: subscribeBody,
    codes: SUBSCRIBE_CODES,
    command: ({ body }) => ({ type: 'subscribe', ...body }),
  });
  commandRoute(api, context, {
    ...route,
    method: 'PATCH',
    operationId: 'changeSubscription',
    summary: 'Change the plan, its interval or its pack',
    description:
      'Up takes effect now and is prorated; down at the end of the cycle (CRE-16, SBI-9, SBI-10). Give at least one field.',
    body: changeBody,
    codes: CHANGE_CODES,
    command: ({ body }) => ({ type: 'changePlan', ...body }),
  });
  commandRoute(api, context, {
    ...route,
    method: 'DELETE',
    operationId: 'cancelSubscription',
    summary: 'Cancel at the end of the cycle',
    description: 'Runs to the end of the cycle, where the last overage is invoiced (CRE-19).',
    codes: END_CODES,
    command: () => ({ type: 'cancel' }),
  });
  commandRoute(api, context, {
    ...route,
    url: '/v1/accounts/:account/subscription/resume',
    method: 'POST',
    operationId: 'resumeSubscription',
    summary: 'Take a cancellation, or another scheduled change, back',
    description: 'Possible until the change takes effect; changes nothing else (CRE-19).',
    codes: END_CODES,
    command: () => ({ type: 'resume' }),
  });
  commandRoute(api, context, {
    ...route,
    tag: 'Operator',
    url: '/v1/accounts/:account/close',
    method: 'POST',
    operationId: 'closeAccount',
    summary: 'Close an account for good',
    description:
      'What was used and not billed yet is on one final invoice; nothing that was paid in advance comes back. It stays readable. ' +
      'Cancelling is the soft way.',
    onlyOperators: true,
    codes: ['payment_method_required', 'change_pending'],
    command: () => ({ type: 'close' }),
  });
  previewRoute(api, context);
  closePreviewRoute(api, context);
}

function previewRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/accounts/:account/subscription/preview',
    {
      config: { access: { scope: 'accounts:read', portal: 'admin' } },
      schema: {
        operationId: 'previewSubscription',
        tags: ['Subscription'],
        summary: 'What a change of the subscription would cost',
        description:
          'The decision itself, thrown away: what is previewed is what is issued (invariant 11). Changes nothing.',
        params: accountParams,
        body: previewBody,
        ...answers({ 200: preview }, [
          ...(['unknown_account', 'member_not_admin', 'account_closed'] as const),
          ...SUBSCRIBE_CODES,
          ...CHANGE_CODES,
          ...POSTED,
        ]),
      },
    },
    ({ params, body }) => perennial.preview(params.account, body satisfies Command),
  );
}

/** Closing has no body, and only operators do it; so its preview is a route of its own. */
function closePreviewRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/accounts/:account/close/preview',
    {
      config: { access: { scope: 'operator', portal: null } },
      schema: {
        operationId: 'previewClose',
        tags: ['Operator'],
        summary: 'Preview the closing of an account',
        description: 'The final invoice as it would be issued and charged now. Changes nothing.',
        params: accountParams,
        ...answers({ 200: preview }, [
          ...(['unknown_account', 'account_closed', 'payment_method_required', 'change_pending'] as const),
          ...POSTED,
        ]),
      },
    },
    ({ params }) => perennial.preview(params.account, { type: 'close' }),
  );
}
