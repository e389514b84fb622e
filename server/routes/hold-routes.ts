import { z } from 'zod';

import type { CaptureAnswer, HoldAnswer } from '../../client/holds/held-use.ts';
import { answers, POSTED } from '../answers/answers.ts';
import { actorOf } from '../../client/credentials/principal.ts';
import { type Api, type ApiContext, principalOf } from '../context/api.ts';
import type { FieldsOf } from '../schemas/documents.ts';
import { count, givenInstant, id, instant, quantity } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';
import { formatCount } from '../../billing/model/counts.ts';

const LONGEST_SECONDS = 35 * 86_400;
const EXPECTED_SECONDS = `expected a whole number of seconds from 1 to ${formatCount(LONGEST_SECONDS)}`;

/** What is reserved; the account stands beside it. */
export const holdFields = {
  id: id.meta({ description: 'Your id of the work. Its usage event gets the same id, which no other event can have.' }),
  feature: id
    .exactOptional()
    .meta({ description: 'A feature, priced by the catalog. Alternatively, send a `meter`, or `credits` alone.' }),
  meter: id.exactOptional().meta({ description: 'Instead of a feature; `quantity` is then in its unit.' }),
  quantity: quantity
    .exactOptional()
    .meta({ description: 'How often the feature is used, or units of the meter. Default: 1.' }),
  credits: count.exactOptional().meta({ description: 'Units of the meter, instead of a quantity.' }),
  member: id.exactOptional(),
  model: id.exactOptional(),
  expiresInSeconds: z
    .int(EXPECTED_SECONDS)
    .min(1, EXPECTED_SECONDS)
    .max(LONGEST_SECONDS, EXPECTED_SECONDS)
    .exactOptional()
    .meta({ description: 'The hold expires after this number of seconds. Default: 3,600; at most 35 days.' }),
  expiresAt: givenInstant.exactOptional().meta({ description: 'Instead of `expiresInSeconds`.' }),
};

const holdParams = z.object({ hold: id.meta({ description: 'The id of the hold.' }) });

const used = {
  meter: z.string(),
  included: z.number().meta({ description: 'Covered by the included amount, in the unit of the meter.' }),
  overage: z.number(),
  trial: z.number().meta({ description: 'Used in the trial, free of charge.' }),
};

export const holdAnswer = z
  .object({
    id: z.string(),
    meter: z.string(),
    held: z.number().meta({ description: 'In the unit of the meter.' }),
    expiresAt: instant,
  } satisfies FieldsOf<HoldAnswer>)
  .meta({ id: 'Hold' });

const captureAnswer = z
  .object({
    id: z.string(),
    ...used,
    released: z.number().meta({ description: 'The part of the hold that was not used.' }),
  } satisfies FieldsOf<CaptureAnswer>)
  .meta({ id: 'Capture' });

const access = { scope: 'usage:write', portal: null } as const;
const OF_ANY: readonly ProblemCode[] = [...POSTED, 'unknown_account', 'account_closed'];

/** Work whose cost is known only afterwards: reserved before it starts, captured when it is done, given back when it failed. */
export function holdRoutes(api: Api, context: ApiContext): void {
  placeRoute(api, context);
  captureRoute(api, context);
  releaseRoute(api, context);
  reversalRoute(api, context);
}

function placeRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/holds',
    {
      config: { access },
      schema: {
        operationId: 'placeHold',
        tags: ['Use'],
        summary: 'Place a hold',
        description:
          'Reserves usage before work starts: from the included amount first, then under the spending cap, until the hold is ' +
          'captured, released, or expires. Repeating the same id and content returns the same hold.',
        body: z
          .strictObject({ account: id, ...holdFields })
          .meta({ examples: [{ account: 'acme', id: 'run-1', feature: 'pr-review', expiresInSeconds: 600 }] }),
        ...answers({ 201: holdAnswer }, [
          ...OF_ANY,
          ...(['unknown_feature', 'unknown_meter', 'trial_ended', 'subscription_ended', 'not_subscribed'] as const),
          ...(['payment_failed', 'spending_cap_reached', 'budget_reached'] as const),
        ]),
      },
    },
    async ({ body: { account, ...wanted } }, reply) => reply.code(201).send(await perennial.hold(account, wanted)),
  );
}

function captureRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/holds/:hold/capture',
    {
      config: { access },
      schema: {
        operationId: 'captureHold',
        tags: ['Use'],
        summary: 'Capture a hold',
        description:
          'Records one event with the id of the hold and the date on which it was placed, and releases the rest. A capture is ' +
          'accepted even if the cap was lowered or a payment has failed since. Without an amount, the full hold is captured. ' +
          'Repeating the request returns the original response.',
        params: holdParams,
        body: z
          .strictObject({
            account: id,
            feature: id.exactOptional().meta({ description: 'The feature of the hold; optional.' }),
            model: id
              .exactOptional()
              .meta({ description: 'The model, if it was not known when the hold was placed; its price applies.' }),
            quantity: quantity.exactOptional().meta({ description: 'In the terms in which the hold was placed.' }),
            credits: count.exactOptional(),
          })
          .meta({ examples: [{ account: 'acme', credits: 120 }] }),
        ...answers({ 200: captureAnswer }, [
          ...OF_ANY,
          'unknown_hold',
          'hold_not_open',
          'unknown_feature',
          'unknown_meter',
        ]),
      },
    },
    ({ params, body: { account, ...amount } }) => perennial.capture(account, { id: params.hold, ...amount }),
  );
}

function releaseRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/holds/:hold/release',
    {
      config: { access },
      schema: {
        operationId: 'releaseHold',
        tags: ['Use'],
        summary: 'Release a hold',
        description:
          'For work that did not start or used nothing. Repeating the request returns the original response.',
        params: holdParams,
        body: z.strictObject({ account: id }).meta({ examples: [{ account: 'acme' }] }),
        ...answers({ 200: z.object({ id: z.string(), meter: z.string(), released: z.number() }) }, [
          ...OF_ANY,
          ...(['unknown_hold', 'hold_not_open'] as const),
        ]),
      },
    },
    ({ params, body }) => perennial.release(body.account, { id: params.hold }),
  );
}

function reversalRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/usage/:event/reversal',
    {
      config: { access },
      schema: {
        operationId: 'reverseUsage',
        tags: ['Use'],
        summary: 'Reverse a usage event',
        description:
          'Reverses the full event, once. Overage is given back first, to the cycle of the event; if that cycle is already ' +
          'invoiced, the next invoice has a negative adjustment. Captures can be reversed by the id of the hold. The response ' +
          'shows which parts were given back. Repeating the request returns the original response.',
        params: z.object({ event: id.meta({ description: 'The id of the recorded event.' }) }),
        body: z.strictObject({ account: id }).meta({ examples: [{ account: 'acme' }] }),
        ...answers({ 200: z.object({ id: z.string(), ...used }).meta({ id: 'Reversal' }) }, [
          ...OF_ANY,
          'unknown_event',
        ]),
      },
    },
    (request) =>
      perennial.reverseUsage(request.body.account, {
        id: request.params.event,
        actor: actorOf(principalOf(request)),
      }),
  );
}
