import { recordAudit, type Turn } from '../model/turn.ts';
import { Refusal } from '../refusal.ts';
import type { CommandBodies } from '../model/command.ts';
import { settlePaid } from './decide-payment.ts';

/** CRE-18, INV-6: an operator says that an invoice was paid by another way than the card, a bank transfer for example; also one that was given up. */
export function recordPayment(
  turn: Turn,
  { number, reference }: CommandBodies['recordPayment'],
): Readonly<Record<string, unknown>> {
  const invoice = turn.facts.liveInvoices.find((candidate) => candidate.number === number);
  if (invoice?.status !== 'open' && invoice?.status !== 'uncollectible') {
    const open = turn.facts.liveInvoices.flatMap((other) => (other.status === 'open' ? [other.number] : []));
    throw new Refusal({
      code: 'unknown_invoice',
      message: `There is no open invoice "${number}"; ${open.length === 0 ? 'no invoice is open' : `open invoices are ${open.join(', ')}`}.`,
      field: 'number',
    });
  }
  recordAudit(turn, 'payment.recorded', null, { number, total: invoice.total, reference: reference ?? null });
  settlePaid(turn, invoice);
  return { number, status: 'paid' };
}
