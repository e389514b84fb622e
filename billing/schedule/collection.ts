import { addDays, addSeconds, type Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Invoice, Subscription } from '../model/facts.ts';

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

/** Whether an invoice charges a cycle in advance. */
export function hasAdvance({ lines }: Pick<Invoice, 'lines'>): boolean {
  return lines.some(({ kind }) => kind === 'base' || kind === 'seats');
}

/** Whether an invoice is what a subscription begins with, and is still waited for: of what was subscribed before, one may be open beside it. */
export function isFirstInvoice(subscription: Subscription | null, { purpose, periodStart }: Invoice): boolean {
  return subscription?.firstPaidAt === null && purpose === 'start' && periodStart === subscription.cycle.start;
}

/** The last try that is planned (INV-5). */
export function lastTryAt(invoice: Invoice, { graceMinutes }: Pick<Catalog, 'graceMinutes'>): Instant {
  return addDays(triedFrom(invoice, graceMinutes), LAST_RETRY_DAY);
}

/** Until when an advance whose last try has failed may still be paid (INV-5): so many days after that try. */
export function recoveryEnd(invoice: Invoice, catalog: Pick<Catalog, 'recoveryDays' | 'graceMinutes'>): Instant {
  return addDays(lastTryAt(invoice, catalog), catalog.recoveryDays);
}

/**
 * From where the tries to collect are counted (INV-5): the invoice's date, or when it was due; where it waited for late use for a day or longer, from
 * the end of that, so that there are tries at all.
 */
export function triedFrom(
  { purpose, issuedAt, dueAt }: Pick<Invoice, 'purpose' | 'issuedAt' | 'dueAt'>,
  graceMinutes: number,
): Instant {
  if (dueAt !== null) return dueAt;
  const mayWait = purpose === 'cycle' || purpose === 'final';
  return mayWait && graceMinutes >= 1440 ? addSeconds(issuedAt, graceMinutes * 60) : issuedAt;
}

/** INV-5: days after the invoice was issued, or was due, on which a failed payment is tried again. */
export const RETRY_DAYS: readonly number[] = [1, 3, 5, 7];
const LAST_RETRY_DAY = 7;
