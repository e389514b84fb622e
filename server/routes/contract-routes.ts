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
  includedPerMonth: units.meta({ description: 'In the meter’s unit.' }),
  overage: z
    .strictObject({ cents, per: z.int().min(1) })
    .nullable()
    .exactOptional()
    .meta({ description: '`cents` for every `per` units beyond. Default none: use ends with what is included.' }),
  capCents: cents
    .nullable()
    .exactOptional()
    .meta({ description: 'The most that overage may cost. Default no ceiling.' }),
});

/** The same limits as billing/commands/contract-shape.ts, so that they can be documented. */
const contractBody = z
  .strictObject({
    plan: id.meta({ description: 'A plan of the catalog that is not self-serve.' }),
    interval,
    priceCents: cents.meta({ description: 'Per interval, whatever is used; 0 where only seats are paid.' }),
    seats: z
      .strictObject({ count, priceCents: cents })
      .exactOptional()
      .meta({ description: 'What each costs per interval.' }),
    meters: z
      .record(named, meterTerms)
      .exactOptional()
      .meta({ description: 'One that is absent is not part of the contract.' }),
    invoiceDueDays: z.int().min(1).max(MOST_DUE_DAYS).exactOptional().meta({
      description: 'Invoices are sent, and due so many days later. Default: the card is charged.',
    }),
    attributes: z.record(named, z.string().max(500)).exactOptional().meta({
      description: 'Support level, deployment option and the like: shown on the account’s page (CAT-3).',
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
    summary: 'Write down what was agreed with one customer',
    description:
      'The same product on its own terms (CRE-18). A first contract begins at once, in a trial at its end; one that follows another at the next ' +
      'boundary. `startNow` begins either at once, and what is paid already is credited.',
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
    summary: 'Set whom notices are mailed to',
    description:
      'In place of those before; nobody is fine. Mail is sent where the installation has SMTP set up (CRE-15).',
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
          'The first invoice of a contract, with the credit for the unused part of what is paid already, and the invoice after it. What setting ' +
          'the contract would refuse is refused. Changes nothing.',
        params: accountParams,
        body: contractBody,
        ...answers({ 200: preview }, ['unknown_account', 'account_closed', ...CONTRACT_CODES, ...POSTED]),
      },
    },
    ({ params, body }) => perennial.preview(params.account, { type: 'setContract', ...body }),
  );
}
