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
        summary: 'Retrieve the payment page of an open invoice',
        description:
          'Returns the address of Stripe’s page for the invoice, where it can be paid or confirmed (3-D Secure). Payments on it ' +
          'are recorded as soon as Stripe reports them. Request the address when the page is about to be opened; it expires.',
        params: accountParams.extend({ number: id.meta({ description: 'The invoice number.' }) }),
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
      if (url === null)
        throw unavailableNow(`Invoice ${number} has not reached the payment provider yet. Try again shortly.`);
      return { url };
    },
  );
}
