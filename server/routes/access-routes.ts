import { z } from 'zod';

import type { AccessQuestion } from '../../client/access/check-access.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { RefusalCode } from '../../billing/refusal-codes.ts';
import { answers, POSTED } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { id } from '../schemas/fields.ts';
import { holdAnswer, holdFields } from './hold-routes.ts';

const refusal = z
  .object({
    code: z.string(),
    message: z.string(),
    solve: z.string().nullable(),
    field: z.string().nullable(),
  })
  .meta({ id: 'RefusalAnswer', description: 'The reason why access is refused.' });

const person = z
  .strictObject({
    id: id.meta({ description: 'The stable id of the person, which does not change with the login.' }),
    login: id.exactOptional(),
  })
  .meta({ id: 'Person' });

/** It is the sender's. */
const { member: _member, ...heldForSender } = holdFields;

const accessBody = z
  .discriminatedUnion('kind', [
    z.strictObject({
      account: id,
      kind: z.literal('run'),
      sender: person.nullable().meta({ description: 'Null for a run without a sender.' }),
      visibility: z.enum(['private', 'public']),
      minutes: z
        .number()
        .positive()
        .exactOptional()
        .meta({ description: 'The metered minutes that the run has used, in whole seconds.' }),
      eventId: id
        .exactOptional()
        .meta({ description: 'An id for these minutes, so that a repeated request counts them once.' }),
      hold: z
        .strictObject(heldForSender)
        .exactOptional()
        .meta({ description: 'What the run may use, reserved before it starts. Cannot be combined with `minutes`.' }),
    }),
    z.strictObject({ account: id, kind: z.literal('dashboard'), member: person }),
  ])
  .meta({
    examples: [
      { account: 'acme', kind: 'run', sender: { id: 'github:2', login: 'ada' }, visibility: 'private' },
      {
        ...{ account: 'acme', kind: 'run', sender: { id: 'github:2' }, visibility: 'private' },
        hold: { id: 'run-1', meter: 'macro_minutes', quantity: 30 },
      },
    ],
  });

const accessAnswer = z
  .union([
    z.object({
      allowed: z.literal(true),
      member: z.string().nullable().meta({
        description: 'The member; null if the request does not involve a member, as for public runs and bots.',
      }),
      metered: z.object({ included: z.number(), overage: z.number() }).optional(),
      hold: holdAnswer.optional().meta({ description: 'What was reserved. Public runs reserve nothing.' }),
    }),
    z.object({ allowed: z.literal(false), refusal }),
  ])
  .meta({ id: 'AccessAnswer' });

/** What a check may be answered with; whatever else is wrong is wrong with the question, and a problem. */
const REASONS: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  ...([
    'trial_ended',
    'subscription_ended',
    'not_subscribed',
    'payment_failed',
    'account_closed',
    'no_seat',
    'seat_limit_reached',
  ] as const),
  ...(['member_disabled', 'free_plan_limit', 'seat_limit_reached', 'allowance_used_up', 'budget_reached'] as const),
  ...(['spending_cap_reached'] as const),
]);

export function accessRoutes(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/access-checks',
    {
      config: { access: { scope: 'access:check', portal: null } },
      schema: {
        operationId: 'checkAccess',
        tags: ['Use'],
        summary: 'Check access for a run or a dashboard visit',
        description:
          'Returns 200 for every well-formed request: `allowed: true`, or `allowed: false` with the reason, a message, and how to resolve it. ' +
          `Reasons: ${[...REASONS].map((code) => `\`${code}\``).join(', ')}. A new person becomes a member. With a ` +
          '`hold`, the run is allowed only if the hold fits; a refused run leaves no hold. Repeating the request returns the same hold.',
        body: accessBody,
        ...answers({ 200: accessAnswer }, ['unknown_account', 'unknown_feature', 'unknown_meter', ...POSTED]),
      },
    },
    async ({ body }) => {
      const { account, ...question } = body;
      try {
        return await perennial.checkAccess(account, question satisfies AccessQuestion);
      } catch (error) {
        if (!(error instanceof Refusal) || !REASONS.has(error.code)) throw error;
        const { code, message, solve, field } = error;
        return { allowed: false as const, refusal: { code, message, solve, field } };
      }
    },
  );
}
