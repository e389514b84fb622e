import type { Invoice } from '../model/facts.ts';
import { changeInvoice, recordAudit, type Turn } from '../model/turn.ts';
import { isOverdue } from '../schedule/collection.ts';
import { invoiceNumber } from '../invoicing/issue-invoice.ts';
import { formatInstant } from '../calendar/instant.ts';
import { Refusal } from '../refusal.ts';
import type { CommandBodies } from '../model/command.ts';

/**
 * An admin has an open invoice tried at once (INV-6), as after a new card. The tries that are planned stay as they are (INV-5); when this
 * one fails, the command's answer is a refusal.
 */
export function payInvoiceNow(turn: Turn, { number }: CommandBodies['payInvoice']): Readonly<Record<string, unknown>> {
  const invoice = openInvoice(turn, number);
  const commandIds = turn.commandId === null ? invoice.commandIds : [...invoice.commandIds, turn.commandId];
  changeInvoice(turn, invoice, { nextAttemptAt: turn.at, commandIds });
  const { nextAttemptAt: before } = invoice;
  recordAudit(turn, 'payment.requested', { number, nextAttemptAt: before }, { number, nextAttemptAt: turn.at });
  return { number, total: invoice.total };
}

function openInvoice(turn: Turn, number: string): Invoice {
  const invoice = turn.facts.liveInvoices.find((candidate) => candidate.number === number);
  if (invoice === undefined) {
    const wasIssued = isIssued(turn, number);
    const message = wasIssued ? `Invoice ${number} is not open.` : `There is no invoice "${number}".`;
    throw new Refusal({ code: wasIssued ? 'invoice_not_open' : 'unknown_invoice', message, field: 'number' });
  }
  if (isOverdue(invoice)) return invoice;
  const due = invoice.dueAt === null ? '' : ` and is due on ${formatInstant(invoice.dueAt)}`;
  const message = `Invoice ${number} was sent to the customer${due}. It is paid through the link on the invoice.`;
  throw new Refusal({ code: 'no_change', message, field: 'number' });
}

/** Settled invoices are not among the facts; their numbers have no gaps (INV-1). */
function isIssued({ facts: { account } }: Turn, number: string): boolean {
  const sequence = Number(/-(\d+)$/.exec(number)?.[1] ?? 0);
  return sequence < account.nextInvoiceNumber && number === invoiceNumber(account.accountId, sequence);
}
