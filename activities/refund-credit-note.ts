import type Stripe from 'stripe';

import { decideRefund } from '../billing/invoicing/decide-refund.ts';
import type { CreditNote } from '../billing/model/facts.ts';
import { linesCredited } from '../billing/invoicing/lines-in-order.ts';
import { refusalsOf, revokeAnswers } from '../db/account/commands.ts';
import { commandOfCreditNote, saveStripeCreditNote } from '../db/account/credit-notes.ts';
import type { Database } from '../db/database.ts';
import { loadAccount } from '../db/account/load-account.ts';
import { saveDecision } from '../db/account/save-decision.ts';
import { findStripeInvoice } from '../db/stripe/stripe-invoices.ts';
import { recordOutcome, recordRequest } from '../db/stripe/stripe-requests.ts';
import { refundLines, type RefundOutcome } from '../stripe/refund-lines.ts';
import type { AccountActivities, Pace, RefusalAnswer, Trouble } from './account-activities.ts';
import { requireSummary } from './read-account.ts';
import { type StripeClients, tryAtStripe } from './try-at-stripe.ts';

/**
 * Gives the money of one credit note back to the card, and records how that ended (INV-7).
 * Twice or late: the outcome is stored under the credit note's key, and one that has ended is not refunded again. In doubt (a request was
 * sent, no answer came): the retry finds the credit note at Stripe by our id. Never: it stays pending, and the workflow asks for ever.
 */
export function createRefundCreditNote(db: Database, clients: StripeClients): AccountActivities['refundCreditNote'] {
  return async (accountId, { creditNoteId = '', at }, pace = 'queue') => {
    const { facts } = await loadAccount(db, accountId);
    const note = facts.pendingCreditNotes.find((candidate) => candidate.creditNoteId === creditNoteId);
    const trouble = note === undefined ? null : await refundPending(db, clients, { accountId, note, at }, pace);
    // Read, not remembered: a repeat after a crash has to tell the caller the same.
    const commandId = await commandOfCreditNote(db, creditNoteId);
    const revoked = await refusalsOf(db, accountId, commandId === null ? [] : [commandId]);
    return { revoked, summary: await requireSummary(db, accountId), trouble };
  };
}

interface Pending {
  readonly accountId: string;
  readonly note: CreditNote;
  readonly at: CreditNote['issuedAt'];
}

async function refundPending(
  db: Database,
  clients: StripeClients,
  pending: Pending,
  pace: Pace,
): Promise<Trouble | null> {
  const tried = await tryAtStripe(clients, pace, (stripe) => refund(db, stripe, pending));
  if (!('done' in tried)) return tried.trouble;
  await recordRefund(db, pending, tried.done);
  return null;
}

async function refund(db: Database, stripe: Stripe, { accountId, note }: Pending): Promise<RefundOutcome> {
  const { creditNoteId, number, reason, currency, invoiceId } = note;
  const invoice = await findStripeInvoice(db, invoiceId);
  if (invoice?.stripeInvoiceId == null)
    return { kind: 'refused', message: 'The invoice was not paid through Stripe.', refundedByHandMinor: 0 };
  const { stripeInvoiceId } = invoice;
  const idempotencyKey = `credit-note:${creditNoteId}:refund`;
  const lines = linesCredited(note).map(({ lineId, amount }) => ({ lineId, amount }));
  const parameters = { stripeInvoiceId, creditNoteId, number, reason, currency, lines };
  const known = await recordRequest(db, { idempotencyKey, accountId, parameters });
  if (known.outcome !== null) return known.outcome as RefundOutcome;
  const outcome = await refundLines(stripe, { ...known.parameters, idempotencyKey });
  await recordOutcome(db, { idempotencyKey, outcome });
  return outcome;
}

async function recordRefund(db: Database, { accountId, note, at }: Pending, outcome: RefundOutcome): Promise<void> {
  const { creditNoteId } = note;
  await db.transaction(async (trx) => {
    const { facts, catalog } = await loadAccount(trx, accountId, 'exclusive');
    // Somebody else was here first: a repeat writes nothing.
    if (!facts.pendingCreditNotes.some((pending) => pending.creditNoteId === creditNoteId)) return;
    const decision = decideRefund(facts, catalog, creditNoteId, plainOutcome(outcome), at);
    await saveDecision(trx, decision);
    if (outcome.kind === 'refunded') await saveStripeCreditNote(trx, creditNoteId, outcome.stripeCreditNoteId);
    else await revokeAnswers(trx, accountId, decision.revokedCommandIds, revocation(note, outcome.message));
  });
}

function plainOutcome(outcome: RefundOutcome): Parameters<typeof decideRefund>[3] {
  if (outcome.kind === 'refunded') return { kind: 'refunded' };
  return { kind: 'failed', detail: outcome.message, refundedByHandMinor: outcome.refundedByHandMinor ?? 0 };
}

function revocation({ number }: CreditNote, why: string): RefusalAnswer {
  return { code: 'refund_failed', message: `The payment provider refused the refund ${number}: ${why}` };
}
