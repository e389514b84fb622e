import type { FastifyInstance } from 'fastify';

import type { StripeDelivery } from '../../stripe-events.ts';

/** An event carries one object; the largest, an invoice, has no more than ten of its lines in it. */
const BODY_LIMIT_BYTES = 1_048_576;

export interface StripeWebhookContext {
  /** The endpoint's signing secrets at the moment: two while one is being rotated, none where Stripe cannot reach us. */
  readonly secrets: () => readonly string[];
  /** Resolves when the event is kept. */
  readonly receive: (delivery: StripeDelivery) => Promise<void>;
}

/**
 * Where Stripe tells what happened there. Answered when the event is kept, and before anything is done about it: Stripe waits for nobody
 * (https://docs.stripe.com/webhooks#acknowledge-events-immediately). Open to everybody, because the signature says who it is.
 */
export function stripeWebhookRoute(app: FastifyInstance, { secrets, receive }: StripeWebhookContext): void {
  void app.register((scope) => {
    // The signature is over the bytes; what they say is read after it was checked.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
    scope.post('/webhooks/stripe', { bodyLimit: BODY_LIMIT_BYTES }, async (request) => {
      const signature = request.headers['stripe-signature'];
      await receive({
        rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
        signature: typeof signature === 'string' ? signature : '',
        secrets: secrets(),
      });
      return { received: true };
    });
    return Promise.resolve();
  });
}
