import { z } from 'zod';

import { answers, POSTED, WITH_BODY } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { commandRoute } from './command-routes.ts';
import { preview } from '../schemas/documents.ts';
import { accountParams, cents, count, id, interval } from '../schemas/fields.ts';
import type { ProblemCode } from '../schemas/http-codes.ts';

const units = z.int().min(0).max(1_000_000_000_000);
const named = z.string().min(1).max(100);
const MOST_DUE_DAYS = 365;

const meterTerms = z.strictObject({
  includedPerMonth: units.meta({ description: 'In the unit of the meter.' }),
  overage: z
    .strictObject({ cents, per: z.int().min(1) })
    .nullable()
    .exactOptional()
    .meta({
      description:
        'The overage price: `cents` for every `per` units. Default: no overage; usage ends with the included amount.',
    }),
  capCents: cents.nullable().exactOptional().meta({ description: 'The spending cap on overage. Default: no cap.' }),
});

/** The same limits as billing/commands/contract-shape.ts, so that they can be documented. */
const contractBody = z
  .strictObject({
    plan: id.meta({ description: 'A plan of the catalog that is not self-serve.' }),
    interval,
    priceCents: cents.meta({
      description: 'The flat price per interval, independent of usage; 0 if only seats are charged.',
    }),
    seats: z
      .strictObject({ count, priceCents: cents })
      .exactOptional()
      .meta({ description: 'The price per seat and interval.' }),
    meters: z
      .record(named, meterTerms)
      .exactOptional()
      .meta({ description: 'A meter that is absent is not part of the contract.' }),
    invoiceDueDays: z.int().min(1).max(MOST_DUE_DAYS).exactOptional().meta({
      description: 'Invoices are sent and due after this number of days. Default: the card is charged.',
    }),
    attributes: z.record(named, z.string().max(500)).exactOptional().meta({
      description: 'Attributes to show on the account page, such as a support level or a deployment option.',
    }),
    startNow: z.boolean().exactOptional(),
  })
  .meta({
    examples: [
      {
        ...{ plan: 'enterprise', interval: 'year', priceCents: 1_200_000, invoiceDueDays: 30 },
        meters: { credits: { includedPerMonth: 50_000, overage: { cents: 1, per: 1 }, capCents: 500_000 } },
        attributes: { support: '24 × 7' },
      },
    ],
  });

const CONTRACT_CODES: readonly ProblemCode[] = [
  ...(['unknown_plan', 'unknown_meter', 'cap_not_offered', 'plan_has_no_seats', 'not_enough_seats'] as const),
  ...(['payment_method_required', 'card_declined', 'payment_failed', 'change_pending', 'no_change'] as const),
];

/** What an operator agreed on with one customer, and whom its notices go to. */
export function contractRoutes(api: Api, context: ApiContext): void {
  commandRoute(api, context, {
    method: 'PUT',
    url: '/v1/accounts/:account/contract',
    operationId: 'setContract',
    tag: 'Operator',
    summary: 'Set a contract',
    description:
      'Sells a plan to one customer on custom terms. A first contract starts immediately, or at the end of a trial; a ' +
      'contract that replaces another starts at the next renewal. With `startNow` it starts immediately in either case, and ' +
      'what is already paid is credited.',
    onlyOperators: true,
    params: accountParams,
    body: contractBody,
    codes: [...CONTRACT_CODES, ...WITH_BODY],
    command: ({ body }) => ({ type: 'setContract', ...body }),
  });
  previewRoute(api, context);
  commandRoute(api, context, {
    method: 'PUT',
    url: '/v1/accounts/:account/billing-contacts',
    operationId: 'setBillingContacts',
    tag: 'Payment',
    summary: 'Set the billing email addresses',
    description:
      'Replaces the current addresses; the list may be empty. Emails are sent if the installation has SMTP configured.',
    params: accountParams,
    body: z
      .strictObject({ emails: z.array(z.string().min(3).max(254)).max(20) })
      .meta({ examples: [{ emails: ['billing@example.com'] }] }),
    codes: WITH_BODY,
    command: ({ body }) => ({ type: 'setBillingContacts', ...body }),
  });
}

function previewRoute(api: Api, { perennial }: ApiContext): void {
  api.post(
    '/v1/accounts/:account/contract/preview',
    {
      config: { access: { scope: 'operator', portal: null } },
      schema: {
        operationId: 'previewContract',
        tags: ['Operator'],
        summary: 'Preview a contract',
        description:
          'The first invoice of a contract, including the credit for the unused part of what is already paid, and the invoice ' +
          'after it. Returns the error that setting the contract would be refused with. Nothing is changed.',
        params: accountParams,
        body: contractBody,
        ...answers({ 200: preview }, ['unknown_account', 'account_closed', ...CONTRACT_CODES, ...POSTED]),
      },
    },
    ({ params, body }) => perennial.preview(params.account, { type: 'setContract', ...body }),
  );
}
