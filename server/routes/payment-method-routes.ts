import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { createStripeClient } from '../../stripe/stripe-client.ts';
import { answers, POSTED, WITH_BODY } from '../answers/answers.ts';
import { type Api, type ApiContext, principalOf } from '../context/api.ts';
import { commandRoute } from './command-routes.ts';
import { accountParams, id } from '../schemas/fields.ts';
import { ownerOf } from '../../client/credentials/principal.ts';
import { allowedReturnUrl } from '../context/return-url.ts';

/** A person waits for the page: they hear within seconds that Stripe does not answer, and try again. */
export const HASTY = { timeoutMs: 3_000, maxNetworkRetries: 1 };

/** The card that is charged: by its id at Stripe, or saved by its owner on a page of Stripe's. */
export function paymentMethodRoutes(api: Api, context: ApiContext): void {
  commandRoute(api, context, {
    method: 'PUT',
    url: '/v1/accounts/:account/payment-method',
    operationId: 'setPaymentMethod',
    tag: 'Payment',
    summary: 'Set the card to charge',
    description: 'The Stripe id of a payment method. Amounts owed are charged to the new card immediately.',
    params: accountParams,
    body: z.strictObject({ paymentMethodId: id }).meta({ examples: [{ paymentMethodId: 'pm_card_visa' }] }),
    codes: [...WITH_BODY, 'card_declined'],
    command: ({ body }) => ({ type: 'setPaymentMethod', paymentMethodId: body.paymentMethodId }),
  });
  sessionRoute(api, context);
}

function sessionRoute(api: Api, context: ApiContext): void {
  const stripe = createStripeClient({ ...context.stripe, ...HASTY });
  api.post(
    '/v1/accounts/:account/payment-method-sessions',
    {
      config: { access: { scope: 'accounts:write', portal: 'admin' } },
      schema: {
        operationId: 'createPaymentMethodSession',
        tags: ['Payment'],
        summary: 'Create a Stripe page to save a card',
        description:
          'Cards are entered on Stripe’s secure page. Stripe then redirects to `returnUrl`, with `card=saved` in the query if a ' +
          'card was saved. The card is set, and amounts owed are charged to it, as soon as Stripe reports it: poll the account ' +
          'until `paymentMethod` changes. The page is valid for a day. `returnUrl` must be under `PERENNIAL_PUBLIC_URL`, or under ' +
          'the address of this API if that is not set, or under one of `PERENNIAL_RETURN_ORIGINS`.',
        params: accountParams,
        headers: z.object({
          'idempotency-key': z
            .string()
            .optional()
            .meta({ description: 'Repeating a request with the same content returns the same page.' }),
        }),
        body: z
          .strictObject({ returnUrl: z.string().max(2000) })
          .meta({ examples: [{ returnUrl: 'https://billing.example.com/portal/' }] }),
        ...answers({ 201: z.object({ url: z.string() }).meta({ id: 'PaymentMethodSession' }) }, [
          ...(['unknown_account', 'member_not_admin', 'account_closed', 'provider_refused'] as const),
          ...POSTED,
        ]),
      },
    },
    async (request, reply) => {
      const { params, body, headers, protocol, host } = request;
      const returnUrl = allowedReturnUrl(body.returnUrl, context, { protocol, host });
      const key = headers['idempotency-key'];
      const requestKey = key !== undefined ? `${ownerOf(principalOf(request))} ${key}` : randomUUID();
      const input = { accountId: params.account, returnUrl, requestKey };
      return reply.code(201).send(await context.perennial.openPaymentMethodSession(stripe, input));
    },
  );
}
