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
      'Seats that await removal are taken back first, at no charge (SBI-12). The rest is prorated: on a monthly plan on the next invoice, ' +
      'on a yearly plan now (SBI-2, SBI-3).',
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
      'Free seats by `count`, or a taken one by its `member`, who keeps access until then (SBI-5, SBI-6). Give one of them.',
    query: z.strictObject({
      count: z.coerce.number().pipe(count).exactOptional().meta({ description: 'Free seats to remove.' }),
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
    summary: 'Whether newcomers get a seat by themselves',
    description:
      'For new members only: turning it on re-enables nobody (SEA-11). `ceiling` is the most seats it may buy up to.',
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
    summary: 'Set the spending cap, or the budget, of a meter',
    description:
      'A raised cap unblocks at once; a lowered one refuses further overage, and what has accrued stays owed (CRE-8). ' +
      'null takes an optional ceiling away.',
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
        summary: 'What more seats would cost',
        description: 'Now, and on the next invoice; exactly what adding them costs (INV-3). Changes nothing.',
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
