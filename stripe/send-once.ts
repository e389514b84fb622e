import { createHash } from 'node:crypto';

import Stripe from 'stripe';
import { StripeBoundaryError } from './stripe-boundary-error.ts';

/** How many keys one act may use up; each but the first needs a 500 that Stripe stored. */
const MAX_KEYS = 3;

/**
 * Sends one business act so that it happens once (INV-4).
 *
 * A lost answer is repeated under the same key by the SDK and then by whoever retries us. A 500 is different: Stripe stores
 * it under the key and replays it for at least 24 hours (https://docs.stripe.com/api/idempotent_requests), whether or not
 * the act took effect. So when a 500 comes back as a replay, the act is looked up, and only if it is not there is it sent
 * again under the next key. `lookUp` must read consistently (a retrieve or a list, never a search).
 */
export async function sendOnce<T>(act: {
  readonly idempotencyKey: string;
  readonly send: (options: { readonly idempotencyKey: string }) => Promise<T>;
  readonly lookUp: () => Promise<T | null>;
}): Promise<T> {
  for (let used = 1; used <= MAX_KEYS; used += 1) {
    const name = used === 1 ? act.idempotencyKey : `${act.idempotencyKey}:${String(used)}`;
    const idempotencyKey = asHeader(name);
    try {
      return await act.send({ idempotencyKey });
    } catch (error) {
      if (!isStoredFailure(error)) throw error;
      const found = await act.lookUp();
      if (found !== null) return found;
    }
  }
  throw new StripeBoundaryError(
    'outcome_unknown',
    `Stripe answered 500 to ${act.idempotencyKey} under ${String(MAX_KEYS)} keys; it is not there. Try again later.`,
  );
}

/** Ids of accounts and commands may be in any script, and together longer than the 255 characters that Stripe takes; a header may not. */
function asHeader(name: string): string {
  if (/^[\x20-\x7e]{1,255}$/.test(name)) return name;
  return `sha256:${createHash('sha256').update(name).digest('hex')}`;
}

/** A 500 that this key will get from now on. The first 500 of a key is not yet known to be stored: it is retried as it is. */
function isStoredFailure(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeAPIError)) return false;
  const headers: Readonly<Record<string, string | undefined>> = error.headers ?? {};
  return (error.statusCode ?? 0) >= 500 && headers['idempotent-replayed'] === 'true';
}
