import Stripe from 'stripe';
import { z } from 'zod';

import { Refusal } from '../../billing/refusal.ts';
import type { Database } from '../../db/database.ts';
import { storeStripeEvent } from '../../db/stripe/stripe-inbox.ts';
import { verifyStripeEvent } from '../../stripe/stripe-event.ts';

/** A webhook of Stripe as it came: the bytes, not what they were parsed to. */
export interface StripeDelivery {
  readonly rawBody: Buffer;
  readonly signature: string;
  /** One, or two while one is being rotated. */
  readonly secrets: readonly string[];
}

const event = z.object({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  data: z.object({ object: z.object({ id: z.string().min(1).max(255).optional() }) }),
});

/** For checking signatures only: it is never asked for anything over the network. */
const stripe = new Stripe('sk_test_only_for_signatures', { telemetry: false });

/**
 * Keeps what Stripe tells us, to be worked off by a worker; when this resolves, it is committed. Twice: the second one changes nothing.
 * @throws Refusal `invalid_request` unless Stripe signed these very bytes with one of the secrets, within the last 300 seconds.
 */
export async function receiveStripeEvent(db: Database, delivery: StripeDelivery): Promise<void> {
  const { id, type, data } = readEvent(delivery);
  await storeStripeEvent(db, { eventId: id, type, objectId: data.object.id ?? null });
}

function readEvent(delivery: StripeDelivery): z.infer<typeof event> {
  let signed: unknown;
  try {
    signed = verifyStripeEvent(stripe, delivery);
  } catch {
    throw new Refusal({
      code: 'invalid_request',
      message:
        'stripe-signature: the signature does not match the body under a current secret, or is older than 5 minutes.',
      field: 'stripe-signature',
    });
  }
  const parsed = event.safeParse(signed);
  if (parsed.success) return parsed.data;
  throw new Refusal({ code: 'invalid_request', message: 'The body is signed but is not a Stripe event.' });
}
