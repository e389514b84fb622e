import type { Api, ApiContext } from '../context/api.ts';

/** An event carries one object; the largest, an invoice, has no more than ten of its lines in it. */
const BODY_LIMIT_BYTES = 1_048_576;

/**
 * Where Stripe tells what happened there. Answered when the event is kept, and before anything is done about it: Stripe waits for nobody
 * (https://docs.stripe.com/webhooks#acknowledge-events-immediately). Open to everybody, because the signature says who it is; not in the
 * OpenAPI document, because nobody but Stripe has a use for it.
 */
export function stripeWebhookRoute(
  api: Api,
  { perennial, stripeWebhookSecrets = () => [] }: Pick<ApiContext, 'perennial' | 'stripeWebhookSecrets'>,
): void {
  void api.register((scope) => {
    // The signature is over the bytes; what they say is read after it was checked.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
    scope.post(
      '/webhooks/stripe',
      { bodyLimit: BODY_LIMIT_BYTES, config: { access: 'public' }, schema: { hide: true } },
      async ({ headers, body }) => {
        const signature = headers['stripe-signature'];
        await perennial.receiveStripeEvent({
          rawBody: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
          signature: typeof signature === 'string' ? signature : '',
          secrets: stripeWebhookSecrets(),
        });
        return { received: true };
      },
    );
    return Promise.resolve();
  });
}
