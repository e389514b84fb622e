import type { Instant } from '../calendar/instant.ts';
import { assertMove, type Moves } from './moves.ts';

/**
 * How far an invoice has come. `draft`: in its grace, without a number (CRE-12). `open`: to be collected. `void`: not owed, or a draft that charged
 * nothing. `uncollectible`: given up (INV-5). `carried`: too small to charge, its amount is on the next invoice (MON-6).
 */
export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible' | 'carried';

/**
 * Every legal move (INV-1, INV-4). An invoice only goes forward: a paid one that were open again would be collected twice. Money may still come for one
 * that was given up (INV-6, CRE-18). The trigger `invoices_go_forward` of the database holds the same table.
 */
export const INVOICE_STATUS_MOVES: Moves<InvoiceStatus> = {
  draft: ['open', 'paid', 'carried', 'void'],
  open: ['paid', 'void', 'uncollectible'],
  paid: [],
  void: [],
  uncollectible: ['paid'],
  carried: [],
};

/** Every invoice begins as a draft, if only for an instant. */
export const FIRST_INVOICE_STATUS = 'draft' satisfies InvoiceStatus;

/** The status after a move; a move that the table does not have throws. None stays where it is: a change that is no move does not come here. */
export function movedInvoiceStatus(from: InvoiceStatus, to: InvoiceStatus, at: Instant): InvoiceStatus {
  assertMove(INVOICE_STATUS_MOVES, { of: 'invoice status', from, to, at });
  return to;
}

/** Whether an invoice still needs something, and stays among the facts. */
export function isLiveStatus(status: InvoiceStatus): boolean {
  return status === 'draft' || status === 'open';
}
