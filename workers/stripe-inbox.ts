import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type Stripe from 'stripe';

import { clockOfOpenAccount } from '../db/account/account-clock.ts';
import type { Database } from '../db/database.ts';
import { claimStripeEvents, type InboxEvent, putStripeEventOff, settleStripeEvent } from '../db/stripe/stripe-inbox.ts';
import { findByStripeCustomer, findByStripeInvoice } from '../db/stripe/stripe-invoices.ts';
import { readInvoiceStatus } from '../stripe/read-invoice-status.ts';
import { readSavedCard } from '../stripe/read-saved-card.ts';
import { accountWorkflowId, lookAtInvoice } from '../workflows/account/account-messages.ts';
import { accountRun, missingRun } from '../workflows/account/account-run.ts';
import type { accountWorkflow } from '../workflows/account/account-workflow.ts';
import { poll, type Polling } from './polling/poll.ts';

export interface InboxContext {
  readonly db: Database;
  readonly stripe: Stripe;
  readonly temporal: Client;
  /** Where the runs of accounts are worked on. */
  readonly taskQueue: string;
}

const POLL_INTERVAL_MS = 500;
const EVENTS_AT_ONCE = 10;
/** 2 s, 4 s, 8 s … and then every quarter of an hour, until it is done. */
const LONGEST_DELAY_SECONDS = 900;

/** What became of an event: done with, or to be looked at again because its effect is still to come. */
interface Handled {
  readonly isDone: boolean;
  readonly outcome: string;
}

/**
 * Works off what Stripe's webhooks have told us. An event is no more than a hint to look: at what Stripe has now, whatever the event says
 * and in whatever order events come. It wakes the account's workflow, and is done with when that has had its effect.
 * Twice, late, after a crash: the same look again. Never: the account's next try to collect finds the same.
 */
export function startStripeInbox(context: InboxContext): Polling {
  return poll('the inbox of Stripe', POLL_INTERVAL_MS, async () => {
    const events = await claimStripeEvents(context.db, EVENTS_AT_ONCE);
    await Promise.all(events.map((event) => workOff(context, event)));
    return events.length === EVENTS_AT_ONCE;
  });
}

async function workOff(context: InboxContext, event: InboxEvent): Promise<void> {
  const delaySeconds = Math.min(LONGEST_DELAY_SECONDS, 2 ** Math.min(event.attempts, 10));
  try {
    const { isDone, outcome } = await handle(context, event);
    if (isDone) await settleStripeEvent(context.db, event.eventId, outcome);
    else await putStripeEventOff(context.db, event.eventId, { delaySeconds, problem: outcome });
  } catch (error) {
    await putStripeEventOff(context.db, event.eventId, { delaySeconds, problem: String(error).slice(0, 500) });
  }
}

async function handle(context: InboxContext, { type, objectId }: InboxEvent): Promise<Handled> {
  if (objectId === null) return ignored('it names no object');
  try {
    switch (type) {
      case 'invoice.paid':
      case 'invoice.voided':
      case 'invoice.marked_uncollectible':
        return await invoiceChanged(context, objectId);
      case 'checkout.session.completed':
        return await cardSaved(context, objectId);
      default:
        return ignored('nothing depends on it');
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return ignored('the account is closed, and its workflow has ended');
    throw error;
  }
}

/** Told again until the books know: the workflow may not get an answer from Stripe at its first look. */
async function invoiceChanged(context: InboxContext, stripeInvoiceId: string): Promise<Handled> {
  const { db, stripe } = context;
  const ours = await findByStripeInvoice(db, stripeInvoiceId);
  if (ours === null) return ignored('this is no invoice of ours');
  const { accountId, invoiceId, status } = ours;
  const stripeStatus = await readInvoiceStatus(stripe, stripeInvoiceId);
  // What is void here and was paid there is noted; a reconciliation names it, and nobody is charged or served by guessing.
  const isOwed = (status === 'open' || status === 'uncollectible') && stripeStatus === 'paid';
  if (!isOwed && ours.stripeStatus === stripeStatus) return { isDone: true, outcome: `known: ${stripeStatus}` };
  await tell(context, accountId, lookAtInvoice.name, invoiceId);
  return { isDone: false, outcome: `told ${accountId}` };
}

/** The session names the act, not the event: two events about one session are one command. */
async function cardSaved(context: InboxContext, sessionId: string): Promise<Handled> {
  const { db, stripe } = context;
  const card = await readSavedCard(stripe, sessionId);
  if (card === null) return ignored('no card was saved in this session');
  const accountId = await findByStripeCustomer(db, card.customerId);
  if (accountId === null) return ignored('this is no customer of ours');
  const message = { paymentMethodId: card.paymentMethodId, commandId: `stripe ${sessionId}`, actor: 'stripe' };
  await tell(context, accountId, 'setPaymentMethod', message);
  return { isDone: true, outcome: `told ${accountId}` };
}

/** An open account whose run is missing gets one: whatever ended it, what was paid at Stripe is the account's. @throws WorkflowNotFoundError of a closed one. */
async function tell(
  { db, temporal, taskQueue }: InboxContext,
  accountId: string,
  signal: string,
  message: unknown,
): Promise<void> {
  try {
    await temporal.workflow.getHandle(accountWorkflowId(accountId)).signal(signal, message);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const clock = await clockOfOpenAccount(db, accountId);
    if (clock === null) throw error;
    await temporal.workflow.signalWithStart<typeof accountWorkflow, [unknown]>('accountWorkflow', {
      ...accountRun({ accountId, clock, taskQueue, staticSummary: missingRun(accountId) }),
      ...{ signal, signalArgs: [message] },
    });
  }
}

function ignored(why: string): Handled {
  return { isDone: true, outcome: `ignored: ${why}` };
}
