import { type Instant, latest } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Facts } from '../model/facts.ts';
import { beginTurn, changeAccount, giveNotice, recordAudit } from '../model/turn.ts';
import { countAsGiven } from './credit-invoice.ts';
import { type Decision, endTurn } from '../schedule/decision.ts';

/** How giving money back ended at the payment provider. */
export type RefundOutcome =
  | { readonly kind: 'refunded' }
  | {
      readonly kind: 'failed';
      readonly detail: string;
      /** What the provider had given back of the invoice by hand, in minor units. */
      readonly refundedByHandMinor: number;
    };

/** What a refund, or its refusal, changes (INV-7). One that failed gave nothing back, so what it was for can be credited again. */
export function decideRefund(
  facts: Facts,
  catalog: Catalog,
  creditNoteId: string,
  outcome: RefundOutcome,
  dueAt: Instant,
): Decision {
  // One that was made beside the queue (Stripe did not answer at first) may come after later commands.
  const at = latest(dueAt, facts.account.settledThrough);
  const turn = beginTurn(facts, catalog, { at, actor: 'perennial', commandId: null });
  const note = facts.pendingCreditNotes.find((candidate) => candidate.creditNoteId === creditNoteId);
  if (note === undefined) return endTurn(turn, facts);
  changeAccount(turn, { settledThrough: at });
  const status = outcome.kind;
  turn.facts = { ...turn.facts, pendingCreditNotes: facts.pendingCreditNotes.filter((other) => other !== note) };
  const refundedByHandMinor = outcome.kind === 'failed' ? Math.min(note.total, outcome.refundedByHandMinor) : 0;
  const settled = { ...note, status, refundedByHandMinor };
  turn.settledCreditNotes.push(settled);
  if (outcome.kind === 'failed') {
    // As if it had not been made, but for what went back by hand.
    countAsGiven(turn, note, -1);
    countAsGiven(turn, settled, 1);
  }
  const detail = outcome.kind === 'failed' ? { detail: outcome.detail } : {};
  recordAudit(turn, `credit_note.${status}`, { number: note.number, status: note.status }, { status, ...detail });
  if (outcome.kind === 'failed')
    giveNotice(turn, 'refund_failed', { number: note.number, total: note.total, ...detail });
  return endTurn(turn, facts, {}, outcome.kind === 'failed' ? [note.commandId] : []);
}
