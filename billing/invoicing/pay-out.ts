import { formatAmount } from '../money/currency.ts';
import { makeLine, recordAudit, type Turn } from '../model/turn.ts';
import { finishDrafts, issueInvoice, takePendingLines, totalOf } from './issue-invoice.ts';
import { Refusal } from '../refusal.ts';
import type { CommandBodies } from '../model/command.ts';

/**
 * MON-6: after the end nothing comes that what is owed to a customer could be set off against, so an operator pays it out, by bank transfer for
 * example, and says so. It is on an invoice that sums to 0.
 */
export function payOut(turn: Turn, { reference }: CommandBodies['payOut']): Readonly<Record<string, unknown>> {
  // A draft is issued first, and takes its part of what is owed (MON-6, INV-1).
  finishDrafts(turn);
  const { account, subscription, pendingLines } = turn.facts;
  const owed = -totalOf(pendingLines);
  if (subscription !== null || owed <= 0) {
    const why =
      subscription === null
        ? 'The customer has no credit balance to pay out.'
        : 'The credit balance is applied to the next charge. End the subscription first to pay it out.';
    throw new Refusal({ code: 'no_change', message: why });
  }
  const starts = pendingLines.map(({ periodStart }) => periodStart).sort();
  const period = { start: starts[0] ?? turn.at, end: turn.at };
  const paidOut = makeLine(turn, {
    kind: 'adjustment',
    quantity: 1,
    amount: owed,
    periodStart: period.start,
    periodEnd: period.end,
    description: `Credit balance paid out${reference === undefined ? '' : `: ${reference}`}`,
    explanation: {
      rule: 'MON-6',
      formula: '−(credit balance)',
      inputs: { waitingCents: -owed, ...(reference === undefined ? {} : { reference }) },
    },
  });
  const before = { waiting: formatAmount(-owed, account.currency) };
  issueInvoice(turn, {
    purpose: 'final',
    period,
    cause: turn.commandId ?? '',
    lines: [...takePendingLines(turn), paidOut],
    isFurther: true,
  });
  recordAudit(turn, 'credit.paid_out', before, { total: owed, reference: reference ?? null });
  return { paidOutCents: owed };
}
