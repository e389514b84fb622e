import type Stripe from 'stripe';

import { Refusal } from '../billing/refusal.ts';
import type { Database } from '../db/database.ts';
import { findAccount } from '../db/load-account.ts';
import { recordOutcome, recordRequest } from '../db/stripe-requests.ts';
import { attachPaymentMethod } from '../stripe/attach-payment-method.ts';
import type { AccountActivities, Attached } from './account-activities.ts';
import { customerOf } from './customer.ts';

/**
 * Attaches a card at Stripe and makes it the one that is charged. A declined card is an answer, not a fault.
 * Twice: the outcome is remembered under the command's key, and the same card is not attached a second time.
 */
export function createAttachPaymentMethod(db: Database, stripe: Stripe): AccountActivities['attachPaymentMethod'] {
  return async (accountId, { commandId, command }): Promise<Attached> => {
    if (command.type !== 'setPaymentMethod') throw new Error(`${command.type} has no payment method`);
    const loaded = await findAccount(db, accountId, 'none');
    // Without an account there is no customer to make: the command itself is refused when it is applied.
    if (loaded === null) return { context: null, refusal: refusalOf(new Refusal({ code: 'unknown_account', message: `There is no account "${accountId}".` })) };
    const idempotencyKey = `account:${accountId}:attach:${commandId}`;
    const customerId = await customerOf(db, stripe, loaded);
    const { paymentMethodId } = command;
    const known = await recordRequest(db, { idempotencyKey, accountId, parameters: { paymentMethodId, customerId } });
    if (known.outcome !== null) return known.outcome as Attached;
    const answer = await attachPaymentMethod(stripe, { ...known.parameters, idempotencyKey });
    const outcome: Attached =
      answer.kind === 'attached'
        ? { context: { attachedPaymentMethod: { paymentMethodId: answer.paymentMethodId, brand: answer.brand, last4: answer.last4 } }, refusal: null }
        : { context: null, refusal: { code: 'card_declined', message: `The card was declined (${answer.declineCode}): ${answer.message}` } };
    await recordOutcome(db, idempotencyKey, outcome);
    return outcome;
  };
}

function refusalOf({ code, message }: Refusal): Attached['refusal'] {
  return { code, message };
}
