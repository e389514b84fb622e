import type { Instant } from '../calendar/instant.ts';
import type { Invoice } from '../facts/facts.ts';

/**
 * What an open invoice needs when its instant comes. `charge`: the card, now. Who agreed to be sent invoices (CRE-18) gets it (`send`) and has
 * until it is due; then it is looked at once more (`look`), and what is not paid by then is collected like any other.
 */
export function collectionStep({ dueAt, attempts }: Pick<Invoice, 'dueAt' | 'attempts'>, at: Instant): CollectionStep {
  if (dueAt === null || attempts > 0) return 'charge';
  return at < dueAt ? 'send' : 'look';
}

/** Whether a command's doing is on an invoice: it bought what is on it, asked for it to be paid, or is what the invoice is named by. */
export function isCausedBy(
  { invoiceId, commandIds }: Pick<Invoice, 'invoiceId' | 'commandIds'>,
  commandId: string,
): boolean {
  return commandIds.includes(commandId) || invoiceId.endsWith(`/${commandId}`);
}

export type CollectionStep = 'send' | 'look' | 'charge';

/** Whether money is missing: an invoice that was sent and is not due yet is open, but owed by nobody so far. */
export function isOverdue({ status, dueAt, attempts }: Pick<Invoice, 'status' | 'dueAt' | 'attempts'>): boolean {
  return status === 'open' && (dueAt === null || attempts > 0);
}
