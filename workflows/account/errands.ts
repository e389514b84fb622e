import * as wf from '@temporalio/workflow';

import type { Trouble } from '../../activities/account-activities.ts';
import type { Due } from '../../billing/schedule/dues.ts';
import type { Instant } from '../../billing/calendar/instant.ts';
import { type AccountState, ATTACHING, CLOSING, collecting, lookingAt } from './account-state.ts';
import { briefActivities, errandActivities } from './proxies.ts';

/** How long an invoice rests that Stripe will not take as it is. A new card of the account ends the rest. */
const REST = '6 hours';

/** Collects an invoice, or pays a credit note out, beside the queue, until the try is over, however it ends. What is due later goes on meanwhile. */
export function collectBeside(state: AccountState, due: Due, trouble: Trouble): void {
  const key = collecting(due);
  const { summary } = due;
  state.putErrand(key, { what: summary, trouble });
  void runErrand(state, key, async () => {
    let current: Trouble | null = trouble;
    while (current !== null) {
      if (!current.isTransient) await restUntilAskedAgain(state, due);
      const args = [state.accountId, due, 'beside'] as const;
      const act = due.kind === 'refund' ? errandActivities.refundCreditNote : errandActivities.collectInvoice;
      const collected = await act.executeWithOptions({ summary }, [...args]);
      state.learn(collected.summary);
      current = collected.trouble;
      if (current !== null) state.putErrand(key, { what: summary, trouble: current });
    }
  });
}

async function restUntilAskedAgain(state: AccountState, due: Due): Promise<void> {
  const { cardsSet } = state;
  await wf.condition(() => state.cardsSet > cardsSet, REST, { summary: `${due.summary}, once more` });
}

/** Ends at Stripe what has ended here. */
export function closeBeside(state: AccountState): void {
  const summary = `close ended invoices of ${state.accountId} at Stripe`;
  state.putErrand(CLOSING, { what: summary, trouble: null });
  void runErrand(state, CLOSING, async () => {
    state.learn(await errandActivities.closeAtStripe.executeWithOptions({ summary }, [state.accountId]));
  });
}

/** Asks Stripe how an invoice stands, because a webhook said that something happened to it. */
export function lookBeside(state: AccountState, invoiceId: string, now: Instant): void {
  const { accountId } = state;
  const key = lookingAt(invoiceId);
  const summary = `look at an invoice of ${accountId} at Stripe`;
  state.putErrand(key, { what: summary, trouble: null });
  void runErrand(state, key, async () => {
    try {
      state.learn(await briefActivities.lookAtInvoice.executeWithOptions({ summary }, [accountId, invoiceId, now]));
    } catch (error) {
      if (!(error instanceof wf.ActivityFailure) || wf.isCancellation(error)) throw error;
      wf.log.warn('an invoice could not be looked at; whoever asked asks again', { accountId, invoiceId });
    }
  });
}

/** Sets the cards that were put aside at Stripe, one after the other, and brings each command back to the queue. */
export function attachBeside(state: AccountState, trouble: Trouble): void {
  if (state.hasErrand(ATTACHING)) return;
  const summary = `a card of ${state.accountId}`;
  state.putErrand(ATTACHING, { what: summary, trouble });
  void runErrand(state, ATTACHING, async () => {
    for (let envelope = state.cardAside; envelope !== null; envelope = state.cardAside) {
      const args = [state.accountId, envelope, 'beside'] as const;
      state.bringCardBack(await errandActivities.attachPaymentMethod.executeWithOptions({ summary }, [...args]));
    }
  });
}

/** Activities of errands never fail, but a workflow may be canceled. */
function runErrand(state: AccountState, key: string, errand: () => Promise<void>): Promise<void> {
  return errand()
    .catch((error: unknown) => {
      if (!wf.isCancellation(error)) throw error;
    })
    .finally(() => {
      state.endErrand(key);
    });
}
