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
  .meta({ id: 'RefusalAnswer', description: 'A "no" that is an answer, not an error (AUD-1).' });

const person = z
  .strictObject({
    id: id.meta({ description: 'The provider’s id, which stays when the login changes (SEA-4).' }),
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
      sender: person.nullable().meta({ description: 'null: a run that nobody triggered.' }),
      visibility: z.enum(['private', 'public']),
      minutes: z
        .number()
        .positive()
        .exactOptional()
        .meta({ description: 'Metered minutes it has used: whole seconds.' }),
      eventId: id.exactOptional().meta({ description: 'Of those minutes, so that a repeat counts them once.' }),
      hold: z
        .strictObject(heldForSender)
        .exactOptional()
        .meta({ description: 'What it may use, reserved before it starts (CRE-13). Not beside `minutes`.' }),
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
      member: z.string().nullable().meta({ description: 'null where nobody becomes a member (SEA-1, SEA-3, SEA-4).' }),
      metered: z.object({ included: z.number(), overage: z.number() }).optional(),
      hold: holdAnswer.optional().meta({ description: 'What was reserved. A public run uses nothing (SEA-1).' }),
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
        summary: 'May this run, or this visit of the dashboard, happen?',
        description:
          'Always 200 where the question is well-formed: `allowed: true`, or `allowed: false` with the reason, a sentence for a person and ' +
          `what to do. Reasons: ${[...REASONS].map((code) => `\`${code}\``).join(', ')}. A newcomer becomes a member (SEA-2). With a ` +
          '`hold` it is allowed only where that has room, and a run that is refused leaves none; the same question again has the same hold.',
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
