import type { Turn } from '../facts/turn.ts';
import { closeMeterCycles } from '../invoice/arrears.ts';
import { issueInvoice, takePendingLines, totalOf } from '../invoice/issue-invoice.ts';

/**
 * CRE-12, CRE-13, CRE-14: what was used, captured or given back after a subscription's last invoice has no next one to go on, so it gets one of its own.
 * With a subscription it waits for the boundary, and while the last invoice is a draft it joins that.
 */
export function billAfterEnd(turn: Turn): Readonly<Record<string, unknown>> {
  const { subscription, liveInvoices } = turn.facts;
  if (subscription !== null || liveInvoices.some(({ status }) => status === 'draft')) return { totalCents: 0 };
  const arrears = closeMeterCycles(turn, turn.at);
  const [first] = arrears;
  if (first === undefined) return { totalCents: 0 };
  const starts = arrears.map(({ periodStart }) => periodStart).sort();
  const ends = arrears.map(({ periodEnd }) => periodEnd).sort();
  const lines = [...takePendingLines(turn), ...arrears];
  issueInvoice(turn, {
    purpose: 'final',
    period: { start: starts[0] ?? first.periodStart, end: ends.at(-1) ?? first.periodEnd },
    cause: turn.commandId ?? '',
    lines,
    isFurther: true,
  });
  return { totalCents: totalOf(lines) };
}
