import { z } from 'zod';

import { answers, POSTED } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { commandRoute } from './command-routes.ts';
import { preview } from '../schemas/documents.ts';
import { accountParams, cents, count, id } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';

export const allocationFields = { enabled: z.boolean(), ceiling: count.nullable().exactOptional() };

const addBody = z.strictObject({ count }).meta({ examples: [{ count: 2 }] });

export const ADD_CODES: readonly ProblemCode[] = [
  ...(['not_subscribed', 'plan_has_no_seats', 'payment_method_required', 'card_declined', 'payment_failed'] as const),
];

/** Seats, who gets one automatically, and ceilings. */
export function seatRoutes(api: Api, context: ApiContext): void {
  const route = { tag: 'Seats', params: accountParams, url: '/v1/accounts/:account/seats' } as const;
  commandRoute(api, context, {
    ...route,
    method: 'POST',
    operationId: 'addSeats',
    summary: 'Add seats',
    description:
      'Cancels scheduled seat removals first, at no charge. The remaining seats are prorated: on a monthly plan on the next ' +
      'invoice, on a yearly plan immediately.',
    body: addBody,
    codes: ADD_CODES,
    command: ({ body }) => ({ type: 'addSeats', count: body.count }),
  });
  commandRoute(api, context, {
    ...route,
    method: 'DELETE',
    operationId: 'removeSeats',
    summary: 'Remove seats at the end of the cycle',
    description:
      'Send either `count` to remove free seats, or `member` to remove the seat of a member, who keeps access until then.',
    query: z.strictObject({
      count: z.coerce.number().pipe(count).exactOptional().meta({ description: 'The number of free seats to remove.' }),
      member: id.exactOptional().meta({ description: 'The member whose seat is removed.' }),
    }),
    codes: [
      'not_subscribed',
      'plan_has_no_seats',
      'seats_in_use',
      'last_seat',
      'unknown_member',
      'no_seat',
      'no_change',
    ],
    command: ({ query: { member, ...rest } }) => ({
      type: 'removeSeats',
      ...rest,
      ...(member === undefined ? {} : { memberId: member }),
    }),
  });
  commandRoute(api, context, {
    ...route,
    url: '/v1/accounts/:account/automatic-allocation',
    method: 'PUT',
    operationId: 'setAutomaticAllocation',
    summary: 'Configure automatic seat allocation',
    description:
      'Applies to new members only; turning it on does not enable existing members. `ceiling` is the highest number of seats ' +
      'that automatic allocation may reach.',
    body: z.strictObject(allocationFields).meta({ examples: [{ enabled: true, ceiling: 20 }] }),
    codes: [],
    command: ({ body }) => ({ type: 'setAutomaticAllocation', ...body }),
  });
  capRoute(api, context);
  seatPreviewRoute(api, context);
}

function capRoute(api: Api, context: ApiContext): void {
  commandRoute(api, context, {
    tag: 'Caps',
    url: '/v1/accounts/:account/caps/:meter',
    params: accountParams.extend({ meter: id }),
    method: 'PUT',
    operationId: 'setCap',
    summary: 'Set the spending cap or budget of a meter',
    description:
      'A higher cap applies immediately. A lower cap refuses further overage; overage that was already used is still charged. ' +
      'null removes an optional cap.',
    body: z.strictObject({ capCents: cents.nullable() }).meta({ examples: [{ capCents: 20_000 }] }),
    codes: ['unknown_meter', 'not_subscribed', 'cap_required', 'cap_not_offered'],
    command: ({ params, body }) => ({ type: 'setCap', meter: params.meter, capCents: body.capCents }),
  });
}

function seatPreviewRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/accounts/:account/seats/preview',
    {
      config: { access: { scope: 'accounts:read', portal: 'admin' } },
      schema: {
        operationId: 'previewSeats',
        tags: ['Seats'],
        summary: 'Preview adding seats',
        description: 'The exact charge now and on the next invoice. Nothing is changed.',
        params: accountParams,
        body: addBody,
        ...answers({ 200: preview }, [
          'unknown_account',
          'member_not_admin',
          'account_closed',
          ...ADD_CODES,
          ...POSTED,
        ]),
      },
    },
    ({ params, body }) => perennial.previewSeats(params.account, body.count),
  );
}
