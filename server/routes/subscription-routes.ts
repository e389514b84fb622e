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
  interval: interval.exactOptional().meta({ description: 'Default: the first interval that the plan offers.' }),
  seats: count.exactOptional().meta({ description: 'Default: the number of enabled members, at least 1.' }),
  pack: id.exactOptional().meta({ description: 'The size of a credit plan. Default: its first pack.' }),
  capCents: cents.exactOptional().meta({ description: 'The spending cap on overage per cycle; 0 for no overage.' }),
  startNow: z
    .boolean()
    .exactOptional()
    .meta({ description: 'In a trial: end the trial and start the paid plan immediately.' }),
};

export const changeFields = {
  plan: id.exactOptional(),
  interval: interval.exactOptional(),
  pack: id.exactOptional(),
  keepMemberIds: z
    .array(id)
    .max(1000)
    .exactOptional()
    .meta({
      description:
        'The members who stay enabled when the plan becomes free. Default: admins first, then the members who have been enabled ' +
        'the longest.',
    }),
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
      'In a trial, the paid cycle and the first charge start at the end of the trial, or immediately with `startNow`. After a ' +
      'trial, the cycle starts immediately, and usage is accepted once the first invoice is paid.',
    body: subscribeBody,
    codes: SUBSCRIBE_CODES,
    command: ({ body }) => ({ type: 'subscribe', ...body }),
  });
  commandRoute(api, context, {
    ...route,
    method: 'PATCH',
    operationId: 'changeSubscription',
    summary: 'Change the plan, its interval, or its pack',
    description:
      'Upgrades take effect immediately and are prorated; downgrades take effect at the end of the cycle. Send at least one ' +
      'field.',
    body: changeBody,
    codes: CHANGE_CODES,
    command: ({ body }) => ({ type: 'changePlan', ...body }),
  });
  commandRoute(api, context, {
    ...route,
    method: 'DELETE',
    operationId: 'cancelSubscription',
    summary: 'Cancel at the end of the cycle',
    description: 'The subscription runs until the end of the cycle; the final overage is invoiced then.',
    codes: END_CODES,
    command: () => ({ type: 'cancel' }),
  });
  commandRoute(api, context, {
    ...route,
    url: '/v1/accounts/:account/subscription/resume',
    method: 'POST',
    operationId: 'resumeSubscription',
    summary: 'Undo a cancellation or another scheduled change',
    description: 'Possible until the change takes effect. Nothing else changes.',
    codes: END_CODES,
    command: () => ({ type: 'resume' }),
  });
  commandRoute(api, context, {
    ...route,
    tag: 'Operator',
    url: '/v1/accounts/:account/close',
    method: 'POST',
    operationId: 'closeAccount',
    summary: 'Close an account permanently',
    description:
      'Usage that was not billed yet goes on a final invoice; amounts paid in advance are not refunded. The data stays ' +
      'readable. To stop at the end of the cycle instead, cancel the subscription.',
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
        summary: 'Preview a change of the subscription',
        description: 'Returns exactly the invoices that the change would produce. Nothing is changed.',
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
        summary: 'Preview closing an account',
        description: 'The final invoice as it would be issued and charged now. Nothing is changed.',
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
