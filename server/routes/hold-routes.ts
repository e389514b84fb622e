import { z } from 'zod';

import type { CaptureAnswer, HoldAnswer } from '../../client/holds/held-use.ts';
import { answers, POSTED } from '../answers/answers.ts';
import { actorOf } from '../../client/credentials/principal.ts';
import { type Api, type ApiContext, principalOf } from '../context/api.ts';
import type { FieldsOf } from '../schemas/documents.ts';
import { count, givenInstant, id, instant, quantity } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';

const LONGEST_SECONDS = 35 * 86_400;
const EXPECTED_SECONDS = `expected a whole number of seconds from 1 to ${String(LONGEST_SECONDS)}`;

/** What is reserved; the account stands beside it. */
export const holdFields = {
  id: id.meta({ description: 'Your id of the work: its event will have the same, and no other may (CRE-11).' }),
  feature: id.exactOptional().meta({ description: 'Priced by the catalog. Or a `meter`, or `credits` alone.' }),
  meter: id.exactOptional().meta({ description: 'Instead of a feature; `quantity` is in its unit.' }),
  quantity: quantity
    .exactOptional()
    .meta({ description: 'Uses of the feature, whole ones, or units of the meter. Default 1.' }),
  credits: count.exactOptional().meta({ description: 'Units of the meter, instead of a quantity.' }),
  member: id.exactOptional(),
  model: id.exactOptional(),
  expiresInSeconds: z
    .int(EXPECTED_SECONDS)
    .min(1, EXPECTED_SECONDS)
    .max(LONGEST_SECONDS, EXPECTED_SECONDS)
    .exactOptional()
    .meta({ description: 'It holds nothing any more after that. Default 3,600; at most 35 days.' }),
  expiresAt: givenInstant.exactOptional().meta({ description: 'Instead of `expiresInSeconds`.' }),
};

const holdParams = z.object({ hold: id.meta({ description: 'The id under which it was placed.' }) });

const used = {
  meter: z.string(),
  included: z.number().meta({ description: 'Drawn from what the plan includes, in the meter’s unit.' }),
  overage: z.number(),
  trial: z.number().meta({ description: 'Used in the trial, free of charge.' }),
};

export const holdAnswer = z
  .object({
    id: z.string(),
    meter: z.string(),
    held: z.number().meta({ description: 'In the meter’s unit.' }),
    expiresAt: instant,
  } satisfies FieldsOf<HoldAnswer>)
  .meta({ id: 'Hold' });

const captureAnswer = z
  .object({
    id: z.string(),
    ...used,
    released: z.number().meta({ description: 'What was held and not used.' }),
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
        summary: 'Reserve before work starts',
        description:
          'What is held has its place in what is included, then under the cap, until it is captured, released, or expires by itself ' +
          '(CRE-13). The same id and content again is the same hold.',
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
        summary: 'Record what the work has used of its hold',
        description:
          'One event, with the hold’s id and the date on which it was placed; the rest is released. It is taken whatever has become of the ' +
          'cap or the payment since. Without an amount all of it was used. The same again gets the first answer.',
        params: holdParams,
        body: z
          .strictObject({
            account: id,
            feature: id.exactOptional().meta({ description: 'The one that it was held for, if it is said again.' }),
            model: id.exactOptional().meta({ description: 'Where only now it is known: its price counts.' }),
            quantity: quantity.exactOptional().meta({ description: 'In the terms in which it was placed.' }),
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
        summary: 'Give all of a hold back',
        description: 'The work did not begin, or used nothing. The same again gets the first answer.',
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
        summary: 'Give back what an event took that failed',
        description:
          'Whole and once, overage first, to the cycle it came from; where that was invoiced, the next invoice has a negative adjustment ' +
          '(CRE-14). Also what a hold’s capture took, by the hold’s id. The answer’s parts say what came back to where; the same again gets ' +
          'the first answer.',
        params: z.object({ event: id.meta({ description: 'The id under which it was recorded.' }) }),
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
