import Stripe from 'stripe';

import type { Envelope } from '../billing/model/command.ts';
import { isActingAdmin, notActingAdmin } from '../billing/seats/acting-admin.ts';
import type { Database } from '../db/database.ts';
import { findAccount, type LoadedAccount, unknownAccount } from '../db/account/load-account.ts';
import { forgetRequest, recordOutcome, recordRequest } from '../db/stripe/stripe-requests.ts';
import { attachPaymentMethod } from '../stripe/attach-payment-method.ts';
import type { AccountActivities, Attached } from './account-activities.ts';
import { refusalAnswer } from './refusal-answer.ts';
import { customerOf } from './customer.ts';
import { type StripeClients, tryAtStripe } from './try-at-stripe.ts';

/**
 * Attaches a card at Stripe and makes it the one that is charged. A declined card is an answer, not a fault.
 * Twice: the outcome is remembered under the command's key, and the same card is not attached a second time.
 */
export function createAttachPaymentMethod(
  db: Database,
  clients: StripeClients,
): AccountActivities['attachPaymentMethod'] {
  return async (accountId, envelope, pace = 'queue'): Promise<Attached> => {
    const loaded = await findAccount(db, accountId, 'none');
    // Without an account there is no customer to make: the command itself is refused when it is applied.
    if (loaded === null) return { context: null, refusal: refusalAnswer(unknownAccount(accountId)) };
    const { onBehalfOf } = envelope;
    // SEA-17: the command would be refused for it when it is decided; by then the card would be the one that Stripe charges.
    if (onBehalfOf !== undefined && !isActingAdmin(loaded.facts, onBehalfOf))
      return { context: null, refusal: refusalAnswer(notActingAdmin(accountId, onBehalfOf)) };
    const tried = await tryAtStripe(clients, pace, (stripe) => attach(db, stripe, loaded, envelope));
    if ('done' in tried) return tried.done;
    const { trouble } = tried;
    if (trouble.isTransient) return { context: null, refusal: null, trouble };
    const message = `The card cannot be set. The payment provider answered: "${trouble.message}"`;
    return { context: null, refusal: { code: 'provider_refused', message } };
  };
}

async function attach(
  db: Database,
  stripe: Stripe,
  loaded: LoadedAccount,
  { commandId, command }: Envelope,
): Promise<Attached> {
  if (command.type !== 'setPaymentMethod') throw new Error(`${command.type} has no payment method`);
  const { accountId } = loaded.facts.account;
  const idempotencyKey = `account:${accountId}:attach:${commandId}`;
  const customerId = await customerOf(db, stripe, { accountId, ...loaded.place });
  const { paymentMethodId } = command;
  const known = await recordRequest(db, { idempotencyKey, accountId, parameters: { paymentMethodId, customerId } });
  if (known.outcome !== null) return known.outcome as Attached;
  try {
    const outcome = plainOutcome(await attachPaymentMethod(stripe, { ...known.parameters, idempotencyKey }));
    await recordOutcome(db, { idempotencyKey, outcome });
    return outcome;
  } catch (error) {
    const refusal = refusalOfUnusable(error, paymentMethodId);
    if (refusal === null) throw error;
    await forgetRequest(db, idempotencyKey);
    return { context: null, refusal };
  }
}

function plainOutcome(answer: Awaited<ReturnType<typeof attachPaymentMethod>>): Attached {
  if (answer.kind === 'declined') {
    const message = `The card was declined (${answer.declineCode}): ${answer.message}`;
    return { context: null, refusal: { code: 'card_declined', message } };
  }
  const { paymentMethodId, brand, last4 } = answer;
  return { context: { attachedPaymentMethod: { paymentMethodId, brand, last4 } }, refusal: null };
}

/** An id that Stripe does not know, or that is somebody else's: an answer for who asked, not a fault to be retried for ever. */
function refusalOfUnusable(error: unknown, paymentMethodId: string): Attached['refusal'] {
  if (!(error instanceof Stripe.errors.StripeInvalidRequestError) || error.param === 'customer') return null;
  const message = `paymentMethodId: "${paymentMethodId}" cannot be used: ${error.message}`;
  return { code: 'invalid_request', message, field: 'paymentMethodId' };
}
