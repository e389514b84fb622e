import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import type Stripe from 'stripe';

import { isRetryable, isStripeTrouble } from '../stripe/retryable.ts';
import type { Pace, Trouble } from './account-activities.ts';

/** One Stripe account, asked in two tempers: in doubt both ask under the same keys. */
export interface StripeClients {
  /** For work that nobody waits for. */
  readonly patient: Stripe;
  /** For work that an account's queue waits for: hears within seconds that nobody answers. */
  readonly hasty: Stripe;
}

/** How long a queue waits for Stripe, not counting a last request that is under way. */
const QUEUE_WAITS_MS = 4_000;
const FIRST_PAUSE_MS = 200;

type Tried<Result> = { readonly done: Result } | { readonly trouble: Trouble };

/**
 * Does something at Stripe, and says what is wrong there instead of failing: a refusal that stays one at any pace; trouble that may pass
 * only when a queue waits, after some tries. Other errors, ours or the database's, are thrown. What is done must be harmless to repeat.
 */
export async function tryAtStripe<Result>(
  clients: StripeClients,
  pace: Pace,
  act: (stripe: Stripe) => Promise<Result>,
): Promise<Tried<Result>> {
  const giveUpAtMs = performance.now() + QUEUE_WAITS_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    try {
      return { done: await act(pace === 'queue' ? clients.hasty : clients.patient) };
    } catch (error) {
      if (!isStripeTrouble(error)) throw error;
      const trouble = { isTransient: isRetryable(error), message: error.message };
      if (!trouble.isTransient) return { trouble };
      if (pace === 'beside') throw error;
      if (performance.now() + pauseMs > giveUpAtMs) return { trouble };
      await sleep(pauseMs);
    }
  }
}
