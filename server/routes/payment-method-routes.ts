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
    summary: 'Set the card that is charged',
    description: 'Stripe’s id of a payment method. What is owed is tried at once with the new one (INV-5).',
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
        summary: 'A page of Stripe’s on which a card is saved',
        description:
          'For the browser of whoever has the card: they type it there, and Stripe sends them back to `returnUrl`: with `card=saved` in its query ' +
          'once a card is saved, without where they left it without one. The card is set, and what is owed tried with it, as soon as Stripe has told so: ask for the account until `paymentMethod` has changed. ' +
          'The page is good for a day. `returnUrl` is under `PERENNIAL_PUBLIC_URL`, or where that is not set under this API’s own address; ' +
          'or under one of `PERENNIAL_RETURN_ORIGINS`.',
        params: accountParams,
        headers: z.object({
          'idempotency-key': z
            .string()
            .optional()
            .meta({ description: 'Repeated with the same content: the same page.' }),
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
