import type { Line } from '../model/facts.ts';
import type { Turn } from '../model/turn.ts';
import { closeMeterCycles } from './arrears.ts';
import { isCreditTakenBack, soldOf } from './given-back.ts';
import { comeToNothing, issueInvoice, takePendingLines, totalOf } from './issue-invoice.ts';

/**
 * CRE-12, CRE-13, CRE-14: what was used, captured or given back after a subscription's last invoice has no next one to go on, so it gets one of its own.
 * With a subscription it waits for the boundary, and while the last invoice is a draft it joins that.
 */
export function billAfterEnd(turn: Turn): Readonly<Record<string, unknown>> {
  const { subscription, liveInvoices } = turn.facts;
  if (subscription !== null || liveInvoices.some(({ status }) => status === 'draft')) return { totalCents: 0 };
  const arrears = closeMeterCycles(turn, turn.at);
  const lines = [...turn.facts.pendingLines, ...arrears];
  const about = lines.filter(isOfUse);
  const [first] = about;
  if (first === undefined) return { totalCents: 0 };
  if (comeToNothing(about)) {
    turn.facts = { ...turn.facts, pendingLines: lines };
    return { totalCents: 0 };
  }
  takePendingLines(turn);
  const starts = about.map(({ periodStart }) => periodStart).sort();
  const ends = about.map(({ periodEnd }) => periodEnd).sort();
  issueInvoice(turn, {
    purpose: 'final',
    period: { start: starts[0] ?? first.periodStart, end: ends.at(-1) ?? first.periodEnd },
    cause: turn.commandId ?? '',
    lines,
    isFurther: true,
  });
  return { totalCents: totalOf(lines) };
}

/** What was used or given back; a credit that is only taken back waits for a charge. */
function isOfUse(line: Line): boolean {
  return soldOf(line)?.kind === 'use' && !isCreditTakenBack(line);
}
