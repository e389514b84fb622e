import { latest } from '../calendar/instant.ts';
import type { Invoice, Line } from '../model/facts.ts';
import { changeAccount, giveNotice, moveTo, recordAudit, type Turn } from '../model/turn.ts';
import { closeMeterCycles, closeMeterCyclesNow } from '../invoicing/arrears.ts';
import { isFirstInvoice } from '../schedule/collection.ts';
import {
  finishDraft,
  giveUpExhausted,
  invoiceIdOf,
  issueInvoice,
  takePendingLines,
  voidInvoice,
} from '../invoicing/issue-invoice.ts';
import { giveUpAwaitedTerms } from './change-terms.ts';
import { dropSubscription } from './cycle.ts';

/**
 * Closing settles at once and for good: what was used and not billed yet is on one final invoice, too small an amount is written off
 * (MON-6), nothing that was paid in advance comes back (cancelling lets it run to its end, CRE-19), and no late usage is waited for.
 * Members stay as they are: they can read, and nothing else.
 */
export function closeAccount(turn: Turn): Readonly<Record<string, unknown>> {
  giveUpAwaitedTerms(turn);
  for (const invoice of turn.facts.liveInvoices) endInvoice(turn, invoice);
  giveUpExhausted(turn);
  const final = issueFinal(turn);
  const { account, subscription } = turn.facts;
  if (subscription !== null) dropSubscription(turn);
  const { phase } = account;
  changeAccount(turn, { closedAt: turn.at });
  moveTo(turn, 'canceled');
  recordAudit(turn, 'account.closed', { phase, closedAt: null }, { phase: 'canceled', closedAt: turn.at });
  const { number, total } = final ?? { number: null, total: 0 };
  giveNotice(turn, 'account_closed', { finalInvoice: number, total });
  return { closedAt: turn.at, finalInvoice: number, total };
}

/**
 * A draft is issued without the rest of its grace. What is open stays owed and is tried to its end; what was tried to its end is given up,
 * and a first invoice is void: nothing was delivered for it.
 */
function endInvoice(turn: Turn, invoice: Invoice): void {
  if (invoice.status === 'draft') {
    finishDraft(turn, invoice.invoiceId);
    return;
  }
  // With an invoice that is due later (CRE-18) service was given from the start on.
  if (isFirstInvoice(turn.facts.subscription, invoice)) voidInvoice(turn, invoice);
}

function issueFinal(turn: Turn): Invoice | null {
  const arrears = closeAllMeterCycles(turn);
  const lines = [...takePendingLines(turn), ...arrears];
  const { account, subscription } = turn.facts;
  // One that is only scheduled has had no cycle yet.
  const cycle = subscription === null || subscription.state === 'scheduled' ? null : subscription.cycle;
  const start = cycle?.start ?? lines.map((line) => line.periodStart).sort()[0] ?? account.signedUpAt;
  const request = {
    purpose: 'final' as const,
    period: { start, end: turn.at },
    cause: turn.commandId ?? '',
    lines,
  };
  issueInvoice(turn, request);
  const invoiceId = invoiceIdOf(account.accountId, request);
  const made = [...turn.facts.liveInvoices, ...turn.settledInvoices];
  return made.find((invoice) => invoice.invoiceId === invoiceId) ?? null;
}

/** Also what began this very instant: nothing comes after. */
function closeAllMeterCycles(turn: Turn): readonly Line[] {
  const cutShort = closeMeterCyclesNow(turn);
  const lastEnd = latest(turn.at, ...turn.facts.meterCycles.map((cycle) => cycle.end));
  return [...cutShort, ...closeMeterCycles(turn, lastEnd)];
}
