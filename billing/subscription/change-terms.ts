import type { Period } from '../calendar/period.ts';
import type { Invoice, Line, NewTerms } from '../model/facts.ts';
import {
  changeAccount,
  changeSubscription,
  moveInvoice,
  recordAudit,
  subscriptionOf,
  type Turn,
} from '../model/turn.ts';
import { closeMeterCyclesNow } from '../invoicing/arrears.ts';
import { billAdvance } from '../invoicing/given-back.ts';
import { carryAgain, finishDrafts, issueInvoice, takePendingLines, totalOf } from '../invoicing/issue-invoice.ts';
import { adoptTerms } from './adopt-terms.ts';
import { advanceLines, unusedLines } from './advance-lines.ts';
import { packBoughtBy } from './change-pack.ts';
import { restartCycle, takeOverMeters } from './cycle.ts';

/**
 * SBI-9, CRE-18: other terms from now on. The unused part of what is paid is credited, what waits is settled on the same invoice, and a new
 * anchor begins. Where the card is charged, the terms come with the payment and not before: a card that declines costs nobody the cycle
 * that is paid. Answers the cycle that begins.
 */
export function changeTermsNow(turn: Turn, terms: NewTerms): Period {
  finishDrafts(turn);
  const changed = branchOf(turn);
  const invoiceId = changeAndInvoice(changed, terms);
  const invoice = changed.facts.liveInvoices.find((candidate) => candidate.invoiceId === invoiceId);
  const { cycle } = subscriptionOf(changed);
  if (invoice?.dueAt === null) awaitPayment(turn, changed, terms);
  else merge(turn, changed);
  return cycle;
}

function changeAndInvoice(turn: Turn, terms: NewTerms): string | null {
  const { credits, arrears } = adopt(turn, terms);
  const known = new Set(turn.facts.liveInvoices.map((invoice) => invoice.invoiceId));
  const commandId = turn.commandId ?? '';
  issueInvoice(turn, {
    purpose: 'plan-change',
    period: subscriptionOf(turn).cycle,
    cause: commandId,
    lines: [...credits, ...takePendingLines(turn), ...arrears, ...billedAdvance(turn)],
    commandIds: [commandId],
  });
  return turn.facts.liveInvoices.find((invoice) => !known.has(invoice.invoiceId))?.invoiceId ?? null;
}

/** What the new cycle costs in advance, and its account. */
function billedAdvance(turn: Turn): readonly Line[] {
  const lines = advanceLines(turn);
  billAdvance(turn, subscriptionOf(turn).cycle, totalOf(lines));
  return lines;
}

/** Seats that were to end with the cycle end now, since the cycle ends here; the credit covers every seat that was paid for. */
function adopt(turn: Turn, terms: NewTerms): { credits: readonly Line[]; arrears: readonly Line[] } {
  const credits = unusedLines(turn, subscriptionOf(turn).cycle, turn.at);
  const arrears = closeMeterCyclesNow(turn);
  adoptTerms(turn, terms);
  restartCycle(turn);
  takeOverMeters(turn);
  return { credits, arrears };
}

/** The invoice stands, the terms wait: of what the change did, only what is on the invoice has happened. */
function awaitPayment(turn: Turn, changed: Turn, terms: NewTerms): void {
  const { nextInvoiceNumber } = changed.facts.account;
  const billed = new Map(changed.facts.meterCycles.map((cycle) => [`${cycle.meter} ${cycle.start}`, cycle]));
  turn.facts = {
    ...turn.facts,
    liveInvoices: changed.facts.liveInvoices,
    pendingLines: changed.facts.pendingLines,
    meterCycles: turn.facts.meterCycles.map((cycle) => {
      const { billedOverageUnits, bill } = billed.get(`${cycle.meter} ${cycle.start}`) ?? cycle;
      const isSame = billedOverageUnits === cycle.billedOverageUnits && bill === cycle.bill;
      return isSame ? cycle : { ...cycle, billedOverageUnits, bill };
    }),
  };
  changeAccount(turn, { nextInvoiceNumber });
  changeSubscription(turn, { awaitedTerms: terms });
  turn.nextLine = changed.nextLine;
  turn.audit.push(...changed.audit.filter(({ action }) => action.startsWith('invoice.')));
}

/** What a change does to a copy: nothing of it has happened yet. */
function branchOf(turn: Turn): Turn {
  return { ...turn, notices: [], audit: [], settledInvoices: [], endedSeats: [] };
}

function merge(turn: Turn, branch: Turn): void {
  turn.facts = branch.facts;
  turn.nextLine = branch.nextLine;
  turn.notices.push(...branch.notices);
  turn.audit.push(...branch.audit);
  turn.settledInvoices.push(...branch.settledInvoices);
  turn.endedSeats.push(...branch.endedSeats);
}

/** Whether an invoice is the one that the account's new terms come with. */
export function buysTerms(turn: Turn, invoice: Invoice): boolean {
  const awaited = turn.facts.subscription?.awaitedTerms ?? null;
  return awaited !== null && invoice.purpose === 'plan-change' && packBoughtBy(invoice) === null;
}

/** Paid: the terms come, as of the change, however long the payment took. What was used since waits for the next invoice. */
export function adoptPaidTerms(turn: Turn, invoice: Invoice): void {
  const { awaitedTerms } = subscriptionOf(turn);
  if (awaitedTerms === null) return;
  // Lines of this act have ids of their own, whatever else is decided at this instant.
  const act = { ...turn, at: invoice.issuedAt, commandId: `${invoice.invoiceId} paid`, nextLine: 1 };
  const { arrears } = adopt(act, awaitedTerms);
  const { cycle } = subscriptionOf(act);
  billAdvance(act, cycle, totalOf(invoice.lines.filter(({ kind }) => kind === 'base' || kind === 'seats')));
  turn.facts = { ...act.facts, pendingLines: [...act.facts.pendingLines, ...arrears] };
}

/** Not paid: the terms that were paid for go on as if nothing had been asked, and what waited for an invoice waits again. */
export function dropAwaitedTerms(turn: Turn, invoice: Invoice): void {
  changeSubscription(turn, { awaitedTerms: null });
  carryAgain(turn, invoice, (line) => !isOfChange(line));
}

/**
 * The boundary comes first, because the payment provider did not answer for so long: the paid terms are renewed, and the change is not made.
 * @see assertNothingAwaited for what cannot come in between.
 */
export function giveUpAwaitedTerms(turn: Turn): void {
  const invoice = turn.facts.liveInvoices.find((candidate) => buysTerms(turn, candidate));
  if (invoice === undefined) return;
  moveInvoice(turn, invoice, 'void', { nextAttemptAt: null });
  recordAudit(turn, 'invoice.void', { number: invoice.number, status: invoice.status }, { status: 'void' });
  dropAwaitedTerms(turn, invoice);
}

/** The credit for the old terms and the price of the new ones. */
function isOfChange({ kind, explanation }: Line): boolean {
  return kind === 'base' || kind === 'seats' || (kind === 'credit' && explanation.rule === 'SBI-9');
}
