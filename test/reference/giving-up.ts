import type { AccountState, Invoice, Subscription } from './account-state.ts';

/** Tried as often as was planned, in vain. */
export function isExhausted(invoice: Invoice): boolean {
  return invoice.status === 'open' && invoice.isFailed && invoice.nextTryAt === null;
}

export function voided(invoice: Invoice): void {
  invoice.status = 'void';
  invoice.isFailed = false;
  invoice.nextTryAt = null;
}

const USED: ReadonlySet<string> = new Set(['overage', 'adjustment', 'proration']);

/** INV-5: an advance alone was not delivered, and is void; what was used, or agreed to be due later, is uncollectible. */
export function giveUp(invoice: Invoice): void {
  const hasUse = invoice.lines.some(({ kind, amount }) => amount > 0 && USED.has(kind));
  const isAdvanceAlone = invoice.advance !== null && !hasUse && invoice.dueAt === null;
  if (isAdvanceAlone) voided(invoice);
  else uncollectible(invoice);
}

export function uncollectible(invoice: Invoice): void {
  voided(invoice);
  invoice.status = 'uncollectible';
}

/** What is open and was tried to the end is given up with the subscription, where that was served to its end visibly; what is not due yet is not. */
export function giveUpWith(state: AccountState, subscription: Subscription, isServed: boolean): void {
  for (const invoice of state.invoices) {
    const isFirst = invoice.index === subscription.firstInvoice && !subscription.isFirstPaid;
    if (isFirst && invoice.status === 'open') voided(invoice);
    else if (isExhausted(invoice) && isServed) uncollectible(invoice);
    else if (isExhausted(invoice)) giveUp(invoice);
  }
}
