import { z } from 'zod';

import { Refusal } from '../../billing/refusal.ts';
import { readPaymentPage } from '../../stripe/read-payment-page.ts';
import { createStripeClient } from '../../stripe/stripe-client.ts';
import { answers } from '../answers/answers.ts';
import type { Api, ApiContext } from '../context/api.ts';
import { unavailableNow } from '../answers/failures.ts';
import { accountParams, id } from '../schemas/fields.ts';
import { HASTY } from './payment-method-routes.ts';

/** Where a person pays one invoice by themselves: with another card, or because their bank wants them to confirm the payment. */
export function paymentPageRoute(api: Api, context: ApiContext): void {
  const stripe = createStripeClient({ ...context.stripe, ...HASTY });
  api.get(
    '/v1/accounts/:account/invoices/:number/payment-page',
    {
      config: { access: { scope: 'accounts:read', portal: 'admin' } },
      schema: {
        operationId: 'getPaymentPage',
        tags: ['Payment'],
        summary: 'Stripe’s page of an open invoice',
        description:
          'To be paid there, or confirmed where the bank asks for it (3-D Secure): a charge that the card’s owner is not there for cannot be. What ' +
          'is paid on it is paid here as soon as Stripe has told so (INV-6). Ask for it when it is to be opened; its address expires.',
        params: accountParams.extend({ number: id.meta({ description: 'The invoice’s number.' }) }),
        ...answers({ 200: z.object({ url: z.string() }).meta({ id: 'PaymentPage' }) }, [
          ...([
            'unknown_account',
            'member_not_admin',
            'unknown_invoice',
            'invoice_not_open',
            'provider_refused',
          ] as const),
        ]),
      },
    },
    async ({ params: { account, number } }) => {
      const { status, stripe: seen } = await context.perennial.read.invoice(account, number);
      if (status !== 'open') {
        throw new Refusal({ code: 'invoice_not_open', message: `Invoice ${number} is ${status}.`, field: 'number' });
      }
      const url = seen === null ? null : await readPaymentPage(stripe, seen.id);
      if (url === null) throw unavailableNow(`Invoice ${number} is not at the payment provider yet.`);
      return { url };
    },
  );
}
